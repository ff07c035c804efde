"""`python -m bench`: measure, print the tables, and write bench/results.json, docs/performance.md and its chart.

A run with options measures a part and only prints it; `--write` keeps it all the same. Everything runs against the
sandbox on this machine.
"""

import argparse
import os
import platform
import subprocess
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

from rich.console import Console
from rich.table import Table as RichTable

from sandbox.environment import find_pulumi
from sandbox.lifecycle import Sandbox

from .bounds import measure_bounds
from .chart import CHART, chart
from .fleet import KIND as FLEET
from .fleet import measure_fleet
from .operations import OPERATIONS, measure_drift, measure_life
from .page import rewrite
from .projects import KEYS, KINDS, WHOLE, Project, open_project
from .results import Bound, Cell, Results, merged, read, write
from .starts import measure_starts
from .tables import Table, calls, tables

SIZES = {KEYS: (10, 50, 200, 1000), WHOLE: (10, 50, 200)}
"""A thousand whole services are six thousand resources, and checkpoints cost their square: ask with --sizes 1000."""
PARALLEL, MORE_PARALLEL = 10, (16, 32)
COMPARED_SIZE = 200
"""The size at which more calls at once are tried too."""
TABLE_WIDTH = 150
DRIFT, BOUNDS, STARTS = "drift", "bounds", "starts"
PARTS = (STARTS, BOUNDS, *KINDS, DRIFT, FLEET)


@dataclass(frozen=True)
class Life:
    """One stack to take through its life."""

    kind: str
    count: int
    parallel: int
    operations: Sequence[str]


def lives(
    parts: Sequence[str], sizes: Sequence[int] | None, parallel: int | None, operations: Sequence[str]
) -> list[Life]:
    """Return the stacks of a run: every size with ten calls at once, and one size of keys with more."""
    kinds = [kind for kind in KINDS if kind in parts]
    found = [Life(kind, size, parallel or PARALLEL, operations) for kind in kinds for size in sizes or SIZES[kind]]
    if KEYS in kinds and parallel is None and COMPARED_SIZE in (sizes or SIZES[KEYS]):
        more = [operation for operation in ("up", "destroy") if operation in operations]
        found += [Life(KEYS, COMPARED_SIZE, other, more) for other in MORE_PARALLEL]
    return found


def options(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Return what the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=list(PARTS), help="what to measure")
    parser.add_argument("--sizes", nargs="+", type=int, help="numbers of services instead of the usual ones")
    parser.add_argument("--operations", nargs="+", choices=list(OPERATIONS), default=list(OPERATIONS))
    parser.add_argument("--parallel", type=int, help="calls at once instead of 10 (and, at 200 keys, 16 and 32)")
    parser.add_argument("--set", nargs="+", metavar="NAME=VALUE", default=[], help="variables of the measured commands")
    parser.add_argument(
        "--write", action="store_true", help="keep the results of a run with options too, beside the others"
    )
    parser.add_argument("--render", action="store_true", help="only write page and chart anew from bench/results.json")
    return parser.parse_args(arguments)


def machine() -> dict[str, str]:
    """Return what the figures depend on."""
    pulumi = subprocess.run([find_pulumi() or "pulumi", "version"], check=True, capture_output=True, text=True)
    cores = str(os.cpu_count())
    return {"cores": cores, "Python": platform.python_version(), "Pulumi": pulumi.stdout.strip()}


def run(wanted: argparse.Namespace, console: Console) -> Results:
    """Measure what is wanted, saying of each figure as soon as it is there."""
    variables = dict(pair.split("=", 1) for pair in wanted.set)
    cells: list[Cell] = []
    bounds: list[Bound] = []
    stacks = lives(wanted.parts, wanted.sizes, wanted.parallel, wanted.operations)
    starts = measure_starts() if STARTS in wanted.parts else []

    def report(cell: Cell) -> None:
        what = f"{cell.kind} {cell.count} --parallel {cell.parallel}: {cell.operation}"
        console.print(f"{what}: {cell.seconds:.1f} s, {cell.cpu_seconds:.1f} CPU s, {calls(cell)}", highlight=False)

    with tempfile.TemporaryDirectory(prefix="openrouter-keys-bench-") as folder:
        for number, life in enumerate(stacks):
            # Each stack has a sandbox of its own: a server that has served ten thousand calls is slower.
            with Sandbox(Path(folder) / f"sandbox-{number}") as sandbox:
                project = open_project(Path(folder) / f"project-{number}", life.kind, sandbox, variables)
                cells += measure_life(project, life.count, life.parallel, life.operations, report)
        with Sandbox(Path(folder) / "sandbox") as sandbox:
            if BOUNDS in wanted.parts:
                counts = sorted({life.count for life in stacks if life.kind == KEYS}) or SIZES[KEYS]
                bounds = measure_bounds(sandbox, counts)
            if DRIFT in wanted.parts:
                cells += measure_drift(open_project(Path(folder) / "drift", WHOLE, sandbox, variables), report)
        if FLEET in wanted.parts:
            with ExitStack() as opened:
                numbers = count()

                def fleet() -> Project:
                    # `--all` means every stack of a backend, so that each fleet has one of its own.
                    place = Path(folder) / f"fleet-{next(numbers)}"
                    own = opened.enter_context(Sandbox(place / "sandbox"))
                    return open_project(place / "project", WHOLE, own, variables)

                cells += measure_fleet(fleet, report)
    today = datetime.now(UTC).date().isoformat()
    return Results(today, machine(), cells, bounds, starts)


def shown(table: Table) -> RichTable:
    """Return a table for the terminal."""
    drawn = RichTable(*table.header, title=table.title, title_justify="left")
    for row in table.rows:
        drawn.add_row(*row)
    return drawn


def keep(results: Results) -> None:
    """Write page and chart from the results."""
    CHART.write_text(chart(results), encoding="utf-8")
    rewrite(results)


def main() -> None:
    """Measure, print and keep."""
    wanted, console = options(), Console(width=TABLE_WIDTH)
    # Compiled modules are what a deployment has; where they are not kept, every start compiles them anew.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    if wanted.render:
        keep(read())
        return
    results = run(wanted, console)
    for table in tables(results):
        console.print(shown(table))
    whole_run = vars(wanted) == vars(options([]))
    if whole_run or wanted.write:
        write(results if whole_run else merged(read(), results))
        keep(read())


if __name__ == "__main__":
    main()
