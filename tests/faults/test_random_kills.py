"""`kill -9` of everything at a random instant: OPENROUTER_KEYS_KILLS times, seeded by OPENROUTER_KEYS_SEED."""

import os
import random
import time
from typing import Any

import pytest

from tests.harness import Stack

KILLS = int(os.environ.get("OPENROUTER_KEYS_KILLS", "2"))
SEED = int(os.environ.get("OPENROUTER_KEYS_SEED", "7"))
SERVICES: dict[str, Any] = {
    f"s{number}": {"limit": 5, "rotation": {"every": "90d", "overlap": "7d", "stagger": False}} for number in range(4)
}
START, DUE, AFTER_OVERLAP = "2027-01-01T00:00:00Z", "2027-04-05T00:00:00Z", "2027-04-20T00:00:00Z"
# Counted from the first call that the API sees: before that nothing has happened that could be lost.
LONGEST_SECONDS = 3.0


@pytest.mark.parametrize("number", range(KILLS))
def test_recover_and_up_end_with_one_live_key_a_service(stack: Stack, number: int) -> None:
    """Whenever a first up or a rotation is killed, recover and up leave one live, working key a service."""
    chance = random.Random(SEED + number)  # noqa: S311 - a test's dice
    stack.control.configure(latency_ms=150)
    stack.now = START
    stack.configure(SERVICES)
    rotating = bool(number % 2)
    if rotating:
        stack.up()
        stack.now = DUE
    stack.control.clear_calls()
    moment = Moment(stack, chance.uniform(0, LONGEST_SECONDS))
    stack.kill_up_when(moment.has_come)
    stack.control.configure(latency_ms=0)
    stack.run("openrouter-keys", "recover", "--stack", stack.name, "--yes", "--clear-lock")
    stack.up("--refresh")
    assert all(stack.authenticates(service) for service in SERVICES)
    if rotating:
        stack.now = AFTER_OVERLAP
        stack.up()
    assert {service: len(stack.live(service)) for service in SERVICES} == dict.fromkeys(SERVICES, 1), moment
    assert all(stack.authenticates(service) for service in SERVICES)
    assert len(stack.control.keys()) == len(SERVICES)


class Moment:
    """So many seconds after the first call that the API sees."""

    def __init__(self, stack: Stack, seconds: float) -> None:
        self._stack = stack
        self._seconds = seconds
        self._began: float | None = None

    def __repr__(self) -> str:
        return f"killed {self._seconds:.3f} s after the first call"

    def has_come(self) -> bool:
        """Whether it is over."""
        if self._began is None and self._stack.control.calls():
            self._began = time.monotonic()
        return self._began is not None and time.monotonic() - self._began >= self._seconds
