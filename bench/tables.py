"""The results as rows of text: the one source of the terminal's tables and the document's."""

from collections.abc import Sequence
from dataclasses import dataclass

from .fleet import ALL_OPERATIONS, growth
from .goals import fleet_goals, goals
from .peers import BEST_PEER
from .results import Cell, Results

PEER_CALLS_AT_ONCE = 10
RAW_OPERATIONS = {"up": "create", "preview --refresh": "read", "destroy": "delete"}
"""Which of the bare client's operations an operation is compared with."""
CALL_NAMES = {
    "create_key": "POST",
    "update_key": "PATCH",
    "delete_key": "DELETE",
    "list_keys": "page",
    "get_key": "GET",
}
TITLES = {
    "keys": "keys only",
    "whole": "whole services",
    "drift": "drift, stacks of five services",
    "fleet": "stacks of 40 services",
}


@dataclass(frozen=True)
class Table:
    """A titled table of text."""

    title: str
    header: Sequence[str]
    rows: Sequence[Sequence[str]]


def tables(results: Results) -> list[Table]:
    """Return every table of a run; those without rows are left out."""
    found = [_goals(results), _cells(results), _growth(results), _bounds(results), _starts(results)]
    return [table for table in found if table.rows]


def _goals(results: Results) -> Table:
    rows = [*(goal.text(results) for goal in goals(PEER_CALLS_AT_ONCE)), *fleet_goals(results)]
    return Table("Goals", ("goal", "measured", "met"), rows)


def _cells(results: Results) -> Table:
    header = (
        "what",
        "number",
        "--parallel",
        "operation",
        "seconds",
        "of the peer",
        "of the bound",
        "CPU s",
        "peak MB",
        "state kB",
        "API calls",
        "at once",
    )
    return Table("Operations", header, [_cell(results, cell) for cell in results.cells])


def _growth(results: Results) -> Table:
    found = {operation: growth(results.cells, operation) for operation in ALL_OPERATIONS}
    rows = [(operation, f"{ratio:.2f}") for operation, ratio in found.items() if ratio is not None]
    return Table("Growth with the number of stacks: CPU seconds a stack, 1 is linear", ("operation", "growth"), rows)


def _cell(results: Results, cell: Cell) -> Sequence[str]:
    peer = BEST_PEER.get(cell.operation, {}).get(cell.count) if cell.kind == "keys" else None
    raw = results.bound(cell.count, RAW_OPERATIONS.get(cell.operation, ""), cell.parallel)
    when = f", {cell.date}" if cell.date else ""
    return (
        f"{TITLES[cell.kind]}{when}",
        f"{cell.count:,}",
        str(cell.parallel),
        cell.operation,
        f"{cell.seconds:.1f}",
        ratio(cell.seconds, peer),
        # The bound is of its own run, on what was perhaps a faster machine.
        ratio(cell.seconds, None if cell.date else raw),
        f"{cell.cpu_seconds:.1f}",
        f"{cell.peak_megabytes:.0f}",
        f"{cell.state_bytes / 1000:,.0f}" if cell.state_bytes else "",
        calls(cell),
        str(cell.calls_at_once),
    )


def ratio(seconds: float, other: float | None) -> str:
    """Return how many times the other's time that is; empty where there is none to compare with."""
    return f"{seconds / other:.2f}" if other else ""


def calls(cell: Cell) -> str:
    """Return the API calls in words: `200 POST`."""
    return ", ".join(f"{count:,} {CALL_NAMES.get(name, name)}" for name, count in cell.calls.items()) or "none"


def _bounds(results: Results) -> Table:
    rows = [
        (each.operation, f"{each.count:,}", str(each.calls_at_once), f"{each.seconds:.2f}") for each in results.bounds
    ]
    return Table("Lower bound: a bare HTTP client", ("operation", "keys", "calls at once", "seconds"), rows)


def _starts(results: Results) -> Table:
    rows = [(start.name, f"{start.cpu_seconds * 1000:.0f}") for start in results.starts]
    return Table("Starting", ("what", "CPU ms"), rows)
