"""What `openrouter-keys drift` says of a project's stacks, and of keys that no state knows."""

import json

from openrouter_provider.operations.drift.findings import ACCOUNT
from tests.engine.drifting import drift
from tests.harness import Stack

SETTINGS = {"limit": 50, "limitReset": "monthly"}


def test_keys_of_the_account_that_no_state_knows_are_named_and_left_to_a_person(stack: Stack) -> None:
    """A key under the prefix is critical, one elsewhere without a limit a notice, a neighbour's none."""
    stack.configure({"checkout": SETTINGS})
    stack.up()
    orphan, _ = stack.control.create_key(name=f"{stack.prefix}/orphan", limit=3)
    stack.control.create_key(name=f"{stack.prefix}2/checkout-1234567", limit=3)
    stack.control.create_key(name="boundless")
    run, findings = drift(stack)
    assert run.code == 2
    assert {finding["service"] for finding in findings} == {ACCOUNT}
    severities = {finding["property"]: finding["severity"] for finding in findings}
    assert severities == {f"key {stack.prefix}/orphan": "critical", "key boundless": "notice"}
    stack.control.delete_key(orphan["hash"])
    run, findings = drift(stack)
    assert run.code == 0, run
    assert [finding["property"] for finding in findings] == ["key boundless"]


def test_a_secret_deleted_and_a_guardrail_loosened_by_hand_are_critical(stack: Stack) -> None:
    """Every declared service's stored value is looked at, and every resource around the keys."""
    guardrails = {"cheap": {"limit": 1, "limitReset": "daily"}}
    stack.configure({"checkout": {**SETTINGS, "guardrails": ["cheap"]}}, guardrails=guardrails)
    stack.up()
    (guardrail,) = stack.control.guardrails()
    stack.control.edit_guardrail(guardrail["id"], limit_usd=100)
    stack.aws().delete_secret(SecretId=stack.secret_name("checkout"), ForceDeleteWithoutRecovery=True)
    run, findings = drift(stack)
    assert run.code == 2
    found = {finding["service"]: finding["message"] for finding in findings if finding["severity"] == "critical"}
    assert (found["checkout"], "cheap" in found) == ("secret deleted", True)


def test_stack_that_cannot_be_checked_hides_nothing_and_selects_nothing(stack: Stack) -> None:
    """Beside a stack that does not exist the other's findings are printed, exit code 1, and no stack gets selected."""
    stack.configure({"checkout": SETTINGS})
    run = stack.run("openrouter-keys", "drift", "-s", "missing", "-s", stack.name, "--format", "github", check=False)
    assert run.code == 1, run
    assert "::error title=drift of missing not checked::" in run.output
    assert f"::notice title={stack.name} checkout service::not deployed yet: wanted declared" in run.output
    listed = json.loads(stack.run("pulumi", "stack", "ls", "--json").stdout)
    assert [found["name"] for found in listed if found["current"]] == []
