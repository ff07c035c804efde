"""Who holds a stack: a run that goes on, or one that was killed and left its lock."""

import json
import re
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from ...resources.creation_notes import is_running
from .history import instant_of

_HOLDER = re.compile(r"created by (?P<user>\S*)@(?P<host>\S+) \(pid (?P<pid>\d+)\) at (?P<since>\S+)")


@dataclass(frozen=True)
class Lock:
    """Who holds a stack, as far as the backend says: `user@host (pid 1) since …`, or a line without a process."""

    holder: str
    host: str = ""
    pid: int = 0
    since: datetime | None = None

    def is_alive(self, host: str | None = None) -> bool:
        """Return whether the process that holds the lock is known to run: on this host, under its id."""
        return self._is_of(host) and is_running(self.pid)

    def is_left(self, host: str | None = None) -> bool:
        """Return whether the process that held the lock is known to be gone: on this host, under its id."""
        return self._is_of(host) and not is_running(self.pid)

    def _is_of(self, host: str | None) -> bool:
        return bool(self.pid) and self.host == (host or socket.gethostname())


def lock_of(user: str, host: str, pid: str, since: str) -> Lock:
    """Return the lock of a process."""
    return Lock(f"{user}@{host} (pid {pid}) since {since}", host, int(pid), instant_of(since))


def parse_lock(text: str) -> Lock | None:
    """Return the lock that pulumi's error text tells of, None where it tells of none."""
    if "currently locked" not in text and "Another update is currently in progress" not in text:
        return None
    found = _HOLDER.search(text)
    return lock_of(*found.group("user", "host", "pid", "since")) if found else Lock("another update")


def locks_in(folder: Path, project: str, stack: str) -> Iterator[Lock]:
    """Yield the locks of a stack in a file backend's folder; no lock is taken to look.

    Args:
        folder: the backend's.
        project: the project's name.
        stack: the stack's name.
    """
    for path in sorted(folder.glob(f"locks/**/{project}/{stack.rpartition('/')[2]}/*.json")):
        try:
            told = json.loads(path.read_text(encoding="utf-8"))
            yield lock_of(told["username"], told["hostname"], str(told["pid"]), told["timestamp"])
        except (OSError, ValueError, KeyError, TypeError):
            yield Lock("another update")
