"""`openrouter-keys recover` after `kill -9` of a real `pulumi up`, with everything it had started."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from sandbox.aws.client import AwsControl
from tests.background import kill_up_when
from tests.harness import PLAINTEXT, Stack
from tests.soak import only_in_soak

SERVICES: dict[str, Any] = {
    "checkout": {"limit": 50, "rotation": {"every": "90d", "overlap": "7d"}},
    "search": {"limit": 10},
}
HANG_SECONDS = 60
RECOVER: tuple[str, ...] = ("openrouter-keys", "recover")


def pending(stack: Stack) -> set[tuple[str, str]]:
    """Return the state's unfinished operations: what was going on, and the last part of the resource's type."""
    entries = stack.export()["deployment"].get("pending_operations") or []
    return {(entry["type"], entry["resource"]["type"].rpartition(":")[2]) for entry in entries}


@pytest.fixture
def aws(stack: Stack) -> Iterator[AwsControl]:
    """Steer the AWS server; this stack's faults are forgotten afterwards."""
    control = AwsControl(stack.environment["AWS_ENDPOINT_URL"])
    yield control
    control.clear(stack.prefix)


def interrupted_creates(stack: Stack, _aws: AwsControl) -> None:
    """Two keys are made, and the run dies before it hears of them."""
    stack.control.fault("create_key", "hang", after=True, count=2, seconds=HANG_SECONDS)
    assert kill_up_when(stack, lambda: len(stack.control.keys()) == 2)
    assert pending(stack) == {("creating", "ApiKey")}


def interrupted_secrets(stack: Stack, aws: AwsControl) -> None:
    """A key is made and recorded, its secret is made, and the run dies before it hears of the secret."""
    aws.fault("CreateSecret", "InternalServiceError", secret=stack.prefix, count=2, after=True, seconds=HANG_SECONDS)
    assert kill_up_when(stack, lambda: len(stack.secret_names()) == 2)
    assert pending(stack) == {("creating", "Secret")}


def interrupted_rotation(stack: Stack, _aws: AwsControl) -> None:
    """A successor is made, and the run dies before it hears of it."""
    stack.now = "2027-01-01T00:00:00Z"
    stack.up()
    stack.now = "2027-04-02T00:00:00Z"
    stack.control.fault("create_key", "hang", after=True, seconds=HANG_SECONDS)
    assert kill_up_when(stack, lambda: len(stack.live("checkout")) == 2)
    assert ("updating", "ApiKey") in pending(stack)


def interrupted_version(stack: Stack, aws: AwsControl) -> None:
    """The successor is recorded and stored, and the run dies before it hears that it is stored."""
    stack.now = "2027-01-01T00:00:00Z"
    stack.up()
    before = stack.secret_text("checkout")
    stack.now = "2027-04-02T00:00:00Z"
    aws.fault("PutSecretValue", "InternalServiceError", secret=stack.prefix, after=True, seconds=HANG_SECONDS)
    assert kill_up_when(stack, lambda: stack.secret_text("checkout") != before)
    assert ("creating", "SecretVersion") in pending(stack)


INTERRUPTIONS = (
    interrupted_creates,
    pytest.param(interrupted_secrets, marks=only_in_soak),
    pytest.param(interrupted_rotation, marks=only_in_soak),
    pytest.param(interrupted_version, marks=only_in_soak),
)


@pytest.mark.parametrize("interrupt", INTERRUPTIONS)
def test_recover_and_up_leave_what_was_wanted_and_nothing_else(
    stack: Stack, aws: AwsControl, interrupt: Callable[[Stack, AwsControl], None]
) -> None:
    """After the kill, recover and up: every secret works, and every live key is in the state."""
    stack.configure(SERVICES)
    interrupt(stack, aws)
    aws.clear(stack.prefix)
    stack.control.clear_faults()
    seen = stack.run("openrouter-keys", "verify", "--stack", stack.name, check=False)
    assert f"run: openrouter-keys recover --stack {stack.name}" in seen.output, seen
    recovered = stack.run(*RECOVER, "--stack", stack.name, "--yes", "--clear-lock")
    assert "pulumi up --refresh" in recovered.output
    assert pending(stack) == set()
    stack.up("--refresh")
    assert all(stack.authenticates(service) for service in SERVICES)
    known = {service["keyHash"] for service in stack.services().values()}
    entries = [entry for key in stack.resources("ApiKey").values() for entry in key["outputs"].get("superseded") or []]
    live = stack.control.keys()
    assert {key["hash"] for key in live} == known | {entry["hash"] for entry in entries}
    assert len(entries) == (1 if interrupt in (interrupted_rotation, interrupted_version) else 0)
    (backup,) = (stack.folder / ".pulumi-recover").glob("*.stack-export.json")
    assert_private(stack, backup)


