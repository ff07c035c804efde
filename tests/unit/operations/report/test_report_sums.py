"""What a service spent is what all its keys spent, and what limits it is the limit that blocks first."""

import json
from dataclasses import replace
from typing import Any

import pytest

from openrouter_provider.api.guardrails import GuardrailRecord
from openrouter_provider.api.models import CurrentKey
from openrouter_provider.api.workspaces import BudgetRecord
from openrouter_provider.config.stack import parse_stack_config
from openrouter_provider.keys.spent import spent_of
from openrouter_provider.operations.blocking import Blocking, blocking_text, first_of, of_budget
from openrouter_provider.operations.each_stack import StackAnswer
from openrouter_provider.operations.report.compiling import compile_report, service_usage
from openrouter_provider.operations.report.exports import as_csv, as_json, as_markdown
from openrouter_provider.operations.report.figures import Totals, UsageReport
from openrouter_provider.operations.report.limits import OuterLimits, SpentBudget, blocks_first
from openrouter_provider.operations.report.page import as_html
from openrouter_provider.operations.report.several import joined, written
from openrouter_provider.operations.report.sums import Sums, sums_of
from openrouter_provider.operations.report.text import as_table, total_cells
from openrouter_provider.operations.stack.past_keys import PastKeys, past_keys
from tests.unit.api_fixtures import Server
from tests.unit.report_fixtures import NOW, deployed, record, stack_of

URN = "urn:pulumi:dev::openrouter-keys::x::"
THIS_MONTH, LAST_MONTH = "2027-02-01T10:00:00Z", "2027-01-31T10:00:00Z"


def spent(read_at: str = THIS_MONTH, **fields: Any) -> dict[str, Any]:
    """Return what a state kept of deleted keys."""
    known = {"keys": 2, "unknown": 0, "total": 7.0, "daily": 0.5, "weekly": 1.0, "monthly": 3.0, "read_at": read_at}
    return {**known, **fields}


def usage(total: float, month: float = 0.0) -> dict[str, float]:
    """Return a key's counters."""
    return {"usage": total, "usage_monthly": month, "usage_weekly": month, "usage_daily": month}


def sums(past: PastKeys, generation: int = 4, *missing: str) -> Sums:
    """Return the sums of a service that has a key, a superseded one, and these past keys."""
    records = {"new": record(hash="new", **usage(1, 1)), "old": record(hash="old", **usage(20, 2))}
    kept = {hash_: found for hash_, found in records.items() if hash_ not in missing}
    return sums_of(deployed("a", "new", generation=generation), kept, {"a": past}, NOW)


def test_a_service_s_usage_is_the_sum_over_its_keys() -> None:
    """The current key, the superseded one, and what the state kept of the deleted ones."""
    found = sums(PastKeys(("old",), spent_of(spent())))
    assert found == Sums(3.0, 3.0, 6.0, 28.0, 1, 2, 0, 27.0)


def test_what_was_spent_in_another_month_counts_in_the_total_alone() -> None:
    """A deleted key's month ends with the month in which it was read."""
    found = sums(PastKeys(("old",), spent_of(spent(LAST_MONTH))))
    assert (found.month_usd, found.total_usd) == (3.0, 28.0)


@pytest.mark.parametrize(
    ("past", "generation", "missing", "uncounted"),
    [
        (PastKeys(), 1, (), 0),
        (PastKeys(), 3, (), 2),
        (PastKeys(("old",)), 2, (), 0),
        (PastKeys(("old",)), 2, ("old",), 1),
        (PastKeys(("old",), spent_of(spent())), 4, (), 0),
        (PastKeys(("old",), spent_of(spent(unknown=1))), 5, (), 1),
        (PastKeys(), 1, ("new",), 1),
    ],
)
def test_keys_of_which_nobody_knows_are_counted(
    past: PastKeys, generation: int, missing: tuple[str, ...], uncounted: int
) -> None:
    """A key that was deleted by hand, or before what it spent was kept, is said to be missing in the sums."""
    assert sums(past, generation, *missing).uncounted_keys == uncounted


