"""When a failed call is made again: pure decisions, and the loop that follows them.

A call has two budgets. Failures may use deadline_seconds and max_attempts. Waiting because the API asked for it
(429), and the calls that look up what a lost create made, use neither; only throttled_deadline_seconds, the limit of
the whole call, ends them.
"""

import logging
import math
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import Enum, auto
from typing import TypeVar

import tenacity

from ..errors import (
    ConnectionFailed,
    DailyLimitReached,
    InvalidResponse,
    OpenRouterError,
    RateLimited,
    ResponseError,
    ServerError,
)

_LOG = logging.getLogger("openrouter_provider")
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How long and how often a call is tried."""

    max_attempts: int = 8
    """Attempts that fail otherwise than by 429."""
    max_odd_attempts: int = 5
    """Attempts answered by something that isn't the API, or by a conflict: seldom passing, so given up earlier."""
    deadline_seconds: float = 120.0
    """Time for failures, without the time spent waiting for the rate limit and looking up what was made."""
    throttled_deadline_seconds: float = 600.0
    """Time for the whole call."""
    base_seconds: float = 0.5
    """Upper bound of the first wait; it doubles with each attempt."""
    max_wait_seconds: float = 20.0
    """Upper bound of any wait that the server didn't ask for."""
    settle_seconds: float = 3.0
    """How long a listing may lag behind a create whose answer was lost."""
    settle_poll_seconds: float = 1.0
    """Time between two looks at such a listing."""
    catch_up_seconds: float = 30.0
    """How long, after a doubtful attempt, the next one's key is waited for in the listing."""
    clock_skew_seconds: float = 300.0
    """How far the server's clock may be behind when a key's creation time is judged."""
    jitter: Callable[[], float] = field(default=random.SystemRandom().random)
    """A number from 0 to 1: how much of the upper half of each wait is waited."""


QUICK = RetryPolicy(max_attempts=4, max_odd_attempts=2, deadline_seconds=8.0, throttled_deadline_seconds=60.0)
"""For what only reads while a person waits: a short disturbance passes, an outage is told within seconds."""
QUICK_TIMEOUT_SECONDS = 10.0

_TIMED_OUT = 408
_CONFLICTS = frozenset({409, 423, 425})
"""Conflict, locked, too early: what a gateway answers while another try of the same call is under way."""


class Verdict(Enum):
    """What a failure allows."""

    RETRY = auto()
    """Nothing happened, or doing it twice is the same as once."""
    THROTTLED = auto()
    """Nothing happened; everyone waits."""
    RECONCILE = auto()
    """Something may have happened that must be found before another attempt."""
    FAIL = auto()
    """No retry can help."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a call has come."""

    attempts: int
    """Attempts that failed otherwise than by 429, this one included."""
    elapsed_seconds: float
    excused_seconds: float = 0.0
    """The part of it that failures aren't charged with: waiting for the rate limit, and calls in between."""
    reached: bool = False
    """Whether the API has answered this client at all: then its address is right, and only the time counts."""


def verdict(method: str, failure: BaseException) -> Verdict:
    """Return what the failure of a call with this method allows."""
    if isinstance(failure, DailyLimitReached):
        return Verdict.FAIL
    if isinstance(failure, RateLimited):
        return Verdict.THROTTLED
    if isinstance(failure, ConnectionFailed) and not failure.ambiguous:
        return Verdict.RETRY
    if not _is_passing(failure) or (method == "POST" and _is_misrouted(failure)):
        return Verdict.FAIL
    return Verdict.RECONCILE if method == "POST" else Verdict.RETRY


def _is_passing(failure: BaseException) -> bool:
    if isinstance(failure, ResponseError):
        return isinstance(failure, ServerError) or failure.status == _TIMED_OUT or failure.status in _CONFLICTS
    return isinstance(failure, ConnectionFailed | InvalidResponse)


def _is_misrouted(failure: BaseException) -> bool:
    """Whether somebody else refused: a web page's 404 shows that the request never reached the API."""
    return isinstance(failure, InvalidResponse) and 400 <= failure.status < 500


def next_wait(policy: RetryPolicy, method: str, failure: BaseException, progress: Progress) -> float | None:
    """Return the seconds to wait before the next attempt, or None to give up.

    After a 429 that is 0, because the pacer makes everyone wait. A wait the server asks for is cut at the
    deadline.
    """
    kind = verdict(method, failure)
    asked = failure.retry_after if isinstance(failure, ResponseError) else None
    if kind is Verdict.THROTTLED:
        left = policy.throttled_deadline_seconds - progress.elapsed_seconds
        return 0.0 if (asked or 0.0) < left else None
    left = policy.deadline_seconds - (progress.elapsed_seconds - progress.excused_seconds)
    left = min(left, policy.throttled_deadline_seconds - progress.elapsed_seconds)
    if kind is Verdict.FAIL or left <= 0 or progress.attempts >= _attempts_allowed(policy, failure, progress):
        return None
    return min(left, max(asked or 0.0, backoff(policy, progress.attempts)))


