"""What became of each stack: how its run ended, what it changed, and what a command's exit code says of all of them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from ...api.scrub import printable
from ..tables import BAD, OK, Column, Listing, Row

_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "created": ("create", "import"),
    "updated": ("update",),
    "replaced": ("replace",),
    "deleted": ("delete", "discard"),
    "unchanged": ("same",),
}
"""The columns of numbers, and the engine's words that each sums up."""
_AHEAD = {"created": "to create", "updated": "to update", "replaced": "to replace", "deleted": "to delete"}
"""The columns' names in a preview."""
_NO_CHANGE = {"same", "read", "refresh"}
_WHY_LENGTH = 300


class Ending(StrEnum):
    """How a stack's run ended."""

    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    NOT_STARTED = "not started"


@dataclass(frozen=True)
class StackRun:
    """What became of one stack.

    Attributes:
        stack: its name.
        ending: how its run ended.
        counts: how many resources, by the engine's word for what it did or would do.
        seconds: how long it took.
        why: why it is not done; empty where it is.
        log: the file with its output; None where nothing ran.
    """

    stack: str
    ending: Ending
    counts: Mapping[str, int] = field(default_factory=dict)
    seconds: float = 0.0
    why: str = ""
    log: Path | None = None

    @property
    def changes(self) -> int:
        """How many resources it changed, or would change."""
        return sum(number for word, number in self.counts.items() if word not in _NO_CHANGE)

    def summed(self) -> dict[str, int]:
        """Return the numbers of the table's columns."""
        return {column: sum(self.counts.get(word, 0) for word in words) for column, words in _COLUMNS.items()}

    def said(self, command: str) -> str:
        """Return the end of the command's run in a few words."""
        return f"{self.ending}, {self.why or _numbers(command, self.summed())}"


def is_trouble(runs: Iterable[StackRun]) -> bool:
    """Return whether any stack is not done."""
    return any(run.ending is not Ending.DONE for run in runs)


def summary(command: str, runs: Sequence[StackRun], seconds: float) -> Listing:
    """Return a row a stack, and the sums in a last line.

    Args:
        command: what was run.
        runs: what became of each stack.
        seconds: how long all took together.
    """
    numbers = [Column(_column(command, name), rank=rank, is_right=True) for rank, name in enumerate(_COLUMNS, 1)]
    time = Column("time", rank=len(numbers) + 1, is_right=True)
    columns = (Column("stack", least=24), Column("result"), *numbers, time, Column("why", is_text=True))
    return Listing(command, columns, list(map(_row, runs)), after=(totals(command, runs, seconds),))


def as_object(command: str, runs: Iterable[StackRun]) -> dict[str, Any]:
    """Return the summary for a program."""
    stacks = [{**asdict(run), "log": str(run.log) if run.log else None} for run in runs]
    return {"command": command, "stacks": stacks}


def _row(run: StackRun) -> Row:
    numbers = [str(number) if number else "-" for number in run.summed().values()]
    cells = (run.stack, run.ending, *numbers, f"{run.seconds:.0f} s", printable(run.why, length=_WHY_LENGTH))
    return Row(cells, {"result": OK if run.ending is Ending.DONE else BAD})


def totals(command: str, runs: Sequence[StackRun], seconds: float) -> str:
    """Return how many stacks ended how, what they changed together, and how long it took, in one line.

    >>> totals("up", [StackRun("eu", Ending.DONE, {"create": 2}), StackRun("us", Ending.FAILED)], 7.2)
    'up of 2 stacks: 1 done, 1 failed; 2 created; 7 s'
    """
    endings = [run.ending for run in runs]
    told = ", ".join(f"{endings.count(ending)} {ending}" for ending in Ending if ending in endings)
    sums = {column: sum(run.summed()[column] for run in runs) for column in _COLUMNS}
    stacks = f"{len(runs)} stack{'s' if len(runs) != 1 else ''}"
    return f"{command} of {stacks}: {told}; {_numbers(command, sums)}; {seconds:.0f} s"


def _numbers(command: str, sums: Mapping[str, int]) -> str:
    return ", ".join(f"{number} {_column(command, name)}" for name, number in sums.items() if number) or "nothing there"


def _column(command: str, name: str) -> str:
    return _AHEAD.get(name, name) if command == "preview" else name
