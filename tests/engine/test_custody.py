"""A key that a secret holds is never harmed, whatever an operator does with the engine: by ordinary commands."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sandbox.aws.client import AwsControl
from tests.engine.schedule import ROTATING, START, after
from tests.harness import Stack
from tests.soak import only_in_soak

FOR_EVER = 1000
HELD = "still holds it as its current value"


@pytest.fixture
def denied(stack: Stack) -> Iterator[AwsControl]:
    """AWS, to be told what it refuses; what it was told ends with the test."""
    control = AwsControl(stack.environment["AWS_ENDPOINT_URL"])
    yield control
    control.clear(stack.prefix)
    control.close()


def urn(stack: Stack, kind: str) -> str:
    """Return the URN of the service's resource of a kind."""
    return str(stack.resources(kind)["checkout"]["urn"])


def hashes(stack: Stack) -> set[str]:
    """Return the service's live keys."""
    return {str(key["hash"]) for key in stack.live("checkout")}


def record(stack: Stack, hash_: str) -> dict[str, Any]:
    """Return a key's record; empty where it is gone."""
    return next((key for key in stack.control.keys() if key["hash"] == hash_), {})


def restore(stack: Stack, state: dict[str, Any], folder: Path) -> None:
    """Put an older state back, as after a backend was restored."""
    file = folder / "older.json"
    file.write_text(json.dumps(state))
    stack.pulumi("stack", "import", "--file", str(file), "--force")


def test_a_run_that_stores_nothing_begins_no_overlap(rotating: Stack) -> None:
    """Without the new version the superseded key is neither bounded nor deleted; its overlap begins with it."""
    (first,) = hashes(rotating)
    without = ["--exclude", urn(rotating, "SecretVersion")]
    alone = ["--target", urn(rotating, "ApiKey"), "--target", urn(rotating, "SupersededKeys")]
    for days, options in ((91, without), (99, alone)):
        rotating.now = after(days)
        assert HELD in rotating.up(*options).output
        assert rotating.authenticates("checkout")
        assert record(rotating, first)["limit"] == 5
    rotating.up()
    rotating.now = after(105)
    rotating.up("--expect-no-changes")
    assert first in hashes(rotating)
    rotating.now = after(106)
    rotating.up()
    assert hashes(rotating) == {rotating.services()["checkout"]["keyHash"]}


def test_a_secret_that_cannot_be_read_keeps_its_keys(rotating: Stack, denied: AwsControl) -> None:
    """Where AWS refuses the look nothing is deleted, the run says so, and the overlap begins with one that may look."""
    (first,) = hashes(rotating)
    rotating.now = after(91)
    rotating.up()
    rotating.now = after(99)
    denied.fault("GetSecretValue", "AccessDeniedException", secret=rotating.prefix, count=FOR_EVER)
    assert "could not be read" in rotating.up().output
    assert first in hashes(rotating)
    denied.clear(rotating.prefix)
    rotating.up()
    rotating.now = after(106)
    rotating.up()
    assert first not in hashes(rotating)


@only_in_soak
def test_another_expiry_retires_the_key_as_a_rotation_does(rotating: Stack, denied: AwsControl) -> None:
    """While the new value can't be stored the key in the secret lives, whatever command is tried; then it overlaps."""
    (first,) = hashes(rotating)
    rotating.configure({"checkout": ROTATING | {"expiresAt": "2028-01-01T00:00:00Z"}})
    denied.fault("PutSecretValue", "AccessDeniedException", secret=rotating.prefix, count=FOR_EVER)
    for options in ([], ["--continue-on-error"], ["--target", urn(rotating, "ApiKey")]):
        rotating.up(*options, check=False)
        assert rotating.authenticates("checkout")
        assert first in hashes(rotating)
    denied.clear(rotating.prefix)
    rotating.up()
    assert rotating.services()["checkout"]["expiresAt"] == "2028-01-01T00:00:00Z"
    assert first in hashes(rotating)
    rotating.now = after(7)
    rotating.up()
    assert first not in hashes(rotating)


@only_in_soak
def test_a_restored_state_takes_the_stored_successors_over(stack: Stack, tmp_path: Path) -> None:
    """A state from before a rotation ends in the very keys that the secrets hold, used or not; none needs be made."""
    stack.now = START
    stack.configure({"checkout": ROTATING, "search": ROTATING})
    stack.up()
    before = stack.export()
    stack.now = after(91)
    stack.up()
    stored = {name: service["keyHash"] for name, service in stack.services().items()}
    stack.control.edit_key(stored["search"], usage=1)
    restore(stack, before, tmp_path)
    stack.control.fault("create_key", "status_before", status=402, count=FOR_EVER)
    stack.up()
    stack.control.clear_faults()
    assert {name: service["keyHash"] for name, service in stack.services().items()} == stored
    assert (len(stack.control.keys()), stack.authenticates("checkout"), stack.authenticates("search")) == (
        4,
        True,
        True,
    )
    assert not stack.drifted()


