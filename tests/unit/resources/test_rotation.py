"""One rotation: the successor is made and proved first, and whatever goes wrong keeps the key that is in use."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pulumi.dynamic import ResourceProvider

from openrouter_provider.api.account import PROOF_ATTEMPTS
from openrouter_provider.api.errors import OpenRouterError
from openrouter_provider.resources.adoption import RotationFailed
from openrouter_provider.resources.api_key import ApiKeyProvider
from sandbox.openrouter import Control

pytest_plugins = ("tests.unit.account_fixtures",)

Props = dict[str, Any]
Sent = list[tuple[str, str, Props]]
KeysAt = Callable[[datetime], ApiKeyProvider]
Up = Callable[[ResourceProvider, Props, Props], Props]
NOW = datetime(2027, 1, 1, tzinfo=UTC)
ROTATION = {"every": "90d", "overlap": "7d", "stagger": False}
WISH: Props = {"name_prefix": "acme/dev/checkout", "limit": 50, "rotation": ROTATION}


def after(days: float) -> datetime:
    """Return the instant so many days after the first run."""
    return NOW + timedelta(days=days)


@pytest.fixture
def first(keys_at: KeysAt, up: Up, control: Control) -> Props:
    """Make a key that is due after ninety days."""
    state = up(keys_at(NOW), {}, WISH)
    control.clear_calls()
    return state


def records(control: Control) -> list[Props]:
    """Return the live keys."""
    return control.keys()


def operations(control: Control) -> list[str]:
    """Return what the account was asked."""
    return [call["operation"] for call in control.calls()]


def live(control: Control) -> set[str]:
    """Return the hashes of the live keys."""
    return {key["hash"] for key in records(control)}


def test_a_key_that_is_not_due_is_left_alone(keys_at: KeysAt, up: Up, control: Control, first: Props) -> None:
    """Within the period a run makes no call."""
    assert up(keys_at(after(89)), first, WISH)["did"] == "same"
    assert operations(control) == []


def test_a_due_key_is_succeeded(keys_at: KeysAt, up: Up, control: Control, first: Props) -> None:
    """The id stays, hash and value move on, and the key before stays alive as superseded."""
    second = up(keys_at(after(100)), first, WISH)
    outs = second["outs"]
    assert (second["did"], second["id"]) == ("update", first["id"])
    assert outs["generation"] == 2
    assert outs["hash"] != first["outs"]["hash"]
    assert outs["key"] == control.secrets()["keys"][outs["hash"]]
    assert outs["superseded"] == [{"hash": first["outs"]["hash"], "label": first["outs"]["label"], "limit": 50}]
    assert live(control) == {first["outs"]["hash"], outs["hash"]}


def test_the_successor_is_proved_before_the_old_key_is_forgotten(
    keys_at: KeysAt, up: Up, control: Control, first: Props
) -> None:
    """A rotation is a look for leftovers, one POST and one proof; the old key is not touched."""
    up(keys_at(after(100)), first, WISH)
    assert operations(control) == ["list_keys", "list_keys", "create_key", "current_key"]


def test_a_year_s_gap_rotates_once(keys_at: KeysAt, up: Up, control: Control, first: Props) -> None:
    """After a year without a run one new key is made, and a second run at that instant makes no call."""
    second = up(keys_at(after(365)), first, WISH)
    control.clear_calls()
    third = up(keys_at(after(365)), second, WISH)
    assert (third["did"], operations(control)) == ("same", [])
    assert third["outs"]["generation"] == 2


def test_the_preview_shows_why(keys_at: KeysAt, first: Props) -> None:
    """The planned inputs name the next generation, its reason and when the old key retires."""
    planned = keys_at(after(100)).check(first["inputs"], WISH).inputs
    assert planned["generation"] == 2
    assert planned["rotation_reason"] == "due since 2027-04-01T00:00:00Z; the superseded key retires at " + (
        "2027-04-18T00:00:00Z"
    )


def test_a_successor_has_the_wish_of_its_run(keys_at: KeysAt, up: Up, control: Control, first: Props) -> None:
    """A limit changed together with the rotation holds for the new key; the old one keeps what it has."""
    second = up(keys_at(after(100)), first, {**WISH, "limit": 75})
    limits = {key["hash"]: key["limit"] for key in records(control)}
    assert limits == {first["outs"]["hash"]: 50, second["outs"]["hash"]: 75}


def test_a_disabled_service_rotates_to_a_disabled_key(keys_at: KeysAt, up: Up, control: Control) -> None:
    """The successor is proved while it works, then disabled as the service is."""
    wish = {**WISH, "disabled": True}
    state = up(keys_at(NOW), {}, wish)
    control.clear_calls()
    second = up(keys_at(after(100)), state, wish)
    assert operations(control) == ["list_keys", "list_keys", "create_key", "current_key", "update_key"]
    assert [key["disabled"] for key in records(control) if key["hash"] == second["outs"]["hash"]] == [True]


@pytest.mark.parametrize("status", [401, 403, 500])
def test_a_successor_that_does_not_authenticate_is_deleted(
    keys_at: KeysAt, up: Up, control: Control, first: Props, status: int
) -> None:
    """Where the proof fails the new key goes, the old one stays current, and the error says so without a value."""
    control.fault("current_key", "status_before", status=status, count=50)
    with pytest.raises(RotationFailed, match="the key before it stays current") as caught:
        up(keys_at(after(100)), first, WISH)
    assert live(control) == {first["outs"]["hash"]}
    assert "\n" not in str(caught.value)
    assert not [secret for secret in control.all_secrets() if secret in repr(caught.value)]


def test_a_key_that_is_accepted_late_is_waited_for(keys_at: KeysAt, up: Up, control: Control, first: Props) -> None:
    """A new key that is refused at first and accepted within the attempts completes the rotation."""
    control.fault("current_key", "status_before", status=401, count=PROOF_ATTEMPTS - 1)
    rotated = up(keys_at(after(100)), first, WISH)
    assert rotated["outs"]["generation"] == 2


def test_a_failed_rotation_is_made_up_for(keys_at: KeysAt, up: Up, control: Control, first: Props) -> None:
    """The run after a failed rotation rotates, and two keys are left: the new one and its predecessor."""
    control.fault("current_key", "status_before", status=401, count=PROOF_ATTEMPTS)
    with pytest.raises(RotationFailed):
        up(keys_at(after(100)), first, WISH)
    second = up(keys_at(after(101)), first, WISH)
    assert live(control) == {first["outs"]["hash"], second["outs"]["hash"]}


@pytest.mark.parametrize("kind", ["status_after", "drop_after", "broken_json", "html"])
def test_a_lost_answer_leaves_no_second_successor(
    keys_at: KeysAt, up: Up, control: Control, first: Props, kind: str
) -> None:
    """A create that was carried out without an answer is undone and repeated."""
    control.fault("create_key", kind, after=True)
    second = up(keys_at(after(100)), first, WISH)
    assert live(control) == {first["outs"]["hash"], second["outs"]["hash"]}


def test_what_a_killed_run_left_is_deleted(keys_at: KeysAt, up: Up, control: Control, first: Props) -> None:
    """A rotation that was killed before its state was written is undone by the next run, days later too."""
    up(keys_at(after(100)), first, WISH)  # Its state is lost.
    second = up(keys_at(after(103)), first, WISH)
    assert live(control) == {first["outs"]["hash"], second["outs"]["hash"]}
    assert len(control.named(second["inputs"]["name"])) == 1


def test_a_leftover_that_was_used_is_superseded(keys_at: KeysAt, up: Up, control: Control, first: Props) -> None:
    """A key of the successor's name that somebody spent on gets an overlap of its own, like the key before it."""
    lost = up(keys_at(after(100)), first, WISH)["outs"]["hash"]
    control.edit_key(lost, usage=0.01)
    again = up(keys_at(after(100)), first, WISH)["outs"]
    assert [entry["hash"] for entry in again["superseded"]] == [first["outs"]["hash"], lost]
    assert live(control) == {first["outs"]["hash"], lost, again["hash"]}


