"""Prepare this checkout, before every make target: the virtual environment, then the pulumi command line."""

from __future__ import annotations

import fcntl
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tools import pulumi_cli, virtualenv
from tools.shell import ROOT, SetupError, say


def main() -> None:
    """Do what is missing, one setup at a time."""
    with alone(ROOT / ".tools" / "setup.lock"):
        virtualenv.ensure(ROOT)
        pulumi_cli.ensure(ROOT)


@contextmanager
def alone(lock: Path) -> Iterator[None]:
    """Hold a lock that the system lets go of when this process ends, however it ends."""
    lock.parent.mkdir(exist_ok=True)
    with lock.open("w", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("another setup of this checkout is running; waiting for it")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


if __name__ == "__main__":
    try:
        main()
    except SetupError as error:
        sys.exit(f"setup: {error}")
