"""Guardrails and provider keys that Pulumi forgot."""

from pathlib import Path

import pytest

from openrouter_provider.api.client import ManagementClient
from openrouter_provider.operations.recovery.orphan_objects import find_orphan_objects
from sandbox.openrouter import Control
from tests.unit.recover_fixtures import DRAWN, FAILED_NOW, GUARDRAIL, KEY, NAME, Make, begin_creation, entry, state

WEBHOOK = {"type": "webhook", "config": {"url": "https://traces.example.com"}}
pytest_plugins = ("tests.unit.recover_fixtures",)


def test_orphaned_guardrails_are_deleted_and_provider_keys_left(control: Control, make: Make, tmp_path: Path) -> None:
    """What was noted and never answered goes where nobody is under it, a destination too; a time is no proof."""
    lost = control.create_guardrail(name="acme/dev/cheap-0a1b2c3")
    assigned = control.create_guardrail(name="acme/dev/other-0a1b2c3")
    control.assign_keys(assigned["id"], [control.create_key(name="a key")[0]["hash"]])
    traces = control.create_item("destinations", name="acme/dev/traces-0a1b2c3", **WEBHOOK)
    byok = control.create_byok_key(name="acme/dev/ours-0a1b2c3", provider="openai", key="k" * 24)
    control.create_guardrail(name="acme/dev/eu/cheap-0a1b2c3")
    recoverer, fake = make(state())
    unproved = {lost["id"], assigned["id"], byok["id"], traces["id"]}
    assert {step.target for step in recoverer.plan().left} == unproved
    fake.runs = [FAILED_NOW]
    assert {step.target for step in recoverer.plan().left} == unproved
    for name in ("cheap", "other", "ours", "traces"):
        begin_creation(tmp_path, f"acme/dev/{name}-0a1b2c3")
    applied = recoverer.apply(recoverer.plan())
    assert {step.target for step in applied.left} == {assigned["id"], byok["id"]}
    assert all(".adopt " in step.reason for step in applied.left)
    assert (lost["id"] in {each["id"] for each in control.guardrails()}, fake.done) == (False, [])
    assert control.items("destinations") == []


def test_objects_of_the_state_or_a_note_are_no_orphans(control: Control, make: Make) -> None:
    """What the state knows is in use; what a pending operation names is decided with that."""
    known, noted = (control.create_guardrail(name=f"acme/dev/{name}-0a1b2c3") for name in ("known", "noted"))
    pending = entry("creating", GUARDRAIL, name=noted["name"], name_seed="0a1b2c3")
    recoverer, _ = make(state(pending, resources=[{"urn": "u", "type": GUARDRAIL, "id": known["id"]}]))
    recovery = recoverer.plan()
    assert (recovery.orphans, [step.target for step in recovery.steps]) == ((), [noted["id"]])


@pytest.mark.parametrize("status", [400, 401, 403, 404])
def test_account_that_may_not_list_guardrails_is_recovered_all_the_same(
    control: Control,
    make: Make,
    status: int,
) -> None:
    """Orphan guardrails are a bonus: where they cannot be asked for, keys are still cleared up."""
    control.create_key(name=NAME)
    recoverer, _ = make(state(entry("creating", KEY, **DRAWN)))
    for operation in ("list_guardrails", "list_byok_keys", "list_destinations"):
        control.fault(operation, "status_before", status=status, count=9)
    assert recoverer.apply(recoverer.plan()).backup
    assert control.keys() == []


def test_api_without_guardrails_has_no_orphans(control: Control, client: ManagementClient) -> None:
    """A gateway that knows only the keys' paths answers the others with a web page."""
    for operation in ("list_guardrails", "list_byok_keys", "list_destinations"):
        control.fault(operation, "html", status=404, count=99)
    assert find_orphan_objects(lambda: client, [None], lambda _record: True) == []