def test_a_failed_create_keeps_the_key(keys_at: KeysAt, up: Up, control: Control, first: Props) -> None:
    """Without credits no successor is made, and the old key stays."""
    control.fault("create_key", "status_before", status=402)
    with pytest.raises(OpenRouterError):
        up(keys_at(after(100)), first, WISH)
    assert live(control) == {first["outs"]["hash"]}


def test_superseded_keys_are_kept_until_they_are_gone(keys_at: KeysAt, up: Up, control: Control, first: Props) -> None:
    """A second rotation lists the keys still alive and the one just superseded; a deleted one is forgotten."""
    second = up(keys_at(after(100)), first, WISH)
    third = up(keys_at(after(200)), second, WISH)
    assert [entry["hash"] for entry in third["outs"]["superseded"]] == [first["outs"]["hash"], second["outs"]["hash"]]
    control.delete_key(first["outs"]["hash"])
    fourth = up(keys_at(after(300)), third, WISH)
    assert [entry["hash"] for entry in fourth["outs"]["superseded"]] == [second["outs"]["hash"], third["outs"]["hash"]]


def test_a_rotation_by_token_marks_every_older_key(keys_at: KeysAt, up: Up, first: Props) -> None:
    """An emergency reaches the key that leaked however old it is; a scheduled rotation marks none."""
    second = up(keys_at(after(100)), first, WISH)
    third = up(keys_at(after(101)), second, {**WISH, "rotate_now": "leak"})
    assert third["outs"]["superseded"] == [
        {"hash": each["outs"]["hash"], "label": each["outs"]["label"], "limit": 50, "token": "leak"}
        for each in (first, second)
    ]


