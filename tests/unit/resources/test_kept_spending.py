"""What a deleted key spent stays in the state of its service's SupersededKeys."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pulumi.dynamic import ResourceProvider
from pulumi.runtime.rpc import UNKNOWN

from openrouter_provider.keys.spent import SPENT
from openrouter_provider.resources.superseded_keys import SupersededKeysProvider
from sandbox.openrouter import Control

pytest_plugins = ("tests.unit.account_fixtures",)

Props = dict[str, Any]
SupersededAt = Callable[[datetime], SupersededKeysProvider]
Up = Callable[[ResourceProvider, Props, Props], Props]
NOW = datetime(2027, 1, 1, tzinfo=UTC)


def after(days: float) -> datetime:
    """Return the instant so many days after the first run."""
    return NOW + timedelta(days=days)


def wish(*hashes: str, current: str = "new", **change: Any) -> Props:
    """Return what the component asks for these superseded keys."""
    listed = [{"hash": hash_} for hash_ in hashes]
    asked = {"service": "acme/dev/checkout", "superseded": listed, "current": current}
    return {**asked, "version": "v1", "overlap": "7d", **change}


def made(control: Control, name: str, **usage: float) -> str:
    """Return the hash of a key that has spent so much."""
    hash_ = str(control.create_key(name=name)[0]["hash"])
    control.edit_key(hash_, **usage)
    return hash_


def test_what_keys_spent_is_kept_through_rotations(superseded_at: SupersededAt, up: Up, control: Control) -> None:
    """The totals of all deleted keys add up; what the plan no longer names is in the sum without its hash."""
    first = made(control, "first", usage=3, usage_daily=0, usage_weekly=1, usage_monthly=2)
    second = made(control, "second", usage=0.5)
    state = up(superseded_at(NOW), {}, wish(first, current=second))
    assert SPENT not in state["outs"]
    state = up(superseded_at(after(8)), state, wish(first, current=second))
    assert state["outs"][SPENT]["by_key"] == {first: 3.0}
    assert SPENT not in state["inputs"]
    control.edit_key(second, usage_daily=0.25, usage_weekly=0.5, usage_monthly=0.5)
    state = up(superseded_at(after(9)), state, wish(second))
    state = up(superseded_at(after(17)), state, wish(second))
    assert state["outs"][SPENT] == {
        "keys": 2,
        "unknown": 0,
        "total": 3.5,
        "read_at": "2027-01-18T00:00:00Z",
        "daily": 0.25,
        "weekly": 0.5,
        "monthly": 2.5,
        "by_key": {second: 0.5},
    }


def test_a_key_that_was_deleted_by_hand_is_counted_as_unknown(
    superseded_at: SupersededAt, up: Up, control: Control
) -> None:
    """What it spent is not taken for nothing."""
    gone = made(control, "gone", usage=9)
    state = up(superseded_at(NOW), {}, wish(gone))
    control.delete_key(gone)
    state = up(superseded_at(after(8)), state, wish(gone))
    assert (state["outs"][SPENT]["keys"], state["outs"][SPENT]["unknown"]) == (0, 1)


def test_a_current_key_that_was_lost_is_counted_as_unknown(
    superseded_at: SupersededAt, up: Up, control: Control
) -> None:
    """Somebody deleted the current key, another one was made in its place: the next update notes it, once."""
    state = up(superseded_at(NOW), {}, wish(current="lost"))
    assert up(superseded_at(NOW), state, wish(current="healed"))["did"] == "same"
    healed = made(control, "healed")
    state = up(superseded_at(after(1)), state, wish(healed))
    assert state["outs"][SPENT]["unknown"] == 1
    assert up(superseded_at(after(9)), state, wish(healed))["outs"][SPENT] | {"by_key": {}} == {
        "keys": 1,
        "unknown": 1,
        "total": 0.0,
        "read_at": "2027-01-10T00:00:00Z",
        "daily": 0.0,
        "weekly": 0.0,
        "monthly": 0.0,
        "by_key": {},
    }


def test_a_refresh_takes_the_sum_for_no_wish(superseded_at: SupersededAt) -> None:
    """It stays in the state, and is no input."""
    provider = superseded_at(NOW)
    props = {**wish(), "keys": [], SPENT: {"keys": 1, "total": 2}}
    result = provider.read("acme/dev/checkout", props)
    assert result.outs is not None
    assert result.outs[SPENT] == props[SPENT]
    assert SPENT not in (result.inputs or {})


@pytest.mark.parametrize(
    ("plan", "expected"),
    [
        (UNKNOWN, UNKNOWN),
        ([{"hash": "old", "state": "deleted"}], UNKNOWN),
        ([{"hash": "old", "state": "disabled"}], {"keys": 1, "unknown": 0, "total": 2.0, "by_key": {}}),
    ],
)
def test_a_preview_knows_the_sum_where_nothing_is_deleted(
    superseded_at: SupersededAt, plan: Any, expected: Any
) -> None:
    """Only the deletion tells what the key has spent by then."""
    olds = {"keys": [{"hash": "old", "state": "bound"}], "current": "new", SPENT: {"keys": 1, "total": 2}}
    planned = superseded_at(NOW).planned_update("", olds, {"keys": plan, "current": "new"})
    assert planned[SPENT] == expected
