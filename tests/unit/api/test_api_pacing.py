"""One 429 slows every thread, once, and a rate limit is used nearly in full."""

import heapq
import itertools
import math
import random
from collections.abc import Callable

import pytest

from openrouter_provider.api.http.pacing import MAX_RATE, MIN_RATE, Pace, Pacer
from tests.unit.api_fixtures import Clock, Server, before

Limiter = Callable[[float], float | None]
"""Takes a call at a moment; returns None, or the seconds to wait."""


def bucket(rate: float, burst: float) -> Limiter:
    """Return a token bucket."""
    state = {"at": 0.0, "tokens": burst}

    def take(now: float) -> float | None:
        state["tokens"] = min(burst, state["tokens"] + (now - state["at"]) * rate)
        state["at"] = now
        if state["tokens"] >= 1:
            state["tokens"] -= 1
            return None
        return (1 - state["tokens"]) / rate

    return take


def window(calls: int, seconds: float = 1.0) -> Limiter:
    """Return a sliding window."""
    taken: list[float] = []

    def take(now: float) -> float | None:
        taken[:] = [at for at in taken if at > now - seconds]
        if len(taken) < calls:
            taken.append(now)
            return None
        return taken[0] + seconds - now

    return take


class Simulation:
    """Threads that make calls through one Pace, event by event; Retry-After is in whole seconds."""

    def __init__(self, limiter: Limiter, threads: int, calls: int, latency: float) -> None:
        self.pace = Pace()
        self.limiter = limiter
        self.latency = latency
        self.left = calls
        self.finished = 0.0
        self.refused_later = 0
        self.jitter = random.Random(7)  # noqa: S311 - repeatable on purpose
        self.order = itertools.count()
        self.events: list[tuple[float, int, Callable[[float], None]]] = []
        for _ in range(threads):
            self._at(0.0, self._next)

    def run(self) -> float:
        """Return the seconds until the last call was answered."""
        while self.events:
            now, _, event = heapq.heappop(self.events)
            event(now)
        return self.finished

    def _at(self, when: float, event: Callable[[float], None]) -> None:
        heapq.heappush(self.events, (when + self.jitter.random() * 0.003, next(self.order), event))

    def _next(self, now: float) -> None:
        if self.left:
            self.left -= 1
            self._try(now)

    def _try(self, now: float) -> None:
        at, epoch = self.pace.leave(now), self.pace.epoch
        if at > now:
            self._at(at, self._try)
        else:
            self._at(now, lambda arrived: self._arrive(arrived, epoch))

    def _arrive(self, now: float, epoch: int) -> None:
        wait = self.limiter(now)
        if wait is None:
            self._at(now + self.latency, self._answered)
        else:
            self.refused_later += epoch > 0
            self.pace.throttled(now, epoch, max(1, math.ceil(wait)))
            self._try(now)

    def _answered(self, now: float) -> None:
        self.pace.answered += 1
        self.finished = now
        self._next(now)


@pytest.mark.parametrize("latency", [0.002, 0.15])
@pytest.mark.parametrize("threads", [4, 8, 32, 200])
@pytest.mark.parametrize("limiter", ["bucket", "window"])
def test_near_the_bound(limiter: str, threads: int, latency: float) -> None:
    """200 calls against 20 a second take at most 1.5 times the bound of 10 seconds."""
    limit = bucket(20, 20) if limiter == "bucket" else window(20)
    assert Simulation(limit, threads, 200, latency).run() <= 15


@pytest.mark.parametrize("latency", [0.002, 0.15])
@pytest.mark.parametrize("threads", [1, 4, 8, 32, 64, 200])
@pytest.mark.parametrize("limiter", ["bucket", "window"])
def test_one_refusal_slows_everyone(limiter: str, threads: int, latency: float) -> None:
    """Of 200 calls at most 4 are refused that left after the first refusal, however many threads make them."""
    simulation = Simulation(bucket(20, 20) if limiter == "bucket" else window(20), threads, 200, latency)
    simulation.run()
    assert simulation.refused_later <= 4


def test_per_minute() -> None:
    """1200 calls against 600 a minute take at most 1.5 times the minute they need."""
    assert Simulation(window(600, 60), 32, 1200, 0.05).run() <= 90


def test_strict_spacing_ends() -> None:
    """A limit that allows no two calls at once is found too, if not used in full."""
    assert Simulation(bucket(20, 1), 8, 200, 0.05).run() <= 30


def test_free_at_first() -> None:
    """Without a 429 nobody waits."""
    pace = Pace()
    assert [pace.leave(now) for now in (0.0, 0.0, 0.1)] == [0.0, 0.0, 0.1]


def test_gate_closes_for_all() -> None:
    """After a 429 nobody leaves until the time it named."""
    pace = Pace()
    pace.leave(0.0)
    pace.throttled(0.1, pace.epoch, 5.0)
    assert [pace.leave(now) for now in (0.1, 3.0, 5.0)] == [5.1, 5.1, 5.1]
    assert pace.leave(5.1) == 5.1


def test_spread_behind_the_gate() -> None:
    """Behind the gate calls leave one at a time."""
    pace = Pace(answered=20)
    pace.leave(0.0)
    pace.throttled(0.1, pace.epoch, 1.0)
    assert pace.leave(1.1) == 1.1
    assert 0.04 < pace.leave(1.1) - 1.1 < 0.06


def test_one_cut_for_many() -> None:
    """Several 429s to calls that left before the gate closed cut the rate once."""
    one, many = Pace(rate=20, before=20), Pace(rate=20, before=20)
    one.throttled(10.0, 0, 1.0)
    for _ in range(30):
        many.throttled(10.0, 0, 1.0)
    one.leave(11.0)
    many.leave(11.0)
    assert one.rate == many.rate == pytest.approx(one.before * 0.85)


def test_rate_stays_in_bounds() -> None:
    """The rate never falls to nothing, and one that has grown past its bound is no limit any more."""
    pace = Pace(rate=20, before=20)
    for second in range(0, 100, 2):
        pace.throttled(float(second), pace.epoch, 1.0)
        pace.leave(second + 1.0)
    assert (pace.rate_at(99.5) or 0) >= MIN_RATE
    assert pace.rate_at(10_000) is None
    assert MAX_RATE > 100


def test_patience() -> None:
    """A call whose turn comes too late is told so without waiting."""
    clock = Clock()
    pacer = Pacer(monotonic=clock.monotonic, sleep=clock.sleep)
    pacer.throttled(0, 100.0)
    assert pacer.enter(patience_seconds=99) is None
    assert clock.seconds == 0
    assert pacer.enter(patience_seconds=101) == (1, 100.0)


def test_default_wait() -> None:
    """A 429 without Retry-After still makes everyone wait."""
    server = Server()
    server.spoil("GET", before(429))
    server.add("n")
    server.client().get_key("hash0001")
    assert server.clock.seconds == 1.0
