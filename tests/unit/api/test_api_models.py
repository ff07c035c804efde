"""The wire's objects, and the names the package offers."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from pydantic import ValidationError

from openrouter_provider.api import errors
from openrouter_provider.api.errors import OpenRouterError
from openrouter_provider.api.models import CreateKeyRequest, CurrentKey, KeyRecord, wire_time
from tests.unit.api_fixtures import CANARY

ROOT = Path(__file__).parents[3]
NEW_YEAR = "2026-01-01T00:00:00Z"


def test_every_error_is_drawn() -> None:
    """The tree in the docstring of errors names every class."""

    def below(kind: type[OpenRouterError]) -> set[str]:
        return {kind.__name__}.union(*(below(child) for child in kind.__subclasses__()))

    names = {name for name in below(OpenRouterError) if hasattr(errors, name)}
    assert all(name in (errors.__doc__ or "") for name in names)
    assert len(names) == 13


def test_floor_is_light() -> None:
    """The HTTP edge itself imports none of the heavy packages of the floors above."""
    # rich isn't among them: httpx imports its own command line, and with it rich, wherever that is installed.
    script = (
        "import sys, types; package = types.ModuleType('openrouter_provider'); "
        "package.__path__ = ['openrouter_provider']; sys.modules['openrouter_provider'] = package; "
        "import openrouter_provider.api; "
        "print([name for name in ('typer', 'boto3', 'pulumi') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_request_body() -> None:
    """A request leaves out what is absent and writes instants in UTC to the second."""
    instant = datetime(2027, 1, 1, 1, 0, 0, 999, tzinfo=timezone(timedelta(hours=2)))
    assert CreateKeyRequest(name="n").body() == {"name": "n"}
    body = CreateKeyRequest(name="n", limit=0, include_byok_in_limit=False, expires_at=instant).body()
    assert body == {"name": "n", "limit": 0, "include_byok_in_limit": False, "expires_at": "2026-12-31T23:00:00Z"}


@pytest.mark.parametrize(
    "text",
    [
        "2026-01-02T03:04:05Z",
        "2026-01-02T03:04:05.000+00:00",
        "2026-01-02T03:04:05.000000000Z",
        "2026-01-02T05:04:05+0200",
        "2026-01-02 03:04:05+00",
        "2026-01-02T03:04:05",
    ],
)
def test_instants(text: str) -> None:
    """The API's ways to write an instant mean the same."""
    facts = {"hash": "h", "name": "n", "label": "l", "disabled": False, "limit": None, "created_at": text}
    record = KeyRecord.model_validate(facts)
    assert record.created_at == datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert wire_time(record.created_at) == "2026-01-02T03:04:05Z"


def test_null_counters() -> None:
    """Null where there is a default is as good as nothing; where a value is needed it is refused."""
    facts = {"hash": "h", "name": "n", "label": "l", "disabled": False, "limit": None, "created_at": NEW_YEAR}
    nulls = dict.fromkeys(("usage", "usage_daily", "byok_usage", "include_byok_in_limit", "updated_at"))
    record = KeyRecord.model_validate(facts | nulls)
    assert (record.never_used, record.include_byok_in_limit, record.limit) == (True, False, None)
    with pytest.raises(ValidationError, match="disabled"):
        KeyRecord.model_validate(facts | {"disabled": None})


def test_values_stay_out_of_errors() -> None:
    """A validation error doesn't show what it refused."""
    with pytest.raises(ValidationError) as caught:
        KeyRecord.model_validate({"hash": CANARY + "/", "created_at": CANARY})
    assert CANARY not in str(caught.value)


@pytest.mark.parametrize("field", ["is_management_key", "is_provisioning_key"])
def test_management_key_by_either_name(field: str) -> None:
    """A management key is known by the newer and by the older field."""
    assert CurrentKey.model_validate({"label": "l", field: True}).is_management_key
