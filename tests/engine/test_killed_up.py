"""`openrouter-keys recover` after `kill -9` of a real `pulumi up`, with everything it had started."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from sandbox.aws.client import AwsControl
from tests.background import kill_up_when
from tests.harness import PLAINTEXT, Stack

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


INTERRUPTIONS = (interrupted_creates, interrupted_secrets, interrupted_rotation, interrupted_version)


@pytest.mark.parametrize("interrupt", INTERRUPTIONS)
def test_recover_and_up_leave_what_was_wanted_and_nothing_else(
    stack: Stack, aws: AwsControl, interrupt: Callable[[Stack, AwsControl], None]
) -> None:
    """After the kill, recover and up: every secret works, and every live key is in the state."""
    stack.configure(SERVICES)
    interrupt(stack, aws)
    aws.clear(stack.prefix)
    stack.control.clear_faults()
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
    (backup,) = (stack.folder / ".pulumi-recover").iterdir()
    assert_private(stack, backup)


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
