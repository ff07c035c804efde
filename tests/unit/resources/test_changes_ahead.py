"""How many calls that change the account a planned step makes."""

from typing import Any

import pytest
from pulumi.runtime.rpc import UNKNOWN

from openrouter_provider.resources.declared import calls_of

BOUND, GONE = {"hash": "a", "state": "bound"}, {"hash": "a", "state": "deleted"}


@pytest.mark.parametrize(
    ("kind", "before", "after", "calls"),
    [
        ("ApiKey", None, {"limit": 5}, 1),
        ("ApiKey", None, {"limit": 5, "disabled": True}, 2),
        ("ApiKey", {"generation": 1, "limit": 5}, {"generation": 1, "limit": 6}, 1),
        ("ApiKey", {"generation": 1}, {"generation": 2}, 2),
        ("SupersededKeys", None, {}, 0),
        ("SupersededKeys", {"keys": [BOUND]}, {"keys": [GONE]}, 1),
        ("SupersededKeys", {"keys": [BOUND]}, {"keys": [BOUND]}, 0),
        ("SupersededKeys", {"keys": [BOUND]}, {"keys": UNKNOWN}, 0),
        ("Guardrail", None, {}, 1),
        ("GuardrailAssignment", {}, {}, 1),
    ],
)
def test_calls_of_a_step(kind: str, before: dict[str, Any] | None, after: dict[str, Any], calls: int) -> None:
    """A disabled key takes two, a rotation bounds the key before it, a plan of superseded keys what it changes."""
    assert calls_of(kind, before, after) == calls
