"""A budget: known by its id, and never overwritten silently."""

from collections.abc import Callable
from typing import Any

import pytest
from pulumi.dynamic import ResourceProvider

from openrouter_provider.api.errors import ConfigurationError
from openrouter_provider.resources.workspace_budget import WorkspaceBudgetProvider
from sandbox.openrouter import Control
from tests.unit.resource_fixtures import Started

pytest_plugins = ("resource_fixtures",)

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
    with pytest.raises(ConfigurationError, match=r"has another monthly budget already \(123 USD\): set adopt"):
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