def _attempts_allowed(policy: RetryPolicy, failure: BaseException, progress: Progress) -> float:
    if progress.reached and isinstance(failure, ConnectionFailed):
        return math.inf
    odd = isinstance(failure, InvalidResponse) or (isinstance(failure, ResponseError) and failure.status in _CONFLICTS)
    return min(policy.max_attempts, policy.max_odd_attempts) if odd else policy.max_attempts


def backoff(policy: RetryPolicy, attempts: int) -> float:
    """Return an exponential wait in seconds after that many failed attempts, from half of its bound to the whole.

    With jitter over the whole bound, unlucky draws would use up all attempts within seconds of a short outage.
    """
    bound = policy.base_seconds * 2.0 ** min(max(attempts, 1) - 1, 30)
    return min(policy.max_wait_seconds, bound) * (1.0 + policy.jitter()) / 2.0


def parse_retry_after(value: str | None, now: datetime) -> float | None:
    """Return the seconds of a Retry-After header, or None when it is absent or unreadable.

    Args:
        value: The header: seconds, or an HTTP date.
        now: The server's time, from its Date header where it sent one.
    """
    text = (value or "").strip()
    if text.replace(".", "", 1).isascii() and text.replace(".", "", 1).isdigit():
        return min(float(text), 1e9)
    try:
        instant = parsedate_to_datetime(text)
        aware = instant if instant.tzinfo else instant.replace(tzinfo=UTC)
        return max(0.0, (aware - now).total_seconds())
    except (TypeError, ValueError, IndexError, OverflowError):
        return None


class CallBudget:
    """Counts one call's attempts and time, and answers tenacity's questions by next_wait.

    Args:
        policy: How long and how often.
        method: The call's method.
        monotonic: Seconds from an arbitrary start.
        reconciles: Whether the caller removes what a doubtful attempt made before the next one.
        reached: Whether the API has answered by now.
    """

    def __init__(
        self,
        policy: RetryPolicy,
        method: str,
        monotonic: Callable[[], float],
        *,
        reconciles: bool = False,
        reached: Callable[[], bool] = lambda: False,
    ) -> None:
        self._policy = policy
        self._method = method
        self._reconciles = reconciles
        self._reached = reached
        self._monotonic = monotonic
        self._started = monotonic()
        self._attempts = 0
        self.excused_seconds = 0.0
        """Time that failures aren't charged with: waiting for the rate limit, and calls in between."""
        self.wait_seconds = 0.0
        """The wait before the next attempt."""
        self.doubtful = False
        """Whether an earlier attempt may have been carried out."""

    @property
    def left_seconds(self) -> float:
        """Time left of the whole call."""
        return self._policy.throttled_deadline_seconds - (self._monotonic() - self._started)

    @property
    def attempts(self) -> int:
        """Attempts that failed otherwise than by 429."""
        return self._attempts

    def goes_on(self, failure: BaseException) -> bool:
        """Note the failure and say whether another attempt follows."""
        if not isinstance(failure, OpenRouterError):
            return False
        if not isinstance(failure, RateLimited):
            self._attempts += 1
        self.doubtful |= verdict("POST", failure) is Verdict.RECONCILE
        elapsed = self._monotonic() - self._started
        progress = Progress(self._attempts, elapsed, self.excused_seconds, self._reached())
        doubt = verdict(self._method, failure) is Verdict.RECONCILE
        wait = None if doubt and not self._reconciles else next_wait(self._policy, self._method, failure, progress)
        self.wait_seconds = wait or 0.0
        _LOG.debug("%s failed: %s", self._method, "given up" if wait is None else f"again in {wait:.2f} s")
        return wait is not None

    def aside(self, call: Callable[..., Result]) -> Callable[..., Result]:
        """Return the call as one made in between attempts: on a budget of its own, not charged to this one."""

        def timed(*args: object) -> Result:
            began = self._monotonic()
            try:
                return call(*args)
            finally:
                self.excused_seconds += self._monotonic() - began

        return timed

    def loop(self, sleep: Callable[[float], None]) -> tenacity.Retrying:
        """Return the loop that calls a function until it answers or the budget is spent."""
        return tenacity.Retrying(
            retry=tenacity.retry_if_exception(self.goes_on),
            wait=lambda _state: self.wait_seconds,
            stop=tenacity.stop_never,
            sleep=sleep,
        )
