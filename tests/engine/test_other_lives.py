"""The rest of the life of every resource beside the services: replaced, deleted by hand, and taken over."""

import json
from typing import Any

from tests.engine.test_other_resources import check_state, the, writes
from tests.harness import VIOLATED_EXPECTATION, Stack
from tests.provider.life import OTHER_VENDOR_KEY, VENDOR_KEY
from tests.soak import only_in_soak

MADE = ["assign_keys", "create_byok_key", "create_guardrail", "create_key", "create_workspace", "put_budget"]
GONE = ["delete_budget", "delete_byok_key", "delete_guardrail", "delete_key", "delete_workspace", "unassign_keys"]
IN_ONE_HOME = """
import os

import openrouter_provider as openrouter

home = openrouter.Workspace("home", adopt_id=os.environ.get("HOME_WORKSPACE"))
budget = openrouter.WorkspaceBudget("monthly", workspace_id=home.id, interval="monthly", limit_usd=500)
cheap = openrouter.Guardrail("cheap", workspace_id=home.id, allowed_models=["sandbox/echo"])
key = openrouter.ApiKey("checkout", limit=5, workspace_id=home.id)
openrouter.GuardrailAssignment("checkout", guardrail_id=cheap.id, key_hashes=[key.hash])
openrouter.ByokKey("openai", provider="openai", key=os.environ["VENDOR_KEY"], workspace_id=home.id)
"""
TAKEN_OVER = """
import json
import os

import pulumi

import openrouter_provider as openrouter

found = json.loads(os.environ["FOUND"])
adopted = found if os.environ["ADOPT"] == "yes" else {}
secret_key = pulumi.Output.secret(adopted["key_value"]) if adopted else None
home = openrouter.Workspace("home", name="by hand", slug="by-hand", adopt_id=adopted.get("workspace"))
openrouter.WorkspaceBudget("monthly", workspace_id=home.id, interval="monthly", limit_usd=500)
cheap = openrouter.Guardrail("cheap", adopt_id=adopted.get("guardrail"), workspace_id=home.id)
key = openrouter.ApiKey(
    "checkout", name="by hand", limit=5, workspace_id=home.id, adopt_hash=adopted.get("key"), adopt_key=secret_key
)
openrouter.GuardrailAssignment(
    "checkout", guardrail_id=cheap.id, key_hashes=[key.hash], member_ids=[found["member"]]
)
openrouter.ByokKey("openai", provider="openai", adopt_id=adopted.get("byok"), workspace_id=home.id)
"""


def deploy(stack: Stack, program: str, *arguments: str, **variables: str) -> list[str]:
    """Deploy the program; return the operations that it took, sorted."""
    (stack.folder / "__main__.py").write_text(program)
    stack.control.clear_calls()
    run = stack.up(*arguments, check=True, VENDOR_KEY=VENDOR_KEY, **variables)
    assert not any(key in run.output for key in (VENDOR_KEY, OTHER_VENDOR_KEY))
    return writes(stack)


def is_unchanged(stack: Stack, **variables: str) -> bool:
    """Whether a read-only refresh preview finds nothing to do."""
    arguments = ("preview", "--refresh", "--expect-no-changes", "--diff")
    run = stack.pulumi(*arguments, check=False, VENDOR_KEY=VENDOR_KEY, **variables)
    assert run.code in (0, VIOLATED_EXPECTATION), run
    return run.code == 0


BUDGETS, KEYS, ASSIGNED_KEYS = 1, 3, 4
"""Where `holdings` has what keeps its name through a move."""


def holdings(stack: Stack) -> tuple[list[str], ...]:
    """Return what the account holds, by kind, as identifiers."""
    control = stack.control
    workspaces = [each["id"] for each in control.workspaces() if each["id"] != control.default_workspace_id]
    return (
        workspaces,
        [each["reset_interval"] for id_ in workspaces for each in control.budgets(id_)],
        [each["id"] for each in control.guardrails()],
        [each["hash"] for each in control.keys()],
        [each["key_hash"] for each in control.key_assignments()],
        [each["id"] for each in control.byok_keys()],
    )