def test_the_state_tells_of_past_keys() -> None:
    """Superseded keys that are not deleted, what was kept, and a current key that was lost since."""
    state = {
        "deployment": {
            "resources": [
                resource("ApiKey", "a", hash="new", superseded=[{"hash": "old"}, {"hash": "older"}]),
                resource(
                    "SupersededKeys",
                    "a",
                    current="new",
                    keys=[{"hash": "old", "state": "bound"}, {"hash": "older", "state": "deleted"}],
                    spent=spent(),
                ),
                resource("ApiKey", "b", hash="healed"),
                resource("SupersededKeys", "b", current="lost", keys=[]),
                resource("ApiKey", "c", hash="c1"),
            ]
        }
    }
    found = past_keys(state)
    assert found["a"] == PastKeys(("old",), spent_of(spent()))
    assert (found["b"].spent.unknown, found["c"]) == (1, PastKeys())
    assert past_keys({}) == {}


def resource(kind: str, service: str, **outputs: Any) -> dict[str, Any]:
    """Return a resource as an exported state has it."""
    return {"type": f"pulumi-python:dynamic/openrouter:{kind}", "urn": f"{URN}{service}", "outputs": outputs}


def of_three() -> UsageReport:
    """Return a report of three services, the last of which spent most this month."""
    known = [("a", usage(900, 0)), ("b", usage(5, 5)), ("c", usage(50, 40))]
    rows = [service_usage(deployed(name), record(name, limit=60, **spent), NOW) for name, spent in known]
    untold = service_usage(deployed("d"), record("d"), NOW, Sums(0, 0, 0, 2.5, uncounted_keys=3, earlier_usd=2.5))
    return UsageReport("dev", "2027-02-10T12:00:00Z", None, (*rows, untold))


def test_the_top_spender_comes_first_and_the_sums_last() -> None:
    """Services stand by what they spent this month, then in total; every form has the row of sums but CSV."""
    report = of_three()
    assert [each.service for each in report.services] == ["c", "b", "a", "d"]
    assert report.totals == Totals(45.0, 45.0, 45.0, 957.5, 3)
    table, markdown, page = as_table(report), as_markdown(report), as_html(report)
    assert "≥ $957.50" in table.total
    assert "| **total** | **$45.00** |" in markdown
    assert "<tfoot>" in page
    assert "957.5" not in as_csv(report)


def test_what_is_missing_in_a_sum_is_said() -> None:
    """Each form for people has the service, and how many of its keys are not counted."""
    report, said = of_three(), "what 3 of its keys spent is not known any more"
    forms = ("".join(as_table(report).after), as_markdown(report), as_html(report))
    assert [said in " ".join(form.split()) for form in forms] == [True, True, True]


def test_csv_writes_booleans_as_other_programs_do() -> None:
    """A spreadsheet and a shell read true and false."""
    row = as_csv(of_three()).splitlines()[1].split(",")
    assert "false" in row
    assert "False" not in row


def test_superseded_keys_are_read_with_the_same_listing() -> None:
    """The report asks for them together with the current ones."""
    server = Server()
    current, old = server.add("a-2", usage=1, usage_monthly=1), server.add("a-1", usage=10, usage_monthly=4)
    stack = stack_of(deployed("a", current, generation=2))
    (row,) = compile_report(stack, server.client(), NOW, {"a": PastKeys((old,))}).services
    assert (row.month_usd, row.total_usd, row.superseded_keys, row.uncounted_keys) == (5.0, 11.0, 1, 0)
    assert server.count("DELETE") + server.count("PATCH") + server.count("POST") == 0


RAIL = GuardrailRecord(id="g", name="cheap", limit_usd=5, reset_interval="daily")
BUDGET = BudgetRecord(workspace_id="w", limit_usd=100, reset_interval="monthly")


@pytest.mark.parametrize(
    ("fields", "rail", "budget_spent", "expected"),
    [
        ({"limit": None}, None, None, None),
        ({"limit": 10, "limit_reset": "weekly"}, None, None, Blocking("key limit", 10, "2027-02-15T00:00:00Z")),
        ({"limit": 10, "usage": 4}, None, None, Blocking("key limit", 6)),
        ({"limit": 10, "usage_daily": 2}, RAIL, None, Blocking("guardrail cheap", 3, "2027-02-11T00:00:00Z")),
        ({"limit": 2, "usage_daily": 2}, RAIL, None, Blocking("key limit", 2)),
        ({"limit": None}, RAIL, 99, Blocking("monthly workspace budget", 1, "2027-03-01T00:00:00Z")),
        ({"limit": 5, "usage": 9}, RAIL, 120, Blocking("monthly workspace budget", -20, "2027-03-01T00:00:00Z")),
    ],
)
def test_what_blocks_first(
    fields: dict[str, Any], rail: GuardrailRecord | None, budget_spent: float | None, expected: Blocking | None
) -> None:
    """What is spent already, in the order in which OpenRouter checks; else what has least left."""
    key = record(workspace_id="w", **fields)
    rails = {key.hash: rail} if rail else {}
    budgets = {"w": [SpentBudget(BUDGET, budget_spent)]} if budget_spent is not None else {}
    assert blocks_first(key, OuterLimits(rails, budgets), NOW) == expected


