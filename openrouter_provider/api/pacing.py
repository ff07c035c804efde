"""One rate for all threads of a client: a 429 slows everyone, once, and the rate grows back by itself.

Until the first 429 calls go out as they come. A 429 closes a gate for everyone until the time the server named;
behind it calls leave one at a time, evenly spread. The rate to spread them by is what the API has just shown that
it accepts: the calls it answered, over the time they took and the time it now wants to be left alone. Later it is
searched as TCP does: a little faster with each success, clearly slower with each 429 (0.85, or a half when the last
cut was not enough). Several calls that were under way when the gate closed count as one 429.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

DEFAULT_GATE_SECONDS = 1.0
"""How long the gate stays closed when a 429 names no time."""
MIN_GATE_SECONDS = 0.05
MIN_RATE = 0.2
MAX_RATE = 500.0
"""Calls a second beyond which pacing is switched off again."""
TRUSTED_SAMPLE = 5
"""Answers that make a rate worth believing; with fewer it doubles each second until the next 429."""


@dataclass(slots=True)
class Pace:
    """The pure part: when may the next call leave? Times are seconds of any one monotonic clock."""

    rate: float | None = None
    """Calls a second; None is as they come."""
    gate_at: float = 0.0
    """When the gate opens."""
    next_at: float = 0.0
    """When the next free place is."""
    epoch: int = 0
    """Counts the 429s that cut the rate; a place reserved in an earlier epoch is void."""
    searching: bool = False
    """Whether the rate is still a guess from too few answers."""
    since: float | None = None
    """When the current sample began."""
    answered: int = 0
    """Calls answered since then."""

    def reserve(self, now: float) -> float:
        """Return the moment at which a call may leave, and take that place."""
        if self.since is None:
            self.since = now
        at = max(now, self.gate_at, self.next_at if self.rate else 0.0)
        if self.rate:
            self.next_at = at + 1.0 / self.rate
        return at

    def succeeded(self) -> None:
        """Note an answer that wasn't 429."""
        self.answered += 1
        if self.rate:
            doubling = 0.7
            cautious = 0.02
            self.rate += doubling if self.searching else cautious
            if self.rate > MAX_RATE:
                self.rate = None

    def throttled(self, now: float, epoch: int, wait: float | None) -> None:
        """Close the gate, and cut the rate unless the call left before the last cut."""
        seconds = DEFAULT_GATE_SECONDS if wait is None else max(wait, MIN_GATE_SECONDS)
        self.gate_at = max(self.gate_at, now + seconds)
        if epoch == self.epoch:
            self._cut(now, seconds)

    def _cut(self, now: float, seconds: float) -> None:
        if self.rate is None:
            sample = self.answered / max(now - (self.since or 0.0) + seconds, MIN_GATE_SECONDS)
            self.rate, self.searching = max(sample, 1.0), self.answered < TRUSTED_SAMPLE
        else:
            held = self.answered >= self.rate
            self.rate, self.searching = self.rate * (0.85 if held else 0.5), False
        self.rate = max(self.rate, MIN_RATE)
        self.epoch += 1
        self.answered = 0
        self.next_at = self.gate_at


class Pacer:
    """Lets the calls of all threads out at one common pace.

    Args:
        monotonic: Seconds from an arbitrary start.
        sleep: Waits that many seconds.
    """

    def __init__(
        self, *, monotonic: Callable[[], float] = time.monotonic, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._pace = Pace()
        self._lock = threading.Lock()
        self._monotonic = monotonic
        self._sleep = sleep

    def enter(self, *, patience_seconds: float = float("inf")) -> tuple[int, float] | None:
        """Wait for a place; return its epoch and the seconds waited, or None if it comes too late."""
        arrived = self._monotonic()
        while True:
            with self._lock:
                now, epoch = self._monotonic(), self._pace.epoch
                at = self._pace.reserve(now)
            if at - arrived > patience_seconds:
                return None
            if at > now:
                self._sleep(at - now)
            with self._lock:
                if self._pace.epoch == epoch:
                    return epoch, self._monotonic() - arrived

    def succeeded(self) -> None:
        """Note an answer that wasn't 429."""
        with self._lock:
            self._pace.succeeded()

    def throttled(self, epoch: int, wait_seconds: float | None) -> None:
        """Note a 429 to a call that left in this epoch."""
        with self._lock:
            self._pace.throttled(self._monotonic(), epoch, wait_seconds)
