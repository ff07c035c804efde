"""What a read-only refresh preview sees, and what `up --refresh` heals."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.harness import Stack


@pytest.fixture
def deployed(stack: Stack) -> Stack:
    """A stack with one deployed service."""
    stack.configure({"checkout": {"limit": 50, "limitReset": "monthly"}})
    stack.up()
    return stack


def test_usage_is_no_drift(deployed: Stack) -> None:
    """A key that was used, and one that is nearly spent, are what they should be."""
    (key,) = deployed.live("checkout")
    deployed.control.edit_key(key["hash"], usage=49.5, usage_monthly=49.5, usage_daily=1)
    assert not deployed.drifted()


CHANGES: dict[str, Callable[[Stack, str], Any]] = {
    "raised limit": lambda stack, key: stack.control.edit_key(key, limit=5000),
    "removed limit": lambda stack, key: stack.control.edit_key(key, limit=None),
    "disabling": lambda stack, key: stack.control.edit_key(key, disabled=True),
    "renaming": lambda stack, key: stack.control.edit_key(key, name="somebody was here"),
    "deletion": lambda stack, key: stack.control.delete_key(key),
}


@pytest.mark.parametrize("change", CHANGES)
def test_change_behind_pulumis_back_is_found_and_healed(deployed: Stack, change: str) -> None:
    """A read-only preview fails on the change, `up --refresh` heals it, and the next preview is silent."""
    (key,) = deployed.live("checkout")
    CHANGES[change](deployed, key["hash"])
    assert deployed.drifted()
    deployed.up("--refresh")
    assert not deployed.drifted()
    (healed,) = deployed.live("checkout")
    assert (healed["limit"], healed["limit_reset"], healed["disabled"]) == (50, "monthly", False)
    assert healed["name"].startswith(f"{deployed.prefix}/checkout-")
    assert deployed.authenticates("checkout")


def test_value_edited_by_hand_is_found_and_healed(deployed: Stack) -> None:
    """A value that somebody put into the secret takes the label away, which shows as drift and is moved back."""
    deployed.aws().put_secret_value(SecretId=deployed.secret_name("checkout"), SecretString="edited")
    assert deployed.drifted()
    deployed.up("--refresh")
    assert deployed.authenticates("checkout")
    assert not deployed.drifted()
