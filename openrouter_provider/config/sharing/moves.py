"""Moves of services from one stack to another that are under way: their journal, in the project's folder.

While a move goes on, or after it was killed, both stacks may have the same service in their states, and an `up` of
either could delete its key. So the program asks here before it deploys.
"""

import hashlib
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ...api.errors import ConfigurationError
from ...api.scrub import printable

FOLDER = Path(".pulumi-recover") / "moving"


@dataclass(frozen=True)
class FileChange:
    """What a move makes of a stack's config file; values that are secret stand in it encrypted.

    Attributes:
        name: the file, within the project's folder.
        before: its text; None where there was no such file.
        after: its text when the move is done.
    """

    name: str
    before: str | None
    after: str


@dataclass(frozen=True)
class Move:
    """Services that go from one stack to another.

    Attributes:
        source: the stack that has them.
        target: the stack that gets them.
        services: their names.
        files: what becomes of the config files.
    """

    source: str
    target: str
    services: tuple[str, ...]
    files: tuple[FileChange, ...] = ()

    def touches(self, stack: str) -> bool:
        """Return whether it is a move from or to this stack; an organisation before a name does not count."""
        return _short(stack) in (_short(self.source), _short(self.target))

    def __str__(self) -> str:
        """Return it in a few words."""
        return printable(f"{', '.join(self.services)} from {self.source} to {self.target}", length=300)

    @property
    def command(self) -> str:
        """What goes on with it."""
        return f"openrouter-keys move --stack {printable(self.source)} --to {printable(self.target)}"


def _short(stack: str) -> str:
    return stack.rpartition("/")[2]


def moves_under_way(project: Path) -> list[Move]:
    """Return the moves that were begun and neither ended nor taken back.

    Raises:
        ConfigurationError: a journal can't be read.
    """
    return [_read(path) for path in sorted((project / FOLDER).glob("*.json"))]


def refuse_while_moving(project: Path, stack: str) -> None:
    """Refuse to deploy a stack that a move under way touches.

    Raises:
        ConfigurationError: names the move, and the command that ends it.
    """
    for move in moves_under_way(project):
        if move.touches(stack):
            raise ConfigurationError(f"a move of {move} is unfinished: run `{move.command}` again, which ends it")


def _read(path: Path) -> Move:
    try:
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        files = tuple(FileChange(**each) for each in found["files"])
        return Move(found["source"], found["target"], tuple(found["services"]), files)
    except (OSError, ValueError, KeyError, TypeError):
        raise ConfigurationError(
            f"{path}: the journal of an unfinished move can't be read: mend its rights, or if it is damaged compare "
            "both stacks with their backups beside it before you delete it"
        ) from None


def begin(project: Path, move: Move) -> None:
    """Note a move, before anything of it is done.

    Raises:
        ConfigurationError: the note can't be written.
    """
    path = _path(project, move)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        ignored = path.parent.parent / ".gitignore"
        if not ignored.exists():
            ignored.write_text("*\n")
        write_whole(path, json.dumps(asdict(move), indent=2))
    except OSError as error:
        raise ConfigurationError(f"{path.parent} can't be written: {error.strerror}; nothing was moved") from None


def end(project: Path, move: Move) -> None:
    """Take the note of a move away: it is done, or nothing of it is."""
    _path(project, move).unlink(missing_ok=True)


def _path(project: Path, move: Move) -> Path:
    both = f"{_short(move.source)}\n{_short(move.target)}"
    return project / FOLDER / f"{hashlib.sha256(both.encode()).hexdigest()[:16]}.json"


def write_whole(path: Path, text: str) -> None:
    """Write a file so that a kill leaves the old one or the new one, and nothing in between.

    Raises:
        OSError: it can't be written; the old one is as it was.
    """
    beside = path.with_name(f".{path.name}.new")
    mode = path.stat().st_mode & 0o777 if path.exists() else 0o644
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
