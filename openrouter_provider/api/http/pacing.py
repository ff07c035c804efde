"""One rate for all threads of a client: a 429 slows everyone, once, and the rate grows back by itself.

Until the first 429 calls go out as they come. A 429 closes a gate for everyone until the time the server named;
behind it calls leave one at a time, evenly spread. The rate to spread them by is what the API has just shown that
it accepts: the calls it answered, over the time they took and the time it wanted to be left alone. Later it is
searched as TCP CUBIC does: cut with each 429, back near the old rate within seconds, slowly past it, then faster.
Several calls that were under way when the gate closed count as one 429.
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
SHORT_WAIT_SECONDS = 2.0
"""A wait up to this is taken for a limit per second: dates are whole seconds, so it says no more than one."""
TRUSTED_SAMPLE = 5
"""Answers that make a rate worth believing; with fewer it doubles each second until the next 429."""
MARGIN = 0.95
CUT = 0.85
RECOVERY_SECONDS = 6.0
"""How long the rate takes from a cut back to where it was."""


@dataclass(slots=True)
class Pace:
    """The pure part: when may the next call leave? Times are seconds of any one monotonic clock."""

    rate: float | None = None
    """Calls a second after the last cut; None is as they come."""
    before: float = 0.0
    """The rate that the last cut was made from."""
    doubling: bool = False
    """Whether the rate is a guess from too few answers."""
    gate_at: float = 0.0
    """When the gate opens."""
    next_at: float = 0.0
    """When the next free place is."""
    epoch: int = 0
    """Counts the 429s that closed the gate, those that came while it was closed left out."""
    settled: bool = True
    """Whether the rate for the current epoch has been chosen."""
    since: float | None = None
    """When the current sample began."""
    took: float = 0.0
    """How long the sample took until the gate closed."""
    wait: float = 0.0
    """What the 429 that closed it asked for."""
    answered: int = 0
    """Calls answered since the sample began."""

    def leave(self, now: float) -> float:
        """Return now and let a call leave, or return the moment at which to ask again.

        Places aren't given out in advance: at a low rate they would go on holding calls back after it has grown.
        """
        if now < self.gate_at:
            return self.gate_at
        if not self.settled:
            self._settle(now)
        if self.since is None:
            self.since = now
        rate = self.rate_at(now)
        if rate is None:
            return now
        if now < self.next_at:
            return self.next_at
        self.next_at = now + 1.0 / rate
        return now

    def rate_at(self, now: float) -> float | None:
        """Return the calls a second allowed now; None is as they come."""
        if self.rate is None:
            return None
        seconds = max(0.0, now - self.gate_at)
        if self.doubling:
            grown = self.rate * 2.0 ** min(seconds, 20.0)
        else:
            since_level = seconds - RECOVERY_SECONDS if self.rate < self.before else seconds
            grown = self.before * (1.0 + (1.0 - CUT) * (since_level / RECOVERY_SECONDS) ** 3)
        return None if grown > MAX_RATE else max(grown, MIN_RATE)

    def throttled(self, now: float, epoch: int, wait: float | None) -> None:
        """Close the gate; a call that left before it last closed only keeps it closed for longer."""
        seconds = DEFAULT_GATE_SECONDS if wait is None else max(wait, MIN_GATE_SECONDS)
        if epoch == self.epoch:
            self.before = self.rate_at(now) or 0.0
            self.took = now - (self.since if self.since is not None else now)
            self.wait = seconds
            self.epoch += 1
            self.settled = False
        self.gate_at = max(self.gate_at, now + seconds)

    def _settle(self, now: float) -> None:
        """Choose the rate, now that the calls under way when the gate closed have been answered."""
        if self.before:
            self.rate, self.doubling = max(self.before * CUT, MIN_RATE), False
        else:
            per_second = self.wait <= SHORT_WAIT_SECONDS
            sample = self.answered / (max(self.took, 1.0) if per_second else self.took + self.wait)
            self.doubling = self.answered < TRUSTED_SAMPLE
            self.before = max(sample * MARGIN, 1.0)
            self.rate = self.before
        self.settled, self.since, self.answered, self.next_at = True, now, 0, now


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
                now = self._monotonic()
                at, epoch = self._pace.leave(now), self._pace.epoch
            if at <= now:
                return epoch, now - arrived
            if at - arrived > patience_seconds:
                return None
            self._sleep(at - now)

    def succeeded(self) -> None:
        """Note an answer that wasn't 429."""
        with self._lock:
            self._pace.answered += 1

    def throttled(self, epoch: int, wait_seconds: float | None) -> None:
        """Note a 429 to a call that left in this epoch."""
        with self._lock:
            self._pace.throttled(self._monotonic(), epoch, wait_seconds)
