"""Rotation through the real engine, by a clock that the tests set."""

from typing import Any

import pytest

from tests.engine.schedule import ROTATING, START, after
from tests.harness import NO_AWS, Stack
from tests.soak import only_in_soak


def test_one_rotation_and_the_end_of_its_overlap(rotating: Stack) -> None:
    """A due key is replaced in place, the old one works through its overlap, and the first up after it deletes it."""
    (first,) = rotating.live("checkout")
    rotating.now = after(89)
    rotating.up("--expect-no-changes")
    rotating.now = after(91)
    preview = rotating.pulumi("preview", "--diff").output
    assert "due since 2027-04-01T00:00:00Z; the superseded key retires at 2027-04-09T00:00:00Z" in preview
    with rotating.watching("checkout") as failures:
        rotating.up()
    rotating.up("--expect-no-changes")
    assert not rotating.drifted()
    assert {key["hash"]: key["disabled"] for key in rotating.live("checkout")}[first["hash"]] is False
    assert len(rotating.live("checkout")) == 2
    assert rotating.resources("ApiKey")["checkout"]["id"] == first["hash"]
    rotating.now = after(99)
    with rotating.watching("checkout") as more_failures:
        rotating.up()
    (live,) = rotating.live("checkout")
    assert live["hash"] == rotating.services()["checkout"]["keyHash"] != first["hash"]
    assert failures + more_failures == []


def test_failed_secret_update_keeps_every_key_the_secret_may_hold(rotating: Stack) -> None:
    """However long the secret can't be written, its key lives; once it is, the overlap begins."""
    (first,) = rotating.live("checkout")
    with rotating.watching("checkout") as failures:
        for days in (91, 105):
            rotating.now = after(days)
            assert rotating.up(check=False, **NO_AWS).code != 0
        assert len(rotating.live("checkout")) == 2
        rotating.up()
    assert failures == []
    assert first["hash"] in [key["hash"] for key in rotating.live("checkout")]
    rotating.now = after(113)
    rotating.up()
    assert [key["hash"] for key in rotating.live("checkout")] == [rotating.services()["checkout"]["keyHash"]]


def test_emergency_disables_the_leaked_key_once_the_new_one_is_stored(rotating: Stack) -> None:
    """A new token with emergency rotates at once and disables what it superseded, but only after the secret moved."""
    (leaked,) = rotating.live("checkout")
    rotating.configure({"checkout": ROTATING | {"rotateNow": "leak-1", "emergency": True}})
    assert rotating.up(check=False, **NO_AWS).code != 0
    assert not any(key["disabled"] for key in rotating.live("checkout"))
    with rotating.watching("checkout") as failures:
        rotating.up()
    assert failures == []
    assert {key["hash"]: key["disabled"] for key in rotating.live("checkout")} == {
        leaked["hash"]: True,
        rotating.services()["checkout"]["keyHash"]: False,
    }
    rotating.up("--expect-no-changes")


@only_in_soak
def test_gap_of_a_year_rotates_once(rotating: Stack) -> None:
    """A pipeline that was down for a year makes one new key, not four."""
    rotating.now = after(365)
    rotating.control.clear_calls()
    rotating.up()
    assert len(rotating.control.calls("create_key")) == 1
    rotating.up("--expect-no-changes")


@only_in_soak
def test_switching_rotation_on_off_or_over_keeps_the_key(rotating: Stack) -> None:
    """No change of the schedule issues a new key, also where the new period would be over already."""
    (key,) = rotating.live("checkout")
    rotating.now = after(80)
    for rotation in ({"every": "30d", "overlap": "1d"}, None, {"every": "60d", "overlap": "7d"}):
        rotating.configure({"checkout": ROTATING | {"rotation": rotation}})
        rotating.up()
    rotating.up("--expect-no-changes")
    assert [live["hash"] for live in rotating.live("checkout")] == [key["hash"]]


@pytest.mark.parametrize("step", [3, pytest.param(1, marks=only_in_soak)], ids=["quarterly", "monthly"])
@only_in_soak
def test_default_stack_through_a_year(stack: Stack, step: int) -> None:
    """In a year of regular runs each service changes its key three to five times, always works, and ends with one."""
    services: dict[str, Any] = {"checkout": {"limit": 50}, "search": {"limit": 10}, "bot": {}}
    defaults = {"limit": 25, "recoveryWindowInDays": 0, "rotation": {"every": "90d", "overlap": "7d"}}
    stack.configure(services, defaults=defaults)
    hashes: dict[str, set[str]] = {name: set() for name in services}
    for month in range(0, 13, step):
        stack.now = after(month * 30.5)
        stack.up()
        for name, exported in stack.services().items():
            hashes[name].add(exported["keyHash"])
            assert stack.authenticates(name)
    stack.now = after(12 * 30.5 + 8)
    stack.up()
    assert {3 <= len(seen) - 1 <= 5 for seen in hashes.values()} == {True}
    assert {name: len(stack.live(name)) for name in services} == dict.fromkeys(services, 1)


@only_in_soak
def test_a_retired_key_is_not_missed_by_what_was_bound_to_it(stack: Stack) -> None:
    """After the overlap a guardrail and a provider key of the service stay silent under a refresh, and can change."""
    stack.now = START
    settings: dict[str, Any] = {
        "guardrails": {"cheap": {"limit": 1, "limitReset": "daily"}},
        "byokKeys": {"ours": {"provider": "openai", "allowedServices": ["checkout"]}},
    }
    services = {"checkout": {"limit": 5, "guardrails": ["cheap"], "rotation": {"every": "90d", "overlap": "7d"}}}
    secret = ("config", "set", "--secret", "--path", "openrouter-keys:byokKeys.ours.key", f"sk-proj-{'d' * 24}")
    stack.configure(services, **settings)
    stack.pulumi(*secret)
    stack.up()
    for days in (91, 99):
        stack.now = after(days)
        stack.up()
    assert len(stack.control.keys()) == 1
    assert not stack.drifted()
    stack.up("--refresh", "--expect-no-changes")
    settings["byokKeys"]["ours"]["disabled"] = True
    stack.configure(services, **settings)
    stack.pulumi(*secret)
    stack.up("--refresh")
