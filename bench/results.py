"""What a run of the benchmarks found: plain figures, written to and read from bench/results.json."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

RESULTS = Path(__file__).resolve().parent / "results.json"
DIGITS = 3
Item = TypeVar("Item")


@dataclass(frozen=True)
class Cell:
    """One measured command.

    Attributes:
        kind: keys, whole, drift or fleet.
        count: how many services the stack has; for drift and fleet, how many stacks there are.
        parallel: the value of `--parallel`; for drift, how many stacks are checked side by side.
        operation: what was done.
        seconds: wall-clock time.
        cpu_seconds: of the command and all processes that it started.
        peak_megabytes: the largest sum of their resident memory.
        calls: the API calls by operation.
        calls_at_once: how many calls the API saw together.
        state_bytes: the size of the stack's state afterwards.
        date: when it was measured, where that was in a later run than the other cells.
    """

    kind: str
    count: int
    parallel: int
    operation: str
    seconds: float
    cpu_seconds: float
    peak_megabytes: float
    calls: dict[str, int]
    calls_at_once: int
    state_bytes: int = 0
    date: str = ""

    @property
    def place(self) -> tuple[str, int, str, int]:
        """What it is a measurement of."""
        return self.kind, self.count, self.operation, self.parallel


@dataclass(frozen=True)
class Bound:
    """How long a bare HTTP client takes for the same calls, measured in the same run."""

    count: int
    calls_at_once: int
    operation: str
    seconds: float


@dataclass(frozen=True)
class Start:
    """What starting something costs, the least of several times: seconds of CPU time."""

    name: str
    cpu_seconds: float


@dataclass(frozen=True)
class Results:
    """Everything that one run measured, and where."""

    date: str
    machine: dict[str, str] = field(default_factory=dict)
    cells: list[Cell] = field(default_factory=list)
    bounds: list[Bound] = field(default_factory=list)
    starts: list[Start] = field(default_factory=list)

    def cell(self, kind: str, count: int, operation: str, parallel: int) -> Cell | None:
        """Return one cell, where it was measured."""
        wanted = (kind, count, operation, parallel)
        return _first(cell for cell in self.cells if cell.place == wanted)

    def bound(self, count: int, operation: str, calls_at_once: int) -> float | None:
        """Return a lower bound in seconds, where it was measured."""
        wanted = (count, operation, calls_at_once)
        found = _first(each for each in self.bounds if (each.count, each.operation, each.calls_at_once) == wanted)
        return found.seconds if found else None


def merged(older: Results, newer: Results) -> Results:
    """Return a run's results with what a later, partial run measured, each such cell with its date."""
    again = [replace(cell, date=newer.date) for cell in newer.cells]
    measured = {cell.place for cell in again}
    return replace(older, cells=[*(cell for cell in older.cells if cell.place not in measured), *again])


def _first(items: Iterable[Item]) -> Item | None:
    return next(iter(items), None)


def write(results: Results, path: Path = RESULTS) -> None:
    """Write the results as JSON that a person can read and compare."""
    path.write_text(json.dumps(_rounded(asdict(results)), indent=1) + "\n", encoding="utf-8")


def read(path: Path = RESULTS) -> Results:
    """Return the results that were written to a file."""
    raw = json.loads(path.read_text(encoding="utf-8"))
    return Results(
        date=raw["date"],
        machine=raw["machine"],
        cells=[Cell(**cell) for cell in raw["cells"]],
        bounds=[Bound(**bound) for bound in raw["bounds"]],
        starts=[Start(**start) for start in raw["starts"]],
    )


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, DIGITS)
    if isinstance(value, dict):
        return {name: _rounded(part) for name, part in value.items()}
    return [_rounded(part) for part in value] if isinstance(value, list) else value
