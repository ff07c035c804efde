"""Makes calls: paced together, repeated where that is safe, and explained when they are refused."""

import math
import threading
from collections.abc import Callable
from typing import TypeVar

from pydantic import SecretStr

from ..credentials import foreign_hint
from ..errors import DailyLimitReached, OpenRouterError, RateLimited, ResponseError
from ..models import CurrentKey
from .answers import Call
from .daily_limit import DailyLimit
from .diagnosis import MANAGEMENT_HOLDER, SERVICE_HOLDER, Standing, refusal
from .pacing import Pacer
from .retry import CallBudget, RetryPolicy
from .wire import LOG, Wire

Result = TypeVar("Result")
ReadsAnswer = Callable[[dict[str, object]], Result]
"""Reads an answer; raises InvalidResponse when its shape is wrong."""


class Caller:
    """Makes calls for all threads of one client.

    Args:
        wire: Sends one request.
        credential: The client's own credential, for the diagnosis of a refusal.
        policy: How long and how often a call is tried.
        monotonic: Seconds from an arbitrary start.
        sleep: Waits that many seconds.
    """

    def __init__(
        self,
        wire: Wire,
        credential: SecretStr,
        policy: RetryPolicy,
        *,
        monotonic: Callable[[], float],
        sleep: Callable[[float], None],
    ) -> None:
        self.wire = wire
        self.policy = policy
        self.monotonic = monotonic
        self.sleep = sleep
        self._credential = credential
        self._patience_seconds = policy.throttled_deadline_seconds
        self._pacer = Pacer(monotonic=monotonic, sleep=sleep)
        self._daily_limit = DailyLimit(policy.throttled_deadline_seconds, wire.server_now)
        self._reached = threading.Event()
        self._standing: Standing | None = None
        self._standing_lock = threading.Lock()

    def budget(self, method: str, *, reconciles: bool = False) -> CallBudget:
        """Return the attempts and the time that a new call has.

        Args:
            method: The call's method.
            reconciles: Whether each attempt undoes what it may have made before it fails.
        """
        return CallBudget(self.policy, method, self.monotonic, reconciles=reconciles, reached=self._reached.is_set)

    def repeat(self, call: Call, read: ReadsAnswer[Result]) -> Result:
        """Make the call until it answers or its budget is spent, and return what the answer says.

        Raises:
            OpenRouterError: The last failure.
        """
        budget = self.budget(call.method)
        return self.loop(budget, lambda: self.once(call, read, budget))

    def loop(self, budget: CallBudget, attempt: Callable[[], Result]) -> Result:
        """Return the first answer of an attempt, trying as long as the budget allows."""
        return budget.loop(self.sleep)(attempt)

    def once(self, call: Call, read: ReadsAnswer[Result], budget: CallBudget) -> Result:
        """Make the call once, at the common pace.

        Raises:
            OpenRouterError: It failed; a refusal names its cause.
        """
        held_back = self._daily_limit.refusal_of(call)
        if held_back is not None:
            raise held_back
        place = self._pacer.enter(patience_seconds=budget.left_seconds)
        if place is None:
            # No wait is long enough, so that the budget ends here instead of trying again.
            late = RateLimited(429, call.method, call.path, math.inf, call.action)
            raise self._explained(late, call)
        epoch, waited = place
        budget.excused_seconds += waited
        try:
            result = read(self.wire.send(call))
        except OpenRouterError as error:
            failure = self._daily_limit.judged(error, call) if isinstance(error, RateLimited) else error
        else:
            self._note(call, "answered", None, epoch, budget)
            self._daily_limit.note_success(call)
            return result
        self._note(call, type(failure).__name__, failure, epoch, budget)
        raise self._explained(failure, call).with_traceback(None) from None

    def _note(self, call: Call, outcome: str, failure: OpenRouterError | None, epoch: int, budget: CallBudget) -> None:
        status = getattr(failure, "status", "-")
        LOG.debug("%s %s: %s, status %s, attempt %d", call.method, call.path, outcome, status, budget.attempts + 1)
        if failure is None or isinstance(failure, ResponseError):
            self._reached.set()
        if failure is None or (isinstance(failure, ResponseError) and failure.status != 429):
            self._pacer.succeeded()
        elif isinstance(failure, RateLimited) and (failure.retry_after or 0.0) < self._patience_seconds:
            self._pacer.throttled(epoch, failure.retry_after)

    def _explained(self, failure: OpenRouterError, call: Call) -> OpenRouterError:
        if not isinstance(failure, ResponseError) or isinstance(failure, DailyLimitReached):
            return failure
        hint = foreign_hint((call.credential or self._credential).get_secret_value())
        holder = MANAGEMENT_HOLDER if call.credential is None else SERVICE_HOLDER
        return refusal(failure, call.action, self._standing_for(failure, call), hint, holder)

    def _standing_for(self, failure: ResponseError, call: Call) -> Standing:
        """Ask GET /key, once in the client's life, what a refused credential is."""
        if failure.status not in {401, 403} or call.credential is not None:
            return Standing.UNKNOWN
        if call.path == "/key":
            return Standing.REJECTED
        with self._standing_lock:
            if self._standing is None:
                self._standing = self._ask_standing()
            return self._standing

    def _ask_standing(self) -> Standing:
        try:
            answer = self.wire.send(Call("GET", "/key", "asking what the credential is"))
            current = CurrentKey.model_validate(answer.get("data"))
        except ResponseError as error:
            return Standing.REJECTED if error.status in {401, 403} else Standing.UNKNOWN
        except (OpenRouterError, ValueError):
            return Standing.UNKNOWN
        return Standing.MANAGEMENT if current.is_management_key else Standing.STANDARD
