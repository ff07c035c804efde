"""A budget: known by its id, and never overwritten silently."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from pulumi.dynamic import ResourceProvider
from pulumi.runtime.rpc import UNKNOWN

from openrouter_provider.api.errors import ConfigurationError, ResponseError
from openrouter_provider.resources.workspace_budget import INTERVALS, WorkspaceBudgetProvider, to_lower
from sandbox.openrouter import Control
from tests.unit.resource_fixtures import Started

pytest_plugins = ("tests.unit.resource_fixtures",)

Props = dict[str, Any]
Sent = list[tuple[str, str, Props]]
Up = Callable[[ResourceProvider, Props, Props], Props]


def test_a_budget_known_by_its_id_alone_can_be_read(started: Started, control: Control) -> None:
    """Its id names the workspace and the interval."""
    workspace = control.create_workspace(name="x", slug="x")["id"]
    control.edit_budget(workspace, "lifetime", limit_usd=7)
    outs = started(WorkspaceBudgetProvider).read(f"{workspace}/lifetime", {}).outs
    assert outs == {
        "workspace_id": workspace,
        "interval": "lifetime",
        "limit_usd": 7,
        "include_byok_in_budgets": False,
    }


def test_a_budget_that_is_there_is_not_overwritten_silently(
    started: Started, up: Up, control: Control, sent: Sent
) -> None:
    """Another limit needs leave, the same one none."""
    workspace = control.create_workspace(name="x", slug="x")["id"]
    control.edit_budget(workspace, "monthly", limit_usd=123)
    wish = {"workspace_id": workspace, "interval": "monthly", "limit_usd": 123}
    assert up(started(WorkspaceBudgetProvider), {}, wish)["id"] == f"{workspace}/monthly"
    with pytest.raises(ConfigurationError, match=r"has another monthly budget already \(\$123\.00\): set adopt"):
        up(started(WorkspaceBudgetProvider), {}, {**wish, "limit_usd": 5})
    assert [method for method, _, _ in sent] == ["GET", "GET"]
    up(started(WorkspaceBudgetProvider), {}, {**wish, "limit_usd": 5, "adopt": True})
    assert control.budgets(workspace)[0]["limit_usd"] == 5


def test_a_create_that_was_done_may_be_done_again(started: Started, up: Up, control: Control, sent: Sent) -> None:
    """A run that died between the call and its record left the wished budget; its repetition changes nothing."""
    workspace = control.create_workspace(name="x", slug="x")["id"]
    wish = {"workspace_id": workspace, "interval": "monthly", "limit_usd": 5, "include_byok_in_budgets": True}
    first = up(started(WorkspaceBudgetProvider), {}, wish)
    budgets, methods = control.budgets(workspace), [method for method, _, _ in sent]
    assert up(started(WorkspaceBudgetProvider), {}, wish) == first
    assert control.budgets(workspace) == budgets
    assert [method for method, _, _ in sent] == [*methods, "GET"]


class Budgets:
    """The budgets of one workspace, brought to a wish as the stack declares them: the widest first."""

    def __init__(self, provider: WorkspaceBudgetProvider, up: Up, workspace: str) -> None:
        self._provider, self._up, self._workspace = provider, up, workspace
        self._states: dict[str, Props] = {}

    def bring(self, wishes: Mapping[str, float]) -> None:
        """Create and update the wished ones, then delete the others."""
        for interval in sorted(wishes, key=INTERVALS.index, reverse=True):
            names = INTERVALS[: INTERVALS.index(interval)]
            narrower = {name: wishes[name] for name in names if name in wishes}
            wish = {"workspace_id": self._workspace, "interval": interval, "limit_usd": wishes[interval]}
            state = self._states.get(interval, {})
            self._states[interval] = self._up(self._provider, state, {**wish, "narrower": narrower or None})
        for interval in self._states.keys() - wishes.keys():
            gone = self._states.pop(interval)
            self._provider.delete(gone["id"], gone["outs"])


@pytest.fixture
def budgets(started: Started, up: Up, control: Control) -> tuple[Budgets, Callable[[], dict[str, float]]]:
    """Return the budgets of a new workspace, and what the account has of them."""
    workspace = control.create_workspace(name="x", slug="x")["id"]
    provider = started(WorkspaceBudgetProvider)
    assert isinstance(provider, WorkspaceBudgetProvider)

    def there() -> dict[str, float]:
        return {each["reset_interval"] or "lifetime": each["limit_usd"] for each in control.budgets(workspace)}

    return Budgets(provider, up, workspace), there


WIDE = {"daily": 100, "weekly": 200, "monthly": 300, "lifetime": 400}


@pytest.mark.parametrize(
    "after",
    [
        {"daily": 1, "weekly": 2, "monthly": 3, "lifetime": 4},
        {"daily": 1000, "weekly": 2000, "monthly": 3000, "lifetime": 4000},
        {"daily": 1, "weekly": 2, "monthly": 3000, "lifetime": 4000},
        {"daily": 150, "weekly": 160, "monthly": 170, "lifetime": 180},
        {"daily": 250, "weekly": 260, "monthly": 270, "lifetime": 280},
        {"daily": 100, "weekly": 101, "monthly": 102, "lifetime": 103},
        {"daily": 1, "lifetime": 400},
    ],
    ids=["all lower", "all higher", "half of each", "narrow up, wide down", "crossing", "all but one", "fewer"],
)
@pytest.mark.parametrize("before", [WIDE, {"daily": 100, "monthly": 300}, {"weekly": 200}, {}], ids=str)
def test_budgets_of_one_workspace_change_in_one_run_whatever_the_direction(
    budgets: tuple[Budgets, Callable[[], dict[str, float]]], before: dict[str, float], after: dict[str, float]
) -> None:
    """OpenRouter refuses every instant at which a narrower budget isn't below a wider one, and never needs to."""
    ours, there = budgets
    ours.bring(before)
    ours.bring(after)
    assert there() == after


