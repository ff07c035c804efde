"""What each service spent: the numbers, and their tables, JSON and CSV."""

import csv
import io
import json
from datetime import timedelta
from typing import Any

import pytest

from openrouter_provider.operations.report.compiling import compile_report, service_usage
from openrouter_provider.operations.report.exports import as_csv, as_json
from openrouter_provider.operations.report.figures import AccountCredits, Level, UsageReport, attention, level
from openrouter_provider.operations.report.limits import percent_spent, spent_usd
from openrouter_provider.operations.report.text import as_table, credits_line
from openrouter_provider.operations.report.timeline import timeline
from openrouter_provider.operations.tables import after_lines, tab_separated
from tests.unit.api_fixtures import Server, Spoiler, before
from tests.unit.report_fixtures import HOSTILE, NOW, deployed, every_kind_of_report, record, stack_of


@pytest.mark.parametrize(
    ("fields", "spent"),
    [
        ({"limit": None, "usage": 3}, None),
        ({"limit": 10, "limit_remaining": 4, "usage": 99}, 6),
        ({"limit": 10, "limit_remaining": -1}, 11),
        ({"limit": 10, "usage": 7, "usage_daily": 1}, 7),
        ({"limit": 10, "limit_reset": "daily", "usage": 7, "usage_daily": 1}, 1),
        ({"limit": 10, "limit_reset": "weekly", "usage_weekly": 2}, 2),
        ({"limit": 10, "limit_reset": "monthly", "usage_monthly": 3, "byok_usage_monthly": 4}, 3),
        (
            {
                "limit": 10,
                "limit_reset": "monthly",
                "usage_monthly": 3,
                "byok_usage_monthly": 4,
                "include_byok_in_limit": True,
            },
            7,
        ),
    ],
)
def test_what_counts_against_the_limit(fields: dict[str, Any], spent: float | None) -> None:
    """The API's remainder decides; without it, the counter of the limit's own period."""
    assert spent_usd(record(**fields)) == spent


@pytest.mark.parametrize(
    ("spent", "limit", "percent", "expected"),
    [
        (None, None, None, Level.UNLIMITED),
        (0, 10, 0, Level.OK),
        (7.99, 10, 79.9, Level.OK),
        (8, 10, 80, Level.HIGH),
        (9.99, 10, 99.9, Level.HIGH),
        (10, 10, 100, Level.FULL),
        (12.5, 10, 125, Level.FULL),
        (0, 0, 100, Level.FULL),
    ],
)
def test_percentage_and_level(spent: float | None, limit: float | None, percent: float | None, expected: Level) -> None:
    """High begins at 80 percent, used up at 100, and a limit of 0 is used up."""
    assert percent_spent(spent, limit) == percent
    assert level(percent) is expected


WORKS: Spoiler = lambda _request, work: work()  # noqa: E731 - one of a list of answers
LISTED: tuple[Spoiler, ...] = (WORKS, WORKS)
"""The page of the listing, and the look whether it was the last one."""


def test_a_stack_is_read_with_one_listing() -> None:
    """However many services there are, one listing, a look at the guardrails and one at the credits answer for all."""
    server = Server()
    hashes = [server.add(f"acme/dev/s{number}-1a2b3c4", limit=10) for number in range(40)]
    credits_told = before(200, {"data": {"total_credits": 9, "total_usage": 2}})
    server.spoil("GET", *LISTED, WORKS, credits_told)
    stack = stack_of(*(deployed(f"s{number}", hash_) for number, hash_ in enumerate(hashes)))
    report = compile_report(stack, server.client(), NOW)
    assert server.count("GET") == 4
    assert len(report.services) == 40
    assert report.credits == AccountCredits(9, 2, 7)


@pytest.mark.parametrize("status", [401, 403, 404])
def test_credits_that_may_not_be_asked_for_are_a_dash(status: int) -> None:
    """A credential without the right to see credits still gets its report."""
    server = Server()
    refusal = before(status, {"error": {"code": status, "message": "no"}})
    server.spoil("GET", *LISTED, WORKS, refusal)
    report = compile_report(stack_of(deployed("checkout", server.add("a"))), server.client(), NOW)
    assert report.credits is None
    assert credits_line(report) == "account credits: -"