@pytest.mark.parametrize(
    ("budget", "text"),
    [
        ({"scope": "workspace", "reset_interval": "weekly", "remaining_usd": 3}, "weekly workspace budget: $3.00 left"),
        ({"scope": "api_key", "remaining_usd": -1}, "guardrail: used up, never resets"),
        ({"scope": "something_new", "remaining_usd": 1}, "something_new: $1.00 left"),
    ],
)
def test_the_api_s_own_word_is_said_plainly(budget: dict[str, Any], text: str) -> None:
    """GET /key tells what blocks first; a layer that is new here keeps its name."""
    told = CurrentKey.model_validate({"label": "sk-or-…", "effective_budget": {"limit_usd": 9, **budget}})
    assert told.effective_budget is not None
    assert blocking_text(of_budget(told.effective_budget)).startswith(text)


@pytest.mark.parametrize("budget", [None, {}, "spent", {"scope": 3, "remaining_usd": "much"}])
def test_a_budget_of_another_form_is_no_reason_to_refuse_the_answer(budget: object) -> None:
    """It is shown to people only."""
    assert CurrentKey.model_validate({"label": "x", "effective_budget": budget}).effective_budget is None


def test_nothing_blocks_what_nothing_limits() -> None:
    """No limit, no words."""
    assert (first_of([]), blocking_text(None)) == (None, "-")


@pytest.mark.parametrize(("format_", "total"), [("markdown", "| **total** | **$90.00** |"), ("html", "≥ $1,915.00")])
def test_several_stacks_are_one_ranking(format_: str, total: str) -> None:
    """The services of all stacks stand by what they spent, with one row of sums."""
    answers = [StackAnswer(name, UsageReport(name, "2027-02-10T12:00:00Z", None, of_three().services)) for name in "xy"]
    text = written(format_, answers)
    assert total in text
    assert text.index("x/c") < text.index("y/c") < text.index("x/b")


def test_the_row_of_sums_has_the_stack_s_budget() -> None:
    """Beside what all keys spent this month, and the share that is; without a budget the cells are empty."""
    rows = [service_usage(deployed("a"), record("a", limit=50, usage=30, usage_monthly=30), NOW)]
    plain, bounded = (UsageReport("dev", "2027-02-10T12:00:00Z", None, tuple(rows), budget) for budget in (None, 40.0))
    assert total_cells(plain)[5:8] == ["", "", ""]
    assert total_cells(bounded)[5:8] == ["$40.00 budget", "$10.00", "$30.00 (75 %)"]
    assert (bounded.totals.budget_usd, bounded.totals.budget_percent) == (40.0, 75.0)
    assert json.loads(as_json(bounded))["totals"]["budget_percent"] == 75.0
    assert "| **$40.00 budget** | **$10.00** | **$30.00 (75 %)** |" in as_markdown(bounded)
    assert "$30.00 (75 %) of $40.00" in as_html(bounded)
    assert "budget" not in as_html(plain)
    assert joined([bounded, bounded]).totals.budget_usd == 80.0
    assert joined([bounded, plain]).totals.budget_usd is None


def test_the_budget_is_the_config_s() -> None:
    """A stack whose config is wrong, or none of ours, has none to show."""
    server = Server()
    hash_ = server.add("acme/dev/a-1a2b3c4", limit=10)
    config = parse_stack_config({"services": {"a": {"limit": 10}}, "budget": 25}, "p/dev")
    stack = replace(stack_of(deployed("a", hash_)), config=config)
    assert compile_report(stack, server.client(), NOW).budget_usd == 25
    assert compile_report(replace(stack, config=None), server.client(), NOW).budget_usd is None
