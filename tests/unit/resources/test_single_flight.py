"""Whose failure is whose among threads that wait for one another."""

from contextlib import suppress
from types import TracebackType

import pytest

from openrouter_provider.api.errors import ConnectionFailed
from openrouter_provider.resources.reads import SingleFlight


class Overtaken:
    """A lock that somebody else always gets first, whose turn ends badly for so many times."""

    def __init__(self, failures: int) -> None:
        self.flight = SingleFlight(self)
        self._failures = failures
        self._others = False

    def __enter__(self) -> None:
        if self._others or not self._failures:
            return
        self._failures, self._others = self._failures - 1, True
        with suppress(ConnectionFailed), self.flight.take():
            raise ConnectionFailed("no connection")
        self._others = False

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Leave the lock to the next one."""


def tried(flight: SingleFlight) -> bool:
    """Return whether this turn came to try for itself."""
    with suppress(ConnectionFailed), flight.take():
        return True
    return False


def test_those_who_waited_share_the_failure() -> None:
    """A failure during the wait is this one's too, however many there were before; the next one tries for itself."""
    flight = Overtaken(failures=2).flight
    assert [tried(flight) for _ in range(3)] == [False, False, True]


def test_an_old_failure_is_nobody_s() -> None:
    """Who begins to wait after a failure tries for itself."""
    flight = SingleFlight()
    for _ in range(2):
        with pytest.raises(ConnectionFailed), flight.take():
            raise ConnectionFailed("no connection")
    assert tried(flight)
