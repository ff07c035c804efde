"""A note on disk of each create that is under way: what proves afterwards that a key was this project's and was lost.

The engine notes a create before it begins, and forgets it when the provider dies: then nothing but the time would say
whose key of a drawn name is left. So the provider notes the name itself, in the project's folder, and takes the note
away when it answers, or when nothing was made. What is noted still was begun and never answered.
"""

import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from ..api.errors import OpenRouterError, OutcomeUnknown
from ..host.process import is_host

FOLDER = Path(".pulumi-recover") / "creating"


@dataclass(frozen=True)
class CreationNote:
    """A create that was begun and whose end nobody noted.

    Attributes:
        name: what it was to make, by its exact name.
        pid: the process that began it.
        path: the note.
    """

    name: str
    pid: int
    path: Path

    @property
    def is_going_on(self) -> bool:
        """Whether a process of that id runs on this machine."""
        return is_running(self.pid)

    def forget(self) -> None:
        """Take the note away."""
        _end(self.path)


def is_running(pid: int) -> bool:
    """Return whether a process of that id runs on this machine, whoever's it is."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


@contextmanager
def noted(name: str | None, project: Path = Path(), *, noting: bool | None = None) -> Iterator[None]:
    """Keep a note of a drawn name while something of it is made, and for good where it is not known how that ended.

    A folder that can't be written has no notes: then `openrouter-keys recover` leaves to a person what it finds.

    Args:
        name: under which something is about to be made; None where it was not drawn, since it proves nothing then.
        project: the project's folder, which is where the engine starts a provider.
        noting: whether to do so; by default in the engine's provider alone.
    """
    wanted = is_host() if noting is None else noting
    path = _begun(name, project) if wanted and name else None
    try:
        yield
    except OutcomeUnknown:
        raise
    except OpenRouterError:
        _end(path)
        raise
    _end(path)


def _begun(name: str, project: Path) -> Path | None:
    path = project / FOLDER / f"{hashlib.sha256(name.encode()).hexdigest()[:32]}.json"
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        ignored = path.parent.parent / ".gitignore"
        if not ignored.exists():
            ignored.write_text("*\n")
        path.write_text(json.dumps({"name": name, "pid": os.getpid()}))
    except OSError:
        return None
    return path


def _end(path: Path | None) -> None:
    if path:
        with suppress(OSError):
            path.unlink(missing_ok=True)


def creation_notes(project: Path) -> list[CreationNote]:
    """Return the notes in a project's folder; one that was cut off while it was written is none."""
    return [note for path in sorted((project / FOLDER).glob("*.json")) if (note := _read(path))]


def _read(path: Path) -> CreationNote | None:
    try:
        found = json.loads(path.read_text())
        return CreationNote(str(found["name"]), int(found["pid"]), path)
    except (OSError, ValueError, KeyError, TypeError):
        return None
