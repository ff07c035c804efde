"""What can't be deleted is given back: a workspace's default guardrail is what it was before it was taken."""

from collections.abc import Callable
from typing import Any

import pytest
from pulumi.dynamic import ResourceProvider

from openrouter_provider.resources.around.workspace_default_guardrail import WorkspaceDefaultGuardrailProvider
from openrouter_provider.resources.base import OpenRouterProvider, Session
from openrouter_provider.resources.values.restored import BEFORE
from sandbox.openrouter import Control
from tests.unit.resource_fixtures import Started

pytest_plugins = ("tests.unit.resource_fixtures",)

Props = dict[str, Any]
Sent = list[tuple[str, str, Props]]
Up = Callable[[ResourceProvider, Props, Props], Props]
WISH: Props = {"workspace_id": "default", "limit_usd": 5, "reset_interval": "daily", "allowed_models": ["sandbox/echo"]}


def of_default(control: Control) -> Props:
    """Return the default workspace's default guardrail as it is."""
    (found,) = control.guardrails()
    return found


def guardrail_id(control: Control) -> str:
    """Return its id, which there is before there is anything in it."""
    (workspace,) = control.workspaces()
    return str(workspace["default_guardrail_id"])


def test_what_was_set_by_hand_comes_back(started: Started, up: Up, control: Control) -> None:
    """Of what the resource managed everything is as it was, and what was set beside it stays."""
    control.edit_guardrail(guardrail_id(control), ignored_providers=["azure"], allowed_models=["openai/gpt-4o-mini"])
    before = of_default(control)
    provider = started(WorkspaceDefaultGuardrailProvider)
    state = up(provider, {}, WISH)
    state = up(provider, state, {**WISH, "enforce_zdr_xai": True, "include_byok_in_budgets": True})
    control.edit_guardrail(state["id"], description="beside it")
    provider.delete(state["id"], provider.read(state["id"], state["outs"]).outs or {})
    assert of_default(control) | {"updated_at": ""} == before | {"updated_at": "", "description": "beside it"}


def test_what_was_never_set_restricts_nothing_afterwards(started: Started, up: Up, control: Control) -> None:
    """It reads as 404 before the first write, and is empty after the deletion."""
    provider = started(WorkspaceDefaultGuardrailProvider)
    state = up(provider, {}, {**WISH, "include_byok_in_budgets": True})
    assert state["outs"][BEFORE] == {}
    provider.delete(state["id"], state["outs"])
    left = {name: value for name, value in of_default(control).items() if value and name not in ("id", "name")}
    assert {*left} == {"created_at", "updated_at", "workspace_id"}


def test_a_rule_taken_out_of_the_program_is_cleared(started: Started, up: Up, sent: Sent) -> None:
    """Only that is sent; what was never declared is not touched."""
    provider = started(WorkspaceDefaultGuardrailProvider)
    state = up(provider, {}, WISH)
    sent.clear()
    up(provider, state, {name: value for name, value in WISH.items() if name != "allowed_models"})
    assert [body for method, _, body in sent if method != "GET"] == [{"allowed_models": None}]


def test_an_imported_one_is_left_as_it_is_and_that_is_said(started: Started, control: Control) -> None:
    """Nothing tells what it was before, so that nothing is written."""
    said: list[str] = []
    control.edit_guardrail(guardrail_id(control), ignored_providers=["azure"])
    provider = warned(started(WorkspaceDefaultGuardrailProvider), said)
    imported = provider.imported(guardrail_id(control))
    control.clear_calls()
    provider.delete(imported.id, imported.outs)
    assert control.calls() == []
    assert len(said) == 1
    assert "can't be deleted" in said[0]
    assert "\n" not in said[0]


def warned(provider: OpenRouterProvider, said: list[str]) -> Any:
    """Return the provider with its warnings collected."""
    given = provider.session
    provider.session = Session(given.client, given.reader, given.now, warn=said.append)
    return provider


@pytest.mark.parametrize(
    ("wish", "wrong"),
    [
        ({"workspace_id": "default"}, "workspace_id"),
        ({"workspace_id": "default", "limit_usd": 5}, "reset_interval"),
        ({"workspace_id": "default", "description": "x", "allowed_data_regions": ["eu"]}, "allowed_data_regions"),
        ({"limit_usd": 5, "reset_interval": "daily"}, "workspace_id"),
    ],
)
def test_what_is_wrong_is_said_before_any_call(started: Started, wish: Props, wrong: str) -> None:
    """Without a rule there is nothing to set, and the rules are those of every guardrail."""
    failures = started(WorkspaceDefaultGuardrailProvider).check({}, wish).failures
    assert [failure.property for failure in failures or ()] == [wrong]
