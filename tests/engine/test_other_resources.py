"""One stack that holds every resource beside the services: made, changed, found drifted, healed and taken away."""

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from tests import around
from tests.harness import VIOLATED_EXPECTATION, Run, Stack
from tests.provider.life import ELSEWHERE_KEY, OTHER_VENDOR_KEY, VENDOR_KEY
from tests.provider.part import Part
from tests.soak import only_in_soak

PARTS: list[Part] = around.named("PART")
SECRET_MARK = "4dabf18193072939515e22adb298388d"
"""What Pulumi marks an encrypted value with in a state."""
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
openrouter.ByokKey(
    "anthropic",
    provider="anthropic",
    key_from="env:ELSEWHERE_KEY",
    key_version="2" if generous else "1",
    workspace_id=payments.id,
)
seen = openrouter.Workspace.get("seen", openrouter.list_workspaces()[0].id)
pulumi.export("seen", seen.slug)
pulumi.export("credits", openrouter.get_credits().total_credits)
pulumi.export("label", vendor.label)
""" + "".join(part.program for part in PARTS)
OURS = (
    *("Workspace", "WorkspaceBudget", "Guardrail", "ApiKey", "GuardrailAssignment", "ByokKey"),
    *(part.kind for part in PARTS),
)


def with_parts(own: list[str], stage: str) -> list[str]:
    """Return the operations of a stage, those of the parts among them."""
    return sorted([*own, *(operation for part in PARTS for operation in getattr(part, stage))])


def up(stack: Stack, *arguments: str, generous: str = "no") -> Run:
    """Deploy with the vendor's key in the environment, in the clear."""
    run = stack.up(*arguments, VENDOR_KEY=VENDOR_KEY, ELSEWHERE_KEY=ELSEWHERE_KEY, GENEROUS=generous)
    assert not any(key in run.output for key in (VENDOR_KEY, ELSEWHERE_KEY))
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
    guardrail = the(control.guardrails(), workspace_id=workspace, limit_usd=10)["id"]
    vendors = the(control.byok_keys(), provider="openai")["id"]
    (key,) = control.keys()
    return {
        "Workspace": lambda: control.edit_workspace(workspace, description="somebody was here"),
        "WorkspaceBudget": lambda: control.edit_budget(workspace, "monthly", limit_usd=9000),
        "Guardrail": lambda: control.edit_guardrail(guardrail, allowed_models=None),
        "GuardrailAssignment": lambda: control.unassign_keys(guardrail, [key["hash"]]),
        "ByokKey": lambda: control.edit_byok_key(vendors, key=OTHER_VENDOR_KEY),
        "ApiKey": lambda: control.edit_key(key["hash"], limit=None),
        **{part.kind: partial(part.drift, stack) for part in PARTS},
    }


def test_every_resource_lives_in_one_stack(stack: Stack) -> None:
    """Each is made once, changed by one call (warned of where it allows more), healed, and gone after destroy."""
    (stack.folder / "__main__.py").write_text(PROGRAM)
    control = stack.control
    for part in PARTS:
        part.prepare(stack)
    control.clear_calls()
    up(stack)
    made = ["assign_keys", "create_byok_key", "create_byok_key", "create_guardrail", "create_key", "create_workspace"]
    assert writes(stack) == with_parts([*made, "put_budget"], "made")
    workspace = the(control.workspaces(), slug="payments")["id"]
    assert control.keys()[0]["workspace_id"] == workspace
    assert the(control.key_assignments())["key_hash"] == control.keys()[0]["hash"]
    check_state(stack)

    warnings = [line for line in up(stack, generous="yes").output.splitlines() if line.startswith("    warning:")]
    widened = "monthly: the change widens what the budget allows: limit raised from $500.00 to $900.00"
    assert [line.strip() for line in warnings] == [f"warning: {widened}"]
    changed = ["put_budget", "update_byok_key", "update_byok_key", "update_guardrail"]
    assert writes(stack) == with_parts(changed, "changed")
    (stack.folder / "space.key").unlink(missing_ok=True)  # What is read elsewhere is needed no longer.

    drift = drifts(stack)
    assert set(drift) == set(OURS)
    for change in drift.values():
        change()
    assert changed_types(stack) == set(OURS)
    assert writes(stack) == []

    healing = stack.up("--refresh", VENDOR_KEY=VENDOR_KEY, GENEROUS="yes")
    assert VENDOR_KEY not in healing.output
    healed = ["assign_keys", "put_budget", "update_byok_key", "update_guardrail", "update_key", "update_workspace"]
    assert writes(stack) == with_parts(healed, "healed")
    assert changed_types(stack) == set()
    check_state(stack)

    stack.pulumi("destroy", "--yes", "--skip-preview", VENDOR_KEY=VENDOR_KEY)
    assert [control.keys(), control.guardrails(), control.byok_keys()] == [[], [], []]
    assert [part.left(stack) for part in PARTS] == [None] * len(PARTS)
    check_history(stack)
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
    assert not any(
        secret in exported for secret in (*stack.control.all_secrets(), VENDOR_KEY, OTHER_VENDOR_KEY, ELSEWHERE_KEY)
    )
    assert all(f"openrouter:{kind}::" in exported for kind in OURS)


def check_history(stack: Stack) -> None:
    """No state that there ever was has what is read elsewhere, encrypted or not; that is known to OpenRouter alone."""
    assert stack.control.all_secrets().count(ELSEWHERE_KEY) == 4
    states = [path for path in stack.backend.rglob("*.json*") if path.is_file()]
    assert len(states) > 4
    assert not any(ELSEWHERE_KEY.encode() in path.read_bytes() for path in stack.backend.rglob("*") if path.is_file())
    found = [each for path in states for each in resources_in(path) if each["urn"].endswith("ByokKey::anthropic")]
    assert {each["inputs"]["key_version"] for each in found} == {"1", "2"}
    assert not any(SECRET_MARK in json.dumps([each["inputs"], each.get("outputs")]) for each in found)


def resources_in(path: Path) -> list[dict[str, Any]]:
    """Return the resources in a file of the backend; none where it is no state."""
    loaded = json.loads(path.read_text())
    checkpoint = loaded.get("checkpoint") if isinstance(loaded, dict) else None
    latest = (checkpoint or {}).get("latest") or {}
    resources: list[dict[str, Any]] = latest.get("resources") or []
    return resources
