"""What an account was asked: the calls in order, how many at once, and the rate limit's token bucket."""

import math
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from threading import Lock
from typing import Any


@dataclass
class Call:
    """One call, without headers and without values of keys; `status` is None when no answer was given."""

    operation: str
    method: str
    path: str
    query: str
    name: str | None = None
    status: int | None = None
    at: str = field(default_factory=lambda: datetime.now(UTC).isoformat(timespec="microseconds"))

    def record(self) -> dict[str, Any]:
        """Return the call for the control endpoint; `name` only where the call carried one."""
        facts = dict(vars(self))
        if self.name is None:
            del facts["name"]
        return facts


class CallLog:
    """Thread-safe list of calls that also knows how many were under way at once."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._calls: list[Call] = []
        self._under_way = 0
        self._max = 0

    def begin(self, call: Call) -> None:
        """Note a call that has arrived."""
        with self._lock:
            self._calls.append(call)
            self._under_way += 1
            self._max = max(self._max, self._under_way)

    def end(self) -> None:
        """Note that a call is over."""
        with self._lock:
            self._under_way -= 1

    def clear(self) -> None:
        """Forget all calls; those under way still count as under way."""
        with self._lock:
            self._calls.clear()
            self._max = self._under_way

    def records(self) -> list[dict[str, Any]]:
        """Return every call in order of arrival."""
        with self._lock:
            return [call.record() for call in self._calls]

    def stats(self) -> dict[str, Any]:
        """Return the highest number of simultaneous calls and the number of calls by operation."""
        with self._lock:
            counts = Counter(call.operation for call in self._calls)
            return {"max_concurrent": self._max, "by_operation": dict(counts)}


class DailyCount:
    """Counts changes by the UTC day."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._day: date | None = None
        self._count = 0

    def take(self, now: datetime, limit: int) -> bool:
        """Count a change, unless the day's are used up; say whether it may be made."""
        with self._lock:
            if self._day != now.date():
                self._day, self._count = now.date(), 0
            allowed = self._count < limit
            self._count += allowed
            return allowed

    def left(self, now: datetime, limit: int) -> int:
        """Return how many changes are left of the day's."""
        with self._lock:
            return max(0, limit - (self._count if self._day == now.date() else 0))


class TokenBucket:
    """Rate limit that lets a burst through and then one call for each token that has dripped in."""

    def __init__(self, tick: Callable[[], float] = time.monotonic) -> None:
        self._lock = Lock()
        self._tick = tick
        self._tokens = math.inf
        self._filled_at = tick()

    def take(self, rate: float | None, burst: float | None) -> float | None:
        """Take a token; return None when there was one, else the seconds until the next."""
        with self._lock:
            now = self._tick()
            if rate is None:
                self._tokens = math.inf
                return None
            capacity = max(1.0, rate if burst is None else burst)
            self._tokens = min(capacity, self._tokens + (now - self._filled_at) * rate)
            self._filled_at = now
            if self._tokens >= 1:
                self._tokens -= 1
                return None
            return (1 - self._tokens) / rate
