"""The operations that are measured, in the order in which a stack lives through them."""

from collections.abc import Callable, Sequence
from dataclasses import replace

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
    whole = (*command, "--stack", STACK, "--non-interactive", "--parallel", str(parallel))
    cell = measured(project, project.kind, operation, whole, count, parallel)
    return replace(cell, state_bytes=project.state_bytes(STACK))


def measured(
    project: Project,
    kind: str,
    operation: str,
    command: Sequence[str],
    count: int,
    parallel: int,
    expected: tuple[int, ...] = (0,),
) -> Cell:
    """Run one command and return what it cost, its API calls among them."""
    project.control.clear_calls()
    cost = project.measure(*command, expected=expected)
    calls = project.control.stats()
    return Cell(
        kind=kind,
        count=count,
        parallel=parallel,
        operation=operation,
        seconds=cost.seconds,
        cpu_seconds=cost.cpu_seconds,
        peak_megabytes=cost.peak_megabytes,
        calls=calls["by_operation"],
        calls_at_once=calls["max_concurrent"],
    )


def measure_drift(project: Project, report: Report) -> list[Cell]:
    """Deploy ten stacks of five whole services and return what one drift check of all of them costs."""
    names = [f"team-{number}" for number in range(DRIFT_STACKS)]
    for name in names:
        project.add_stack(name, DRIFT_SERVICES)
        project.measure(*DEPLOY, "--stack", name, "--non-interactive")
    command = ("openrouter-keys", "drift", "--all", "--stacks-at-once", str(STACKS_AT_ONCE))
    cell = measured(project, "drift", "openrouter-keys drift --all", command, DRIFT_STACKS, STACKS_AT_ONCE)
    report(cell)
    return [cell]
