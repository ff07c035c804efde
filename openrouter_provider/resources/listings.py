"""Listings that many resources read: fetched once a run, and again after a write."""

from collections import defaultdict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, TypeVar

from .turns import Turns

Result = TypeVar("Result")


@dataclass
class _Entry:
    turns: Turns = field(default_factory=Turns)
    known: bool = False
    value: Any = None


class Listings:
    """Answers from memory what was fetched in this run; safe to share between threads."""

    def __init__(self) -> None:
        self._entries: dict[Hashable, _Entry] = defaultdict(_Entry)
        self._lock = Lock()

    def read(self, key: Hashable, fetch: Callable[[], Result]) -> Result:
        """Return what fetch returned the first time that this key was asked for.

        A fetch that fails is not remembered: those who waited for it fail with it, and the next one tries again.
        """
        with self._lock:
            entry = self._entries[key]
        with entry.turns.take():
            if not entry.known:
                entry.value = fetch()
                entry.known = True
            value: Result = entry.value
            return value

    def forget(self, key: Hashable) -> None:
        """Note that something was written which the listing shows."""
        with self._lock:
            self._entries.pop(key, None)
