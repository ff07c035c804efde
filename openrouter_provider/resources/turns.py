"""One thread at a time does what all wait for; a failure is told to those who waited for it, not repeated for each."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from threading import Lock


@dataclass
class Turns:
    """A lock whose waiters share a failure: with a dead API a call takes half a minute, and a stack has many resources.

    Whoever comes after the failure tries again.

    Attributes:
        lock: held by the one whose turn it is.
    """

    lock: AbstractContextManager[object] = field(default_factory=Lock)
    _failure: Exception | None = None

    @contextmanager
    def take(self) -> Iterator[None]:
        """Wait for the turn and hold it.

        Raises:
            Exception: what ended the turn of somebody else, while this one was waited for.
        """
        known = self._failure
        with self.lock:
            if self._failure is not None and self._failure is not known:
                raise self._failure
            try:
                yield
            except Exception as error:
                self._failure = error
                raise
