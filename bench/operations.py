"""The operations that are measured, in the order in which a stack lives through them."""

from collections.abc import Callable, Sequence

from .projects import Project
from .results import Cell

DEPLOY = ("pulumi", "up", "--yes", "--skip-preview")
OPERATIONS: dict[str, tuple[str, ...]] = {
    "up": DEPLOY,
    "preview": ("pulumi", "preview"),
    "preview --refresh": ("pulumi", "preview", "--refresh"),
    "one limit changed": DEPLOY,
    "destroy": ("pulumi", "destroy", "--yes", "--skip-preview"),
}
CHANGED_LIMIT_USD = 9
DRIFT_STACKS, DRIFT_SERVICES, STACKS_AT_ONCE = 10, 5, 4
STACK = "bench"

Report = Callable[[Cell], None]


def measure_life(project: Project, count: int, parallel: int, operations: Sequence[str], report: Report) -> list[Cell]:
    """Take a new stack through its life and return what the chosen operations cost; it is gone afterwards."""
    project.add_stack(STACK, count)
    cells = []
    for operation, command in OPERATIONS.items():
        if operation == "one limit changed":
            if operation not in operations:
                continue
            project.configure(STACK, count, CHANGED_LIMIT_USD)
        # A stack that is to be read must be there, and must go whatever is chosen.
        if operation in operations or operation in ("up", "destroy"):
            cell = _measured(project, operation, command, count, parallel)
            if operation in operations:
                report(cell)
                cells.append(cell)
    project.remove_stack(STACK)
    return cells


def _measured(project: Project, operation: str, command: Sequence[str], count: int, parallel: int) -> Cell:
    project.control.clear_calls()
    cost = project.measure(*command, "--stack", STACK, "--non-interactive", "--parallel", str(parallel))
    calls = project.control.stats()
    return Cell(
        kind=project.kind,
        count=count,
        parallel=parallel,
        operation=operation,
        seconds=cost.seconds,
        cpu_seconds=cost.cpu_seconds,
        peak_megabytes=cost.peak_megabytes,
        calls=calls["by_operation"],
        calls_at_once=calls["max_concurrent"],
        state_bytes=project.state_bytes(STACK),
    )


def measure_drift(project: Project, report: Report) -> list[Cell]:
    """Deploy ten stacks of five whole services and return what one drift check of all of them costs."""
    names = [f"team-{number}" for number in range(DRIFT_STACKS)]
    for name in names:
        project.add_stack(name, DRIFT_SERVICES)
        project.measure(*DEPLOY, "--stack", name, "--non-interactive")
    project.control.clear_calls()
    cost = project.measure("openrouter-keys", "drift", "--all", "--stacks-at-once", str(STACKS_AT_ONCE))
    calls = project.control.stats()
    cell = Cell(
        kind="drift",
        count=DRIFT_STACKS,
        parallel=STACKS_AT_ONCE,
        operation="openrouter-keys drift --all",
        seconds=cost.seconds,
        cpu_seconds=cost.cpu_seconds,
        peak_megabytes=cost.peak_megabytes,
        calls=calls["by_operation"],
        calls_at_once=calls["max_concurrent"],
    )
    report(cell)
    return [cell]