def test_a_narrower_budget_without_a_wish_is_not_touched(
    budgets: tuple[Budgets, Callable[[], dict[str, float]]],
) -> None:
    """One that shall go goes after the others: where it stands in the way, the refusal names it."""
    ours, there = budgets
    ours.bring(WIDE)
    with pytest.raises(ResponseError, match="the weekly budget must be lower than the monthly budget"):
        ours.bring({"daily": 1, "monthly": 3})
    assert there() == {**WIDE, "daily": 1}


def test_a_change_of_the_narrower_wishes_alone_is_no_change(started: Started, up: Up, control: Control) -> None:
    """They say in which order to write, and are no property of the budget."""
    provider = started(WorkspaceBudgetProvider)
    wish = {"workspace_id": control.create_workspace(name="x", slug="x")["id"], "interval": "monthly", "limit_usd": 9}
    state = up(provider, {}, {**wish, "narrower": {"daily": 1}})
    assert up(provider, state, {**wish, "narrower": {"daily": 2}})["did"] == "same"


@pytest.mark.parametrize("wrong", [["daily"], {"lifetime": 1}, {"daily": 0}, {"hourly": 1}, {"daily": "5"}])
def test_narrower_wishes_are_limits_by_interval(started: Started, wrong: object) -> None:
    """Anything else is said before a call is made."""
    wish = {"workspace_id": "w", "interval": "monthly", "limit_usd": 9, "narrower": wrong}
    assert [each.property for each in started(WorkspaceBudgetProvider).check({}, wish).failures] == ["narrower"]


def test_what_is_lowered_is_lowered_from_the_narrowest_on() -> None:
    """Only what is there, and above its wish."""
    assert to_lower({"monthly": 9, "weekly": 5, "daily": 4}, {"weekly": 3, "daily": 2, "monthly": 9}) == [
        "daily",
        "weekly",
    ]
    assert to_lower({"weekly": 5}, {"daily": 1}) == []


def test_budgets_of_one_workspace_share_their_flag(started: Started) -> None:
    """A contradiction is a failure of the check, which names the other budget; another workspace is another matter."""
    provider = started(WorkspaceBudgetProvider)

    def failures(interval: str, flag: object, workspace: str = "w") -> list[str]:
        wish = {"workspace_id": workspace, "interval": interval, "limit_usd": 9, "include_byok_in_budgets": flag}
        return [each.reason for each in provider.check({}, wish).failures]

    assert failures("monthly", True) == failures("daily", True) == failures("weekly", None) == []
    assert failures("lifetime", False, "another") == failures("lifetime", UNKNOWN) == []
    (reason,) = failures("lifetime", False)
    assert reason.startswith("include_byok_in_budgets differs from that of this workspace's monthly budget")
