"""How long what a lost create made is looked for, and how old that can be at most."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from openrouter_provider.api.retry import RetryPolicy

Found = TypeVar("Found")


@dataclass(frozen=True)
class Patience:
    """The time, and how much of it to spend."""

    earliest_now: Callable[[], datetime]
    """The time by the clock that is behind, the server's or ours."""
    monotonic: Callable[[], float]
    sleep: Callable[[float], None]
    policy: RetryPolicy

    def since(self, began: float) -> datetime:
        """Return when a creation began at the earliest, with the allowance for clocks that differ.

        Args:
            began: When it began, on the monotonic clock.
        """
        elapsed = self.monotonic() - began
        return self.earliest_now() - timedelta(seconds=elapsed + self.policy.clock_skew_seconds)

    def look(self, look: Callable[[], Found], seconds: float) -> Found:
        """Look again and again for so many seconds; return the first look that found something, or the last one."""
        until = self.monotonic() + seconds
        while not (found := look()) and self.monotonic() < until:
            self.sleep(self.policy.settle_poll_seconds)
        return found