def test_a_key_that_is_gone_has_a_row() -> None:
    """A service whose key the account doesn't have is shown as such, with its rotation from the state."""
    usage = service_usage(deployed("checkout", rotated_at="2027-01-01T00:00:00Z"), None, NOW)
    assert (usage.level, usage.total_usd, usage.rotated_at) == (Level.GONE, None, "2027-01-01T00:00:00Z")


def test_a_key_whose_time_is_over_is_marked_and_looked_at_first() -> None:
    """An expired key is shown as such, whatever it spent; one whose end is ahead is not."""
    over, ahead = (
        service_usage(deployed("a"), record("a", limit=10, usage=1, expires_at=at), NOW)
        for at in ("2027-02-10T11:00:00Z", "2027-02-10T13:00:00Z")
    )
    assert (over.level, ahead.level) == (Level.EXPIRED, Level.OK)
    assert attention([ahead, over]) == [over]
    report = UsageReport("dev", "2027-02-10T12:00:00Z", None, (over,))
    assert "expired 2027-02-10" in tab_separated([as_table(report)])


def test_age_counts_whole_days_and_is_never_negative() -> None:
    """A key made in the future of a rehearsed clock is 0 days old."""
    assert service_usage(deployed("a"), record("a"), NOW).age_days == 40
    assert service_usage(deployed("a"), record("a"), NOW - timedelta(days=400)).age_days == 0


@pytest.mark.parametrize(
    ("due", "expected", "overdue"),
    [
        ("2027-03-22T12:00:00Z", (0.0, 0.5031, 1.0), False),
        ("2027-01-21T00:00:00Z", (0.0, 1.0, 0.4938), True),
    ],
)
def test_timeline(due: str, expected: tuple[float, ...], overdue: bool) -> None:
    """The line ends with the next rotation, or with the present once that is overdue."""
    usage = service_usage(deployed("a", rotated_at="2027-01-01T00:00:00Z", next_rotation_at=due), record("a"), NOW)
    found = timeline(usage, NOW)
    assert found is not None
    assert (found.start, found.now, found.due) == expected
    assert found.overdue is overdue


def test_attention_begins_with_what_is_worst() -> None:
    """Keys that are gone come first, then limits by how far they are spent; the rest is left out."""
    assert [usage.level for usage in attention(every_kind_of_report().services)] == [Level.GONE, Level.FULL, Level.HIGH]


def test_the_table_has_a_line_for_each_service_and_no_control_characters() -> None:
    """Names can't move the cursor, and each service is there."""
    listing = as_table(every_kind_of_report())
    table = tab_separated([listing]) + "".join(after_lines([listing]))
    assert "\x1b" not in table
    assert "\u202e" not in table
    assert all(word in table for word in ("checkout", "125 %", "no such key", "overdue", "$376.55"))


def test_json_has_the_whole_report() -> None:
    """JSON has every row under the fields' names."""
    parsed = json.loads(as_json(every_kind_of_report()))
    assert len(parsed["services"]) == 7
    assert parsed["services"][1]["percent"] == 125.0
    assert parsed["totals"]["total_usd"] == 44.1


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@a"])
def test_no_csv_cell_is_a_formula(name: str) -> None:
    """A name that a spreadsheet would calculate is quoted; numbers stay numbers."""
    report = every_kind_of_report()
    usage = service_usage(deployed("a"), record("a", name=name, limit=1, limit_remaining=-2), NOW)
    (row,) = csv.DictReader(io.StringIO(as_csv(type(report)("dev", report.at, None, (usage,)))))
    assert row["key_name"] == f"'{name}"
    assert row["remaining_usd"] == "-2.0"


def test_csv_keeps_a_line_a_service() -> None:
    """No name breaks a line."""
    lines = as_csv(every_kind_of_report()).splitlines()
    assert len(lines) == 8
    assert HOSTILE not in "".join(lines)
