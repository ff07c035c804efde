"""The processes that a stack's command starts: found by the project's folder, told apart, killed one by one."""

import os
import signal
import threading
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

POLL_SECONDS = 0.03
COMMAND_LINE, PROVIDER, AWS_PLUGIN = "command line", "dynamic provider", "AWS plugin"
# What a process is, by a part of its command line; the first that fits.
ROLES = {
    "pulumi-language-python-exec": "program",
    "openrouter_provider.host": PROVIDER,
    "pulumi.dynamic": PROVIDER,
    "aws_plugin": AWS_PLUGIN,
    "pulumi-language-python": "language host",
    "pulumi\0": COMMAND_LINE,
}


@dataclass(frozen=True)
class Process:
    """What a process shows to its user's other processes."""

    arguments: bytes = field(repr=False)
    environment: bytes = field(repr=False)

    @property
    def role(self) -> str:
        """What it is, as far as it is known."""
        return role_of(self.arguments)


def role_of(arguments: bytes) -> str:
    """Return what a process with these arguments is; `other` where it is none of the known."""
    line = arguments.decode(errors="replace")
    return next((role for part, role in ROLES.items() if part in line), "other")


def family(folder: Path) -> Iterator[Path]:
    """Yield the processes that run in the folder or descend from one that does."""
    parents: dict[str, str] = {}
    found: set[str] = set()
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            parents[process.name] = (process / "stat").read_text().rpartition(")")[2].split()[1]
            if (process / "cwd").readlink() == folder:
                found.add(process.name)
    while more := {child for child, parent in parents.items() if parent in found} - found:
        found |= more
    yield from (Path("/proc", name) for name in found)


def kill(folder: Path, roles: Collection[str] = ()) -> int:
    """Kill -9 the folder's processes of these roles, or all of them; return how many there were.

    The oldest goes first: a command line that saw a plugin die would still write so into the state.
    """
    killed = 0
    for process in sorted(family(folder.resolve()), key=lambda path: int(path.name)):
        with suppress(OSError):
            if not roles or role_of((process / "cmdline").read_bytes()) in roles:
                os.kill(int(process.name), signal.SIGKILL)
                killed += 1
    return killed


def running(folder: Path, role: str) -> bool:
    """Whether any of the folder's processes has this role."""
    for process in family(folder.resolve()):
        with suppress(OSError):
            if role_of((process / "cmdline").read_bytes()) == role:
                return True
    return False


@contextmanager
def watching(folder: Path) -> Iterator[set[Process]]:
    """Yield the set of processes that are seen at work for the folder meanwhile."""
    seen: set[Process] = set()
    done = threading.Event()

    def watch() -> None:
        while not done.wait(POLL_SECONDS):
            for process in family(folder.resolve()):
                with suppress(OSError):
                    seen.add(Process((process / "cmdline").read_bytes(), (process / "environ").read_bytes()))

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield seen
    finally:
        done.set()
        thread.join()
