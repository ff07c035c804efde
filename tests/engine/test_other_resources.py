"""One stack that holds every resource beside the services: made, changed, found drifted, healed and taken away."""

import json
from collections.abc import Callable
from typing import Any

from tests.harness import VIOLATED_EXPECTATION, Run, Stack
from tests.soak import only_in_soak

VENDOR_KEY = "vendor-canary-" + "k" * 24
OTHER_VENDOR_KEY = "another-canary-" + "q" * 24
PROGRAM = """
import os

import pulumi

import openrouter_provider as openrouter

generous = os.environ.get("GENEROUS") == "yes"
payments = openrouter.Workspace("payments", description="Takes money")
budget = openrouter.WorkspaceBudget(
    "monthly", workspace_id=payments.id, interval="monthly", limit_usd=900 if generous else 500
)
cheap = openrouter.Guardrail(
    "cheap",
    workspace_id=payments.id,
    limit_usd=10,
    reset_interval="daily",
    allowed_models=["sandbox/echo"] if generous else ["sandbox/echo", "openai/gpt-4o-mini"],
)
key = openrouter.ApiKey("checkout", limit=5, workspace_id=payments.id)
assigned = openrouter.GuardrailAssignment("checkout", guardrail_id=cheap.id, key_hashes=[key.hash])
vendor = openrouter.ByokKey(
    "openai", provider="openai", key=os.environ["VENDOR_KEY"], workspace_id=payments.id, is_fallback=generous
)
seen = openrouter.Workspace.get("seen", openrouter.list_workspaces()[0].id)
pulumi.export("seen", seen.slug)
pulumi.export("credits", openrouter.get_credits().total_credits)
pulumi.export("label", vendor.label)
"""
OURS = ("Workspace", "WorkspaceBudget", "Guardrail", "ApiKey", "GuardrailAssignment", "ByokKey")


def up(stack: Stack, *arguments: str, generous: str = "no") -> Run:
    """Deploy with the vendor's key in the environment, in the clear."""
    run = stack.up(*arguments, VENDOR_KEY=VENDOR_KEY, GENEROUS=generous)
    assert VENDOR_KEY not in run.output
    return run


def changed_types(stack: Stack) -> set[str]:
    """Return the types of which a read-only refresh preview would change a resource."""
    run = stack.pulumi(
        "preview", "--refresh", "--json", "--expect-no-changes", check=False, VENDOR_KEY=VENDOR_KEY, GENEROUS="yes"
    )
    assert run.code in (0, VIOLATED_EXPECTATION), run
    steps = json.loads(run.stdout)["steps"]
    assert not any(key in run.output for key in (VENDOR_KEY, OTHER_VENDOR_KEY))
    return {
        step["urn"].rpartition("::")[0].rpartition(":")[2]
        for step in steps
        if step["op"] not in ("same", "refresh", "read")
    }


def writes(stack: Stack) -> list[str]:
    """Return the operations that changed anything since the last look, sorted."""
    made = sorted(call["operation"] for call in stack.control.calls() if call["method"] != "GET")
    stack.control.clear_calls()
    return made


def the(found: list[dict[str, Any]], **facts: Any) -> dict[str, Any]:
    """Return the one record that has these facts."""
    (record,) = [each for each in found if facts.items() <= each.items()]
    return record


def drifts(stack: Stack) -> dict[str, Callable[[], object]]:
    """Return, by resource, what somebody does by hand."""
    control = stack.control
    workspace = the(control.workspaces(), slug="payments")["id"]
    guardrail = the(control.guardrails(), workspace_id=workspace)["id"]
    (key,) = control.keys()
    return {
        "Workspace": lambda: control.edit_workspace(workspace, description="somebody was here"),
        "WorkspaceBudget": lambda: control.edit_budget(workspace, "monthly", limit_usd=9000),
        "Guardrail": lambda: control.edit_guardrail(guardrail, allowed_models=None),
        "GuardrailAssignment": lambda: control.unassign_keys(guardrail, [key["hash"]]),
        "ByokKey": lambda: control.edit_byok_key(control.byok_keys()[0]["id"], key=OTHER_VENDOR_KEY),
        "ApiKey": lambda: control.edit_key(key["hash"], limit=None),
    }


def test_every_resource_lives_in_one_stack(stack: Stack) -> None:
    """Each is made once, changed by one call (warned of where it allows more), healed, and gone after destroy."""
    (stack.folder / "__main__.py").write_text(PROGRAM)
    control = stack.control
    control.clear_calls()
    up(stack)
    made = ["assign_keys", "create_byok_key", "create_guardrail", "create_key", "create_workspace", "put_budget"]
    assert writes(stack) == made
    workspace = the(control.workspaces(), slug="payments")["id"]
    assert control.keys()[0]["workspace_id"] == workspace
    assert the(control.key_assignments())["key_hash"] == control.keys()[0]["hash"]
    check_state(stack)

    warnings = [line for line in up(stack, generous="yes").output.splitlines() if line.startswith("    warning:")]
    widened = "monthly: the change widens what the budget allows: limit raised from $500.00 to $900.00"
    assert [line.strip() for line in warnings] == [f"warning: {widened}"]
    assert writes(stack) == ["put_budget", "update_byok_key", "update_guardrail"]

    drift = drifts(stack)
    assert set(drift) == set(OURS)
    for change in drift.values():
        change()
    assert changed_types(stack) == set(OURS)
    assert writes(stack) == []

    up(stack, "--refresh", generous="yes")
    healed = ["assign_keys", "put_budget", "update_byok_key", "update_guardrail", "update_key", "update_workspace"]
    assert writes(stack) == healed
    assert changed_types(stack) == set()
    check_state(stack)

    stack.pulumi("destroy", "--yes", "--skip-preview", VENDOR_KEY=VENDOR_KEY)
    assert [control.keys(), control.guardrails(), control.byok_keys()] == [[], [], []]
    assert [each["id"] for each in control.workspaces()] == [control.default_workspace_id]


@only_in_soak
def test_budgets_of_a_workspace_are_lowered_in_one_run(stack: Stack) -> None:
    """All of them at once, far below what they were; nothing is left to change then."""
    for budgets in ({"daily": 100, "weekly": 200, "lifetime": 300}, {"daily": 1, "weekly": 2, "lifetime": 3}):
        stack.configure({}, workspaces={"payments": {"budgets": budgets}})
        stack.up()
        workspace = the(stack.control.workspaces(), slug="payments")["id"]
        found = {each["reset_interval"] or "lifetime": each["limit_usd"] for each in stack.control.budgets(workspace)}
        assert found == budgets
    assert not stack.drifted()


def check_state(stack: Stack) -> None:
    """The state holds every resource, and no value of a key in the clear."""
    exported = json.dumps(stack.export())
    assert not any(secret in exported for secret in (*stack.control.all_secrets(), VENDOR_KEY, OTHER_VENDOR_KEY))
    assert all(f"openrouter:{kind}::" in exported for kind in OURS)
