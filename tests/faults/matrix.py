"""`make faults`: faults of both APIs on every operation through the real engine, as tables of what was lost.

Each row is a life of five services on a stack and an account of its own; two rows run at once on one sandbox.
"""

import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from rich.console import Console
from rich.table import Table

from sandbox.lifecycle import Sandbox
from tests.faults import api_faults, aws_faults
from tests.faults.lives import SERVICES, Outcome, Row, live_through
from tests.harness import open_stack

ROWS_AT_ONCE = 2
TABLES = {
    "OpenRouter: faults that pass": api_faults.rows,
    "OpenRouter: refusals that no retry can help": api_faults.refusals,
    "AWS Secrets Manager": aws_faults.rows,
}


def outcomes(sandbox: Sandbox, folder: Path, rows: Sequence[Row]) -> list[Outcome]:
    """Return what each row's trouble did, in order."""

    def live(row: Row) -> Outcome:
        outcome = live_through(open_stack(folder / str(rows.index(row)), sandbox), row)
        sys.stderr.write(f"{row.name}: {'clean' if outcome.clean else outcome}\n")
        return outcome

    with ThreadPoolExecutor(ROWS_AT_ONCE) as pool:
        return list(pool.map(live, rows))


def table(title: str, found: Sequence[Outcome]) -> Table:
    """Return the outcomes as a table."""
    result = Table(title=f"{title} ({len(SERVICES)} services)")
    for column in ("fault", "operations hit", "first run failed", "orphans", "lost values", "leaks"):
        result.add_column(column)
    for outcome in found:
        hit = f"{outcome.met} of {outcome.planned}"
        result.add_row(outcome.row.name, hit, ended(outcome), *map(str, (outcome.orphans, outcome.lost, outcome.leaks)))
    return result


def ended(outcome: Outcome) -> str:
    """Return how the first runs ended: how many failed, or that all failed as they must."""
    if outcome.wrong:
        return "; ".join(outcome.wrong)
    return "as it must" if outcome.row.refusal else "0"


def main(wanted: Sequence[str]) -> int:
    """Run the matrix, or the rows whose names hold one of these words, and print its tables.

    Exit code 0 only where every row is clean.
    """
    rows = {title: [row for row in make() if _is_wanted(row, wanted)] for title, make in TABLES.items()}
    with (
        tempfile.TemporaryDirectory(prefix="openrouter-keys-faults-") as folder,
        Sandbox(Path(folder) / "sb") as sandbox,
    ):
        every = outcomes(sandbox, Path(folder), [row for group in rows.values() for row in group])
    console = Console(width=130)
    for title, group in rows.items():
        if group:
            console.print(table(title, [outcome for outcome in every if outcome.row in group]))
    return 0 if all(outcome.clean for outcome in every) else 1


def _is_wanted(row: Row, wanted: Sequence[str]) -> bool:
    return not wanted or any(word in row.name for word in wanted)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
