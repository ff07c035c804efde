"""What `verify` sends to OpenRouter, and which refusals it expects."""

from datetime import UTC, datetime

import pytest
from pydantic import SecretStr

from openrouter_provider.operations.secret_values import may_be_sent
from openrouter_provider.operations.stacks import DeployedService
from openrouter_provider.operations.verify import is_meant_to_be_refused, verify_service

LABEL = "sk-or-v1-0e6...1c96"
NOW = datetime(2027, 1, 1, tzinfo=UTC)


def service(*, disabled: bool = False, expires_at: str | None = None) -> DeployedService:
    """Return a deployed service."""
    return DeployedService("checkout", "h", "n", LABEL, "arn", "s", disabled=disabled, expires_at=expires_at)


@pytest.mark.parametrize(
    ("value", "sent"),
    [("sk-or-" + "x", True), ("k-" + "abc-1c96", False), ("hunter2 of the database", False), ("", False)],
)
def test_only_what_looks_like_a_key_is_sent(value: str, sent: bool) -> None:
    """A value that is no OpenRouter key stays here."""
    assert may_be_sent(SecretStr(value), LABEL) is sent


def test_a_key_of_another_form_is_known_by_its_label() -> None:
    """A key whose label masks it may be sent, whatever it starts with."""
    assert may_be_sent(SecretStr("ab-secret-yz"), "ab-...-yz")


def test_a_foreign_value_is_a_finding_that_does_not_quote_it() -> None:
    """What somebody else put into the secret is said to be no key, and no call is made."""
    found = verify_service(service(), "https://127.0.0.1:9/api/v1", lambda _arn: SecretStr("hunter2 of the database"))
    assert "is no OpenRouter key" in found.findings[0]
    assert "hunter2" not in repr(found)


@pytest.mark.parametrize(
    ("deployed", "meant"),
    [
        (service(), False),
        (service(disabled=True), True),
        (service(expires_at="2026-12-31T00:00:00Z"), True),
        (service(expires_at="2027-12-31T00:00:00Z"), False),
    ],
)
def test_a_refusal_that_the_program_wishes_is_none(deployed: DeployedService, meant: bool) -> None:
    """A disabled or expired service's key is refused as it should be."""
    assert is_meant_to_be_refused(deployed, NOW) is meant