def test_a_key_disabled_by_hand_stays_off_through_its_schedule(rotating: Stack) -> None:
    """A rotation that comes of the clock alone waits; a person's token rotates, and the old key stays disabled."""
    (first,) = hashes(rotating)
    rotating.control.edit_key(first, disabled=True)
    rotating.now = after(91)
    assert "was disabled on OpenRouter: it was not rotated" in rotating.up().output
    assert hashes(rotating) == {first}
    assert "is disabled on OpenRouter and is enabled again" in rotating.pulumi("preview", "--refresh").output
    rotating.configure({"checkout": ROTATING | {"rotateNow": "again"}})
    rotating.up()
    assert (rotating.authenticates("checkout"), record(rotating, first)["disabled"]) == (True, True)


def test_a_leaked_key_never_works_again(rotating: Stack, denied: AwsControl) -> None:
    """After an emergency and a destroy that failed half-way, an up without the setting leaves the key disabled."""
    (leaked,) = hashes(rotating)
    rotating.configure({"checkout": ROTATING | {"rotateNow": "leak", "emergency": True}})
    rotating.up()
    assert record(rotating, leaked)["disabled"] is True
    denied.fault("DeleteSecret", "AccessDeniedException", secret=rotating.prefix, count=FOR_EVER)
    assert rotating.pulumi("destroy", "--yes", "--skip-preview", check=False).code != 0
    denied.clear(rotating.prefix)
    rotating.configure({"checkout": ROTATING | {"rotateNow": "leak"}})
    rotating.up()
    assert record(rotating, leaked).get("disabled") in (True, None)
    assert rotating.authenticates("checkout")


def test_a_destroyed_key_is_one_that_no_secret_holds(rotating: Stack) -> None:
    """A key whose secret Pulumi was made to forget is not deleted under it; without the secret it is."""
    rotating.pulumi("state", "delete", urn(rotating, "SupersededKeys"), "--yes")
    rotating.pulumi("state", "delete", urn(rotating, "SecretVersion"), "--yes")
    rotating.pulumi("state", "delete", urn(rotating, "Secret"), "--yes")
    failed = rotating.pulumi("destroy", "--yes", "--skip-preview", check=False)
    assert failed.code != 0
    assert HELD in failed.output
    assert rotating.authenticates("checkout")
    rotating.aws().delete_secret(SecretId=rotating.secret_name("checkout"), ForceDeleteWithoutRecovery=True)
    rotating.destroy()
    assert hashes(rotating) == set()


@only_in_soak
def test_a_clock_far_ahead_for_one_run_does_not_stop_rotation(rotating: Stack) -> None:
    """After one run in 2099 the schedule is one period from now, and the superseded key's end one overlap."""
    (first,) = hashes(rotating)
    rotating.now = "2099-01-01T00:00:00Z"
    rotating.up()
    rotating.now = after(1)
    rotating.up()
    key, superseded = rotating.resources("ApiKey")["checkout"], rotating.resources("SupersededKeys")["checkout"]
    assert key["outputs"]["rotated_at"] == after(1)
    assert key["outputs"]["next_rotation_at"] == after(91)
    assert [entry["retires_at"] for entry in superseded["outputs"]["keys"]] == [after(8)]
    rotating.up("--expect-no-changes")
    rotating.now = after(9)
    rotating.up()
    assert first not in hashes(rotating)


@only_in_soak
def test_a_wrong_clock_rotates_nothing(stack: Stack) -> None:
    """Where this machine's clock and the API's differ, a rotation that is due by the former is refused."""
    stack.configure({"checkout": {"limit": 5, "rotation": {"every": "3s", "overlap": "1s", "stagger": False}}})
    stack.up()
    (first,) = hashes(stack)
    stack.control.configure(date_ahead_seconds=100 * 24 * 3600)
    # The key is due three seconds after it was made: by the third of these runs, however fast the machine is.
    runs = [stack.up(check=False) for _ in range(3)]
    assert runs[-1].code != 0
    assert "this machine's clock is" in runs[-1].output
    assert hashes(stack) == {first}


@only_in_soak
def test_a_raised_limit_and_a_lowered_one_bound_the_superseded_key(rotating: Stack) -> None:
    """The bound is a share of what the program wishes: not of a limit raised by hand, nor of one just lowered."""
    (first,) = hashes(rotating)
    rotating.control.edit_key(first, limit=1000)
    rotating.now = after(91)
    rotating.up("--refresh")
    assert record(rotating, first)["limit"] == pytest.approx(5 * 7 / 90, abs=0.01)
    second = rotating.services()["checkout"]["keyHash"]
    rotating.control.edit_key(second, limit=None)
    rotating.configure({"checkout": ROTATING | {"limit": 1, "rotateNow": "now"}})
    rotating.up()
    assert record(rotating, second)["limit"] == pytest.approx(1 * 7 / 90, abs=0.01)
