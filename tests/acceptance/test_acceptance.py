"""The life cycle against real OpenRouter, real AWS and the real AWS plugin; every key has a limit of 0."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from openrouter_provider.keys.schedule import format_instant
from tests.acceptance.conftest import Account, RealStack

CHECKOUT: dict[str, Any] = {"limit": 0, "limitReset": "monthly"}
SEARCH: dict[str, Any] = {"limit": 0, "format": "plain"}
ROTATING: dict[str, Any] = {"limit": 0, "rotation": {"every": "90d", "overlap": "7d", "stagger": False}}


def hashes(stack: RealStack, service: str) -> set[str]:
    """Return the hashes of a service's live keys."""
    return {key["hash"] for key in stack.live(service)}


def test_a_stack_comes_up_changes_and_goes(stack: RealStack, account: Account) -> None:
    """Two services get working keys, stay silent, are changed in place, and leave nothing: each deletion is a 404."""
    stack.configure({"checkout": CHECKOUT, "search": SEARCH})
    stack.up()
    stack.up("--expect-no-changes")
    assert not stack.drifted()
    assert stack.authenticates("checkout")
    assert stack.authenticates("search")
    verified = json.loads(stack.run("openrouter-keys", "verify", "--stack", stack.name, "--json").stdout)
    assert [found["findings"] for found in verified["services"]] == [[], []]
    (first,), (removed,) = hashes(stack, "checkout"), hashes(stack, "search")
    stack.configure({"checkout": {"limit": 0, "limitReset": "daily"}})
    stack.up()
    assert stack.services()["checkout"]["limitReset"] == "daily"
    assert hashes(stack, "checkout") == {first}
    assert account.is_gone(removed)
    stack.destroy()
    assert account.is_gone(first)
    assert stack.secret_names() == []


def test_drift_of_a_key_is_found_and_healed(stack: RealStack, account: Account) -> None:
    """A key disabled by hand is found by a preview and enabled again by `up --refresh`."""
    stack.configure({"checkout": CHECKOUT})
    stack.up()
    (key,) = hashes(stack, "checkout")
    account.client.update_key(key, {"disabled": True})
    assert stack.drifted()
    stack.up("--refresh")
    assert not stack.drifted()
    assert stack.authenticates("checkout")


def test_a_rotation_keeps_the_old_key_through_its_overlap(stack: RealStack, account: Account) -> None:
    """A due key is replaced, the old one still works, and the first up after the overlap deletes it: a 404."""
    start = datetime.now(UTC)
    stack.configure({"checkout": ROTATING})
    stack.up()
    (first,) = hashes(stack, "checkout")
    old = stack.secret_text("checkout")
    stack.now = format_instant(start + timedelta(days=91))
    stack.up()
    assert stack.authenticates("checkout")
    assert stack.accepted(old)
    assert len(hashes(stack, "checkout")) == 2
    stack.now = format_instant(start + timedelta(days=99))
    stack.up()
    assert stack.authenticates("checkout")
    assert account.is_gone(first)


def test_an_emergency_disables_the_leaked_key(stack: RealStack) -> None:
    """With a new token and `emergency` the new key is stored and the leaked one refused."""
    stack.configure({"checkout": ROTATING})
    stack.up()
    leaked = stack.secret_text("checkout")
    stack.configure({"checkout": ROTATING | {"rotateNow": "leak-1", "emergency": True}})
    stack.up()
    assert stack.authenticates("checkout")
    assert not stack.accepted(leaked)