@only_in_soak
def test_guardrail_that_a_killed_run_made_is_not_left_over(stack: Stack) -> None:
    """Recover deletes it by its drawn name; up makes the only one, and assigns it."""
    services = {"checkout": {"limit": 5, "guardrails": ["cheap"]}}
    stack.configure(services, guardrails={"cheap": {"limit": 1, "limitReset": "daily"}})
    stack.control.fault("create_guardrail", "hang", after=True, seconds=HANG_SECONDS)
    assert kill_up_when(stack, lambda: len(stack.control.guardrails()) == 1)
    assert ("creating", "Guardrail") in pending(stack)
    (lost,) = stack.control.guardrails()
    stack.control.clear_faults()
    stack.run(*RECOVER, "--stack", stack.name, "--yes", "--clear-lock")
    assert (stack.control.guardrails(), pending(stack)) == ([], set())
    stack.up("--refresh")
    (made,) = stack.control.guardrails()
    assert made["id"] != lost["id"]
    assert [each["guardrail_id"] for each in stack.control.key_assignments()] == [made["id"]]


@only_in_soak
def test_workspace_that_a_killed_run_made_is_taken_over_as_recover_says(stack: Stack) -> None:
    """Its slug is not drawn, so it is left; `adopt` brings it into the state, and a second recover ends it."""
    stack.configure({}, workspaces={"payments": {"budgets": {"daily": 5}}})
    stack.control.fault("create_workspace", "hang", after=True, seconds=HANG_SECONDS)
    assert kill_up_when(stack, lambda: len(stack.control.workspaces()) == 2)
    stack.control.clear_faults()
    (lost,) = [each["id"] for each in stack.control.workspaces() if each["slug"] == "payments"]
    left = stack.run(*RECOVER, "--stack", stack.name, "--yes", "--clear-lock", check=False)
    assert (left.code, "openrouter-keys:workspaces.payments.adopt" in "".join(left.output.split())) == (2, True), left
    adopt = ("config", "set", "--path", "openrouter-keys:workspaces.payments.adopt", lost)
    stack.pulumi(*adopt)
    stack.up()
    stack.run(*RECOVER, "--stack", stack.name, "--yes")
    assert (len(stack.control.workspaces()), pending(stack)) == (2, set())
    assert len(stack.control.budgets(lost)) == 1


@only_in_soak
def test_recover_does_nothing_unasked_and_nothing_twice(stack: Stack, aws: AwsControl) -> None:
    """A lock or a missing --yes stops it before it changes the state, and so does having nothing left to do."""
    stack.configure(SERVICES)
    interrupted_creates(stack, aws)
    stack.control.clear_faults()
    command = (*RECOVER, "--stack", stack.name)
    before = stack.export()
    # What a kill leaves that comes while the backend writes.
    (stack.backend / ".pulumi" / "stacks" / "openrouter-keys" / f"{stack.name}.json.attrs").write_text("")
    assert stack.pulumi("stack", "export", check=False).output.strip().endswith("EOF")
    locked = stack.run(*command, "--yes", check=False)
    assert (locked.code, "is locked by" in locked.output) == (2, True), locked
    refused = stack.run(*command, "--clear-lock", check=False)
    assert (refused.code, "give --yes" in refused.output) == (1, True), refused
    assert (len(stack.control.keys()), stack.export()) == (2, before)
    stack.run(*command, "--yes", "--clear-lock")
    exported = stack.export()
    again = stack.run(*command, "--yes", "--clear-lock")
    assert "nothing to recover" in again.output
    assert (stack.control.keys(), stack.export()) == ([], exported)


def assert_private(stack: Stack, backup: Path) -> None:
    """Assert that a backup is its owner's alone and holds no key in the clear."""
    assert backup.stat().st_mode & 0o777 == 0o600
    text = backup.read_text()
    assert not PLAINTEXT.search(text)
    assert not any(secret in text for secret in stack.control.all_secrets())