def test_a_token_rotates_once(keys_at: KeysAt, up: Up, control: Control, first: Props) -> None:
    """A changed token rotates in the next run and never again."""
    wish = {**WISH, "rotate_now": "2027-01"}
    second = up(keys_at(after(1)), first, wish)
    control.clear_calls()
    assert (second["outs"]["generation"], up(keys_at(after(2)), second, wish)["did"]) == (2, "same")
    assert operations(control) == []


@pytest.mark.parametrize(
    "rotation",
    [None, {**ROTATION, "every": "10d"}, {**ROTATION, "overlap": "30d"}, {**ROTATION, "stagger": True}],
    ids=["off", "shorter", "overlap", "staggered"],
)
def test_switching_keeps_the_key(
    keys_at: KeysAt, up: Up, control: Control, first: Props, rotation: Props | None
) -> None:
    """Turning rotation off or changing it re-issues nothing, in that run and in the next, and makes no call."""
    second = up(keys_at(after(50)), first, {**WISH, "rotation": rotation})
    assert up(keys_at(after(50)), second, {**WISH, "rotation": rotation})["did"] == "same"
    back = up(keys_at(after(51)), second, WISH)
    assert (back["outs"]["hash"], back["outs"]["generation"]) == (first["outs"]["hash"], 1)
    assert operations(control) == []


def test_a_refresh_within_the_period_is_silent(keys_at: KeysAt, up: Up, first: Props) -> None:
    """A rotation changes nothing of what a refresh says afterwards."""
    second = up(keys_at(after(100)), first, WISH)
    read = keys_at(after(100)).read(second["id"], second["outs"])
    assert (read.id, read.outs, read.inputs) == (second["id"], second["outs"], second["inputs"])


def test_a_due_rotation_is_no_drift(keys_at: KeysAt, first: Props) -> None:
    """A refresh when the rotation is due shows the state as it is."""
    read = keys_at(after(400)).read(first["id"], first["outs"])
    assert (read.outs, read.inputs) == (first["outs"], first["inputs"])
