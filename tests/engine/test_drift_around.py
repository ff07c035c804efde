"""What drift says of the resources beside the services' keys, changed and deleted by hand, and that its heal works."""

from collections.abc import Callable
from typing import Any

from openrouter_provider.operations.drift.findings import REFRESH, Change
from tests.engine.drifting import carry_out, commands, drift
from tests.engine.test_other_resources import the
from tests.harness import Stack
from tests.provider.life import OTHER_VENDOR_KEY, VENDOR_KEY
from tests.soak import only_in_soak

PROGRAM = """
import os

import openrouter_provider as openrouter

team = openrouter.Workspace("team", description="Takes money", default_provider_sort="price")
budget = openrouter.WorkspaceBudget("monthly", workspace_id=team.id, interval="monthly", limit_usd=500)
daily = openrouter.WorkspaceBudget("daily", workspace_id=team.id, interval="daily", limit_usd=100)
cheap = openrouter.Guardrail(
    "cheap",
    workspace_id=team.id,
    limit_usd=10,
    reset_interval="daily",
    allowed_models=["sandbox/echo"],
    description="cheap ones",
)
key = openrouter.ApiKey("checkout", limit=5, workspace_id=team.id)
openrouter.GuardrailAssignment("checkout", guardrail_id=cheap.id, key_hashes=[key.hash])
openrouter.ByokKey(
    "openai",
    provider="openai",
    key=os.environ["VENDOR_KEY"],
    workspace_id=team.id,
    disabled=True,
    allowed_models=["openai/gpt-4o-mini", "openai/gpt-4o"],
)
openrouter.ObservabilityDestination(
    "traces", type="datadog", settings={"mlApp": "shop"}, credentials={"apiKey": os.environ["VENDOR_KEY"]}
)
"""
Changes = dict[tuple[str, str], tuple[Change, Callable[[], object]]]


def up(stack: Stack) -> None:
    """Deploy the program."""
    (stack.folder / "__main__.py").write_text(PROGRAM)
    stack.up(check=True, VENDOR_KEY=VENDOR_KEY)


def found(stack: Stack) -> dict[tuple[str, str], str]:
    """Return what is found of each property, and how bad it is; the heal is always a refreshing up."""
    run, findings = drift(stack, VENDOR_KEY=VENDOR_KEY)
    assert not any(key in run.output for key in (VENDOR_KEY, OTHER_VENDOR_KEY))
    assert commands(findings) in ([REFRESH], []), findings
    return {(one["service"], one["property"]): f"{one['severity']}: {one['message']}" for one in findings}


def said(changes: Changes) -> dict[tuple[str, str], str]:
    """Return what is to be found of the changes."""
    return {place: f"{change.severity}: {change.message}" for place, (change, _) in changes.items()}


def edits(stack: Stack) -> Changes:
    """Return, by what is to be found, what somebody does by hand: looser, tighter or only other words."""
    control = stack.control
    team = the(control.workspaces(), slug="team")["id"]
    guardrail, byok = control.guardrails()[0]["id"], control.byok_keys()[0]["id"]
    (key,), (traces,) = control.keys(), control.items("destinations")
    theirs = {"apiKey": OTHER_VENDOR_KEY}

    def guard(**fields: Any) -> Callable[[], object]:
        return lambda: control.edit_guardrail(guardrail, **fields)

    def vendor(**fields: Any) -> Callable[[], object]:
        return lambda: control.edit_byok_key(byok, **fields)

    return {
        ("team", "workspace.description"): (
            Change.OBJECT_REWORDED,
            lambda: control.edit_workspace(team, description="somebody was here"),
        ),
        ("team", "workspace.default_provider_sort"): (
            Change.OBJECT_CHANGED,
            lambda: control.edit_workspace(team, default_provider_sort="latency"),
        ),
        ("monthly", "budget.limit_usd"): (
            Change.OBJECT_LOOSENED,
            lambda: control.edit_budget(team, "monthly", limit_usd=9000),
        ),
        ("daily", "budget.limit_usd"): (
            Change.OBJECT_CHANGED,
            lambda: control.edit_budget(team, "daily", limit_usd=1),
        ),
        ("cheap", "guardrail.allowed_models"): (Change.OBJECT_LOOSENED, guard(allowed_models=None)),
        ("cheap", "guardrail.limit_usd"): (Change.OBJECT_CHANGED, guard(limit_usd=1)),
        ("cheap", "guardrail.description"): (Change.OBJECT_REWORDED, guard(description="somebody was here")),
        ("checkout", "guardrail assignment.key_hashes"): (
            Change.OBJECT_LOOSENED,
            lambda: control.unassign_keys(guardrail, [key["hash"]]),
        ),
        ("openai", "provider key.key"): (Change.VENDORS_KEY_REPLACED, vendor(key=OTHER_VENDOR_KEY)),
        ("traces", "observability destination.credentials"): (
            Change.CREDENTIALS_REPLACED,
            lambda: control.edit_item("destinations", traces["id"], config=theirs),
        ),
        ("openai", "provider key.disabled"): (Change.OBJECT_LOOSENED, vendor(disabled=False)),
        ("openai", "provider key.allowed_models"): (
            Change.OBJECT_CHANGED,
            vendor(allowed_models=["openai/gpt-4o"]),
        ),
    }


def deletions(stack: Stack) -> Changes:
    """Return, by what is to be found, what somebody deletes; the guardrail takes its assignment with it."""
    control = stack.control
    team = the(control.workspaces(), slug="team")["id"]
    guardrail, byok = control.guardrails()[0]["id"], control.byok_keys()[0]["id"]
    return {
        ("monthly", "budget"): (Change.OBJECT_DELETED, lambda: control.delete_budget(team, "monthly")),
        ("cheap", "guardrail"): (Change.OBJECT_DELETED, lambda: control.delete_guardrail(guardrail)),
        ("checkout", "guardrail assignment"): (Change.OBJECT_DELETED, lambda: None),
        ("openai", "provider key"): (Change.OBJECT_DELETED, lambda: control.delete_byok_key(byok)),
    }


@only_in_soak
def test_objects_changed_or_deleted_by_hand_are_found_and_healed(stack: Stack) -> None:
    """Looser or deleted is critical, tighter a warning, words a notice; `up --refresh` heals all of it."""
    up(stack)
    assert found(stack) == {}
    for changes in (edits(stack), deletions(stack)):
        for _, change in changes.values():
            change()
        assert found(stack) == said(changes)
        carry_out(stack, REFRESH, VENDOR_KEY=VENDOR_KEY)
        assert found(stack) == {}
