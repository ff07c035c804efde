"""What each kill cost, and all of them as a table."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True)
class Kill:
    """One planned kill.

    Attributes:
        number: its place in the seed's sequence.
        victim: which processes die.
        operation: what they are doing.
        seconds: when, after the run's first word in the state.
        after: what follows recovery: up or destroy.
    """

    number: int
    victim: str
    operation: str
    seconds: float
    after: str


@dataclass
class Outcome:
    """What one kill cost, after recovery and one more run."""

    kill: Kill
    in_time: bool
    """Whether the victim was alive at the instant."""
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
    for column in ("killed", "during", "kills", "too late", "orphans", "lost", "failed"):
        result.add_column(column)
    for victim, operation in dict.fromkeys((outcome.kill.victim, outcome.kill.operation) for outcome in found):
        rows = [outcome for outcome in found if (outcome.kill.victim, outcome.kill.operation) == (victim, operation)]
        late, orphans = sum(not row.in_time for row in rows), sum(row.orphans for row in rows)
        lost, failed = sum(row.lost for row in rows), sum(row.failed for row in rows)
        result.add_row(victim, operation, *map(str, (len(rows), late, orphans, lost, failed)))
    return result


def print_table(found: Sequence[Outcome], title: str) -> None:
    """Print the table for a terminal or a document."""
    Console(width=120).print(table(found, title))
