"""What each kill cost, and all of them as a table."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table

UP, UPDATE, ROTATE, DESTROY = OPERATIONS = ("up", "update", "rotate", "destroy")
COUNTED = ("unknown", "orphans", "lost", "failed")


@dataclass(frozen=True)
class Kill:
    """One planned kill.

    Attributes:
        number: its place in the seed's sequence.
        victim: which processes die.
        operation: what they are doing.
        moment: when: the share of such a run's length, counted from its first word in the state.
        after: what follows recovery: up or destroy.
    """

    number: int
    victim: str
    operation: str
    moment: float
    after: str


@dataclass
class Outcome:
    """What one kill cost, after recovery and one more run."""

    kill: Kill
    in_time: bool
    """Whether the victim was alive at the instant."""
    unknown: int = 0
    """Keys alive after the kill that the state did not know: what recovery had to find."""
    orphans: int = 0
    lost: int = 0
    failed: int = 0

    @property
    def clean(self) -> bool:
        """Whether nothing was orphaned, lost or failed."""
        return not (self.orphans or self.lost or self.failed)


def table(found: Sequence[Outcome], title: str) -> Table:
    """Return the sums by killed process and operation."""
    result = Table(title=title)
    for column in ("killed", "during", "kills", "missed", "keys to find", "orphans", "lost", "failed"):
        result.add_column(column)
    hit = {(outcome.kill.victim, outcome.kill.operation) for outcome in found}
    for victim, operation in sorted(hit, key=lambda each: (each[0], OPERATIONS.index(each[1]))):
        rows = [outcome for outcome in found if (outcome.kill.victim, outcome.kill.operation) == (victim, operation)]
        result.add_row(victim, operation, *map(str, _sums(rows)))
    return result


def _sums(rows: Sequence[Outcome]) -> list[int]:
    late = sum(not row.in_time for row in rows)
    return [len(rows), late, *(sum(getattr(row, name) for row in rows) for name in COUNTED)]


def print_table(found: Sequence[Outcome], title: str) -> None:
    """Print the table for a terminal or a document."""
    Console(width=120).print(table(found, title))
