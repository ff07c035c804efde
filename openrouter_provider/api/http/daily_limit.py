"""The account's limit on a day's changes: once it is used up, no thread sends another change before it resets.

It concerns creates, changes and deletions, not reads. It resets in hours, so that waiting for it is no use: the run
ends, and the next one goes on from the state.
"""

import math
import threading
from collections.abc import Callable
from datetime import datetime, timedelta

from ..errors import DailyLimitReached, RateLimited
from ..models import wire_time
from ..quota import Quota, names_a_day, next_midnight
from .answers import Call


class DailyLimit:
    """Counts the changes that one client made, and holds back the others once the API refuses more for today.

    Args:
        patience_seconds: A limit that resets within this time is waited for and is none of these.
        server_now: The time by the server's clock.
    """

    def __init__(self, patience_seconds: float, server_now: Callable[[], datetime]) -> None:
        self._patience_seconds = patience_seconds
        self._server_now = server_now
        self._lock = threading.Lock()
        self._made = 0
        self._spent: Quota | None = None

    def refusal_of(self, call: Call) -> DailyLimitReached | None:
        """Return the error for a change that is not to be sent, None where the call may go out."""
        if not is_change(call):
            return None
        with self._lock:
            spent = self._spent
            if spent and spent.resets_at and spent.resets_at <= self._server_now():
                spent = self._spent = None
        return self._error(call, spent, "not sent") if spent else None

    def note_success(self, call: Call) -> None:
        """Count a change that was made."""
        if is_change(call):
            with self._lock:
                self._made += 1

    def judged(self, failure: RateLimited, call: Call) -> RateLimited:
        """Return a 429 as what it is: a pause, or the end of today's changes, which is then noted for all threads."""
        quota = self._days_quota(failure)
        if quota is None or not is_change(call):
            return failure
        left = quota.seconds_left(self._server_now()) or 0.0
        if left < self._patience_seconds:
            failure.retry_after = failure.retry_after or left or None
            return failure
        with self._lock:
            self._spent = quota
        said = f' and said "{failure.remote}"' if failure.remote else ""
        return self._error(call, quota, f"the API answered 429{said}", failure.remote)

    def _days_quota(self, failure: RateLimited) -> Quota | None:
        """Return what is known of the limit that refused, None where nothing says that it is a day's."""
        quota = failure.quota or Quota()
        if quota.resets_at is not None and not quota.remaining:
            return quota
        if not names_a_day(failure.remote):
            return None
        return Quota(quota.limit, 0, next_midnight(self._server_now()))

    def _error(self, call: Call, quota: Quota, what: str, remote: str = "") -> DailyLimitReached:
        with self._lock:
            made = self._made
        resets_at = quota.resets_at or next_midnight(self._server_now())
        many = f" of {quota.limit}" if quota.limit is not None else ""
        text = (
            f"{call.action}: {what}: today's limit{many} on creating, changing and deleting is used up; this process "
            f"made {made} of these and sends no more; it resets at {wire_time(resets_at)}: run the same command again "
            "then, and it goes on from here (docs/errors.md#daily-limit)"
        )
        wait = max((resets_at - self._server_now()) / timedelta(seconds=1), 0.0)
        return DailyLimitReached(
            call.method, call.path, wait if math.isfinite(wait) else None, text, remote=remote, quota=quota, made=made
        )


def is_change(call: Call) -> bool:
    """Return whether the call changes something on the account; one with another credential is a service's."""
    return call.method != "GET" and call.credential is None
