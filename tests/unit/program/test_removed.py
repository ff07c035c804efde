"""Which services a program is about to remove, and what is said of them."""

from datetime import UTC, datetime
from typing import Any

import pytest

from openrouter_provider.api.errors import NotFound, ServerError
from openrouter_provider.api.models import KeyRecord
from openrouter_provider.program.removed import lines_of, protected, removed, use_of
from tests.unit.report_fixtures import record

MONDAY, FRIDAY = datetime(2027, 3, 1, 12, tzinfo=UTC), datetime(2027, 3, 5, 12, tzinfo=UTC)
SPENT = "it spent $0.00 this week and $3.00 this month"


@pytest.mark.parametrize(
    ("declared", "aliases", "gone"),
    [
        (["checkout", "search"], [], []),
        (["checkout"], [], ["search"]),
        (["checkout", "find"], ["search"], []),
        ([], ["checkout"], ["search"]),
        (["new"], [], ["checkout", "search"]),
    ],
)
def test_what_goes_is_neither_declared_nor_renamed(declared: list[str], aliases: list[str], gone: list[str]) -> None:
    """A service goes where the config has neither it nor its name as another's alias."""
    assert list(removed({"checkout": {}, "search": {}}, declared, aliases)) == gone


def test_only_what_was_protected_is_refused() -> None:
    """Each has one line with its path and the way on."""
    found = list(protected({"a.b": {"protect": True}, "search": {"protect": False}, "bot": {}}))
    assert [problem.path for problem in found] == ['services["a.b"]']
    assert "set protect: false and run `pulumi up` first" in found[0].what


@pytest.mark.parametrize(
    ("now", "fields", "said"),
    [
        (FRIDAY, {}, None),
        (FRIDAY, {"usage": 90, "usage_monthly": 3}, None),
        (MONDAY, {"usage": 90, "usage_monthly": 3}, SPENT),
        (FRIDAY, {"usage": 3, "usage_weekly": 2, "usage_monthly": 3}, "it spent $2.00 this week and $3.00 this month"),
        (FRIDAY, {"byok_usage": 3, "byok_usage_daily": 3, "byok_usage_monthly": 3}, SPENT),
        (
            FRIDAY,
            {"usage": 90, "usage_monthly": 3, "last_used_at": "2027-03-04T00:00:00Z"},
            f"{SPENT}; its last call was at 2027-03-04T00:00:00Z",
        ),
        (FRIDAY, {"usage": 90, "usage_monthly": 3, "last_used_at": "2027-02-25T00:00:00Z"}, None),
    ],
)
def test_a_key_was_used_by_its_counters_or_its_last_call(
    now: datetime, fields: dict[str, Any], said: str | None
) -> None:
    """The week counts, and early in a week the month; a call of the last seven days counts where it is told."""
    assert use_of(record("checkout", **{"usage": 0, **NOTHING, **fields}), now) == said


NOTHING = {f"{kind}_{window}": 0 for kind in ("usage", "byok_usage") for window in ("daily", "weekly", "monthly")}


def test_what_could_not_be_asked_is_said() -> None:
    """A key that is gone or was not used is no warning; one that nobody can tell of is."""

    def look(hash_: str) -> KeyRecord:
        if hash_ == "gone":
            raise NotFound(404, "GET", "/keys/gone", None, "no such key")
        if hash_ == "away":
            raise ServerError(503, "GET", "/keys/away", None, "it is away")
        return record("checkout", usage=2, usage_weekly=2 if hash_ == "used" else 0, usage_monthly=2)

    gone = {name: {"keyHash": name} for name in ("gone", "away", "used", "idle")} | {"unfinished": {}}
    found = list(lines_of(gone, look, FRIDAY))
    assert [line.partition(":")[0] for line in found] == ["away", "used"]
    assert "could not be asked" in found[0]
    assert "its key was used lately: it spent $2.00 this week" in found[1]
