"""One run's process: its calls, its clock, and its death."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from typing import TypeVar

import httpx

Result = TypeVar("Result")


class Killed(BaseException):
    """The process is gone: nothing of it may run any more, handlers included."""


class PutFailed(Exception):
    """AWS did not confirm the secret's new value."""


@dataclass(frozen=True)
class Death:
    """Which call of a run the process does not survive, and whether the server still does its work."""

    call: int
    after: bool


class Life(httpx.BaseTransport):
    """One process's calls: counted, and cut off at its death; the API answers with the date that it really is."""

    def __init__(self, network: httpx.BaseTransport, death: Death | None, now: datetime) -> None:
        self.writes: list[str] = []
        self._network = network
        self._date = format_datetime(now, usegmt=True)
        self._death = death
        self._calls = 0
        self._dead = False

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request to the API."""
        name = f"{request.method} {request.url.path}"
        response = self.call(lambda: self._network.handle_request(request), None if request.method == "GET" else name)
        response.headers["date"] = self._date
        return response

    def call(self, work: Callable[[], Result], writes: str | None) -> Result:
        """Do a server's work unless the process dies before it; die after it where that is planned."""
        self._calls += 1
        fatal = self._death is not None and self._calls == self._death.call
        self._dead = self._dead or (fatal and not (self._death and self._death.after))
        if self._dead:
            raise Killed
        if writes:
            self.writes.append(writes)
        result = work()
        if fatal:
            self._dead = True
            raise Killed
        return result


@dataclass
class PatientClock:
    """Seconds that pass only in sleeps."""

    seconds: float = 0.0

    def sleep(self, seconds: float) -> None:
        """Let that many seconds pass at once."""
        self.seconds += seconds