@only_in_soak
def test_every_resource_is_replaced(stack: Stack) -> None:
    """Each gets its successor before it goes; the key moves, and nothing of what surrounded it is left."""
    assert deploy(stack, IN_ONE_HOME) == MADE
    before = holdings(stack)
    other = stack.control.create_workspace(name="home", slug="other-home")["id"]
    moved = {"HOME_WORKSPACE": other}
    unmade = {"create_workspace", "create_key", "delete_key"}
    assert deploy(stack, IN_ONE_HOME, **moved) == sorted({*MADE, *GONE, "update_key"} - unmade)
    after = holdings(stack)
    assert after[0] == [other]
    assert [len(kind) for kind in after] == [1] * 6
    same = [kind for kind, (old, new) in enumerate(zip(before, after, strict=True)) if set(old) & set(new)]
    assert same == [BUDGETS, KEYS, ASSIGNED_KEYS]
    assert deploy(stack, IN_ONE_HOME, **moved) == []
    assert is_unchanged(stack, **moved)
    check_state(stack)


@only_in_soak
def test_every_resource_that_was_deleted_by_hand_comes_back(stack: Stack) -> None:
    """Whatever somebody deleted is made again, once, and is all there is then."""
    deploy(stack, IN_ONE_HOME)
    control = stack.control
    workspaces, _, guardrails, keys, _, byok_keys = holdings(stack)
    control.delete_budget(workspaces[0], "monthly")
    control.delete_guardrail(guardrails[0])
    control.delete_byok_key(byok_keys[0])
    control.delete_key(keys[0])
    control.delete_workspace(workspaces[0])
    assert not is_unchanged(stack)
    assert deploy(stack, IN_ONE_HOME, "--refresh") == MADE
    assert [len(kind) for kind in holdings(stack)] == [1] * 6
    assert deploy(stack, IN_ONE_HOME) == []
    assert is_unchanged(stack)


def made_by_hand(stack: Stack) -> dict[str, Any]:
    """Make one of everything out of band; return what names it."""
    control = stack.control
    workspace = control.create_workspace(name="by hand", slug="by-hand")["id"]
    control.edit_budget(workspace, "monthly", limit_usd=500)
    guardrail = control.create_guardrail(name="by hand", workspace_id=workspace)["id"]
    record, value = control.create_key(name="by hand", limit=5, workspace_id=workspace)
    control.add_member("user_mallory")
    control.assign_keys(guardrail, [record["hash"]])
    control.assign_members(guardrail, ["user_mallory"])
    byok = control.create_byok_key(provider="openai", key=VENDOR_KEY, name="by hand", workspace_id=workspace)["id"]
    named = {"workspace": workspace, "guardrail": guardrail, "key": record["hash"], "key_value": value, "byok": byok}
    return {**named, "member": "user_mallory"}


@only_in_soak
def test_every_resource_is_taken_over(stack: Stack) -> None:
    """What was made by hand stays the same object, is one's own without the settings too, and goes with the stack."""
    found = made_by_hand(stack)
    before = holdings(stack)
    variables = {"FOUND": json.dumps(found), "ADOPT": "yes"}
    assert deploy(stack, TAKEN_OVER, **variables) == ["assign_keys", "assign_members"]
    assert holdings(stack) == before
    assert deploy(stack, TAKEN_OVER, **variables) == []
    assert is_unchanged(stack, **variables)

    own = {**variables, "ADOPT": "no"}
    assert deploy(stack, TAKEN_OVER, **own) == []
    stack.control.unassign_members(found["guardrail"], [found["member"]])
    assert not is_unchanged(stack, **own)
    assert deploy(stack, TAKEN_OVER, "--refresh", **own) == ["assign_members"]
    assert the(stack.control.member_assignments())["user_id"] == found["member"]
    assert found["key_value"] not in json.dumps(stack.export())

    stack.pulumi("destroy", "--yes", "--skip-preview", check=True, **own)
    assert holdings(stack) == ([], [], [], [], [], [])
    assert stack.control.member_assignments() == []
