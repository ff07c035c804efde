"""One environment in many stacks: what deploying and checking all of them costs, and how it grows with their number."""

from collections.abc import Callable, Sequence

from .operations import CHANGED_LIMIT_USD, Report, measured
from .projects import Project
from .results import Cell

KIND = "fleet"
SIZES = (5, 25)
"""Numbers of stacks; the growth from one to the other is compared with a linear one."""
SERVICES = 40
STACKS_AT_ONCE = 2
ALL = ("--all", "--stacks-at-once", str(STACKS_AT_ONCE))
UP, PREVIEW, DRIFT = ALL_OPERATIONS = ("up --all", "preview --all, nothing changed", "drift --all")
"""What every stack of a fleet takes part in; what changes in one stack costs that stack alone."""
CHANGES = 2
"""Exit code of a preview that finds changes."""


def stack_names(count: int) -> list[str]:
    """Return the names of so many stacks, in order."""
    return [f"team-{number:02}" for number in range(count)]


def measure_fleet(project: Callable[[], Project], report: Report, sizes: Sequence[int] = SIZES) -> list[Cell]:
    """Deploy, preview, check and change fleets of several sizes; return what each command cost.

    Args:
        project: returns a new project on a new account.
        report: told of each figure as soon as it is there.
        sizes: numbers of stacks.
    """
    return [cell for count in sizes for cell in _life(project(), count, report)]


def _life(project: Project, count: int, report: Report) -> list[Cell]:
    names = stack_names(count)
    for name in names:
        project.add_stack(name, SERVICES)
    commands: dict[str, tuple[str, ...]] = {
        UP: ("openrouter-keys", "up", *ALL),
        PREVIEW: ("openrouter-keys", "preview", *ALL),
        DRIFT: ("openrouter-keys", "drift", *ALL),
        "one limit changed in one stack": ("openrouter-keys", "up", "--stack", names[0]),
    }
    cells = []
    for operation, command in commands.items():
        if operation.startswith("one limit"):
            project.configure(names[0], SERVICES, CHANGED_LIMIT_USD)
        cell = measured(project, KIND, operation, command, count, STACKS_AT_ONCE, expected=(0, CHANGES))
        report(cell)
        cells.append(cell)
    return cells


def growth(cells: Sequence[Cell], operation: str) -> float | None:
    """Return how much more CPU a stack costs in the largest fleet than in the smallest one; 1 is linear.

    >>> small = Cell(KIND, 5, 2, "up --all", 10, 20, 0, {}, 0)
    >>> growth([small, Cell(KIND, 25, 2, "up --all", 50, 110, 0, {}, 0)], "up --all")
    1.1
    """
    found = sorted((cell for cell in cells if cell.kind == KIND and cell.operation == operation), key=_count)
    if len(found) < 2:
        return None
    first, last = found[0], found[-1]
    return round((last.cpu_seconds / last.count) / (first.cpu_seconds / first.count), 3)


def _count(cell: Cell) -> int:
    return cell.count
