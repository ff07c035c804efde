"""What this project wants to reach, and whether a run reached it."""

from dataclasses import dataclass

from .fleet import ALL_OPERATIONS, DRIFT, STACKS_AT_ONCE, UP, growth
from .fleet import KIND as FLEET
from .fleet import SERVICES as IN_A_STACK
from .fleet import SIZES as FLEETS
from .peers import BEST_PEER
from .projects import KEYS, WHOLE
from .results import Results

FLEET_CPU_SECONDS, SQUARE_CPU_SECONDS = 200, 80
"""The goal for the large fleet, and what one stack of 200 services took on the machine on which it was set."""
ONE_STACK, ONE_STACK_PARALLEL = 200, 10
MOST_GROWTH = 1.15
KEYS_A_PAGE = 100

Row = tuple[str, str, str]
"""A goal, what was measured, and whether it is met, in words."""
YES, NO, UNKNOWN = "yes", "no", ("not measured", "-")


@dataclass(frozen=True)
class Goal:
    """An upper limit for one cell."""

    operation: str
    count: int
    parallel: int
    most_seconds: float
    because: str

    def text(self, results: Results) -> Row:
        """Return the goal, what was measured, and whether it is met, in words."""
        cell = results.cell(KEYS, self.count, self.operation, self.parallel)
        what = f"{self.operation} of {self.count} keys, --parallel {self.parallel}: {self.because}"
        if cell is None:
            return what, *UNKNOWN
        return what, f"{cell.seconds:.1f} s of {self.most_seconds:.1f} s", met(cell.seconds, self.most_seconds)


def goals(parallel: int) -> list[Goal]:
    """Return the goals for runs with so many calls at once, the number that the peer makes."""
    plan, apply = BEST_PEER["preview --refresh"], BEST_PEER["up"]
    return [
        Goal("preview --refresh", 200, parallel, 0.7 * plan[200], "0.7 of the peer's plan"),
        Goal("preview --refresh", 1000, parallel, 0.5 * plan[1000], "0.5 of the peer's plan"),
        Goal("up", 200, parallel, apply[200], "the peer's apply"),
        Goal("preview", 200, parallel, 2.5, "a no-op"),
    ]


def fleet_goals(results: Results) -> list[Row]:
    """Return the goals for one environment in many stacks.

    A machine's speed is taken out by what one large stack cost in the same run: it says how much slower this one is
    than the one on which the goal was set.
    """
    stacks = max(FLEETS)
    called = f"{UP} of {stacks * IN_A_STACK:,} services in {stacks} stacks"
    up = results.cell(FLEET, stacks, UP, STACKS_AT_ONCE)
    one = results.cell(WHOLE, ONE_STACK, "up", ONE_STACK_PARALLEL)
    absolute, most = f"{called}: {FLEET_CPU_SECONDS} CPU s", FLEET_CPU_SECONDS / SQUARE_CPU_SECONDS
    relative = f"{called}: {most} times the CPU s of one stack of {ONE_STACK} in the same run"
    rows: list[Row] = [(absolute, *UNKNOWN), (relative, *UNKNOWN)]
    if up:
        rows[0] = absolute, f"{up.cpu_seconds:.1f} CPU s", met(up.cpu_seconds, FLEET_CPU_SECONDS)
    if up and one and up.date == one.date:
        times = up.cpu_seconds / one.cpu_seconds
        rows[1] = relative, f"{times:.2f} times {one.cpu_seconds:.1f} CPU s", met(times, most)
    return [*rows, *(_growth(results, operation) for operation in ALL_OPERATIONS), _one_listing(results, stacks)]


def _growth(results: Results, operation: str) -> Row:
    what = f"{operation}: growth to {max(FLEETS)} stacks of {MOST_GROWTH}, 1 is linear"
    found = growth(results.cells, operation)
    return (what, *UNKNOWN) if found is None else (what, f"{found:.2f}", met(found, MOST_GROWTH))


def _one_listing(results: Results, stacks: int) -> Row:
    cell = results.cell(FLEET, stacks, DRIFT, STACKS_AT_ONCE)
    # A last page may be full, and then another one has to be asked for; the default workspace is one more listing.
    most = stacks * IN_A_STACK // KEYS_A_PAGE + 2
    what = f"{DRIFT} of {stacks} stacks lists the account once: {most} pages at most"
    pages = cell.calls.get("list_keys", 0) if cell else 0
    return (what, f"{pages} pages", met(pages, most)) if cell else (what, *UNKNOWN)


def met(found: float, most: float) -> str:
    """Return whether a figure is small enough, in a word."""
    return YES if found <= most else NO
