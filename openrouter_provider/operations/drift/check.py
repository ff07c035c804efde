"""Several stacks checked side by side: what changed behind Pulumi's back, in the account, in the secrets and around."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from pulumi.automation import CommandError
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.text import Text

from ...api.errors import ConfigurationError, OpenRouterError
from ...api.scrub import printable, scrub
from ..stack.accounts import Accounts
from ..stack.siblings import project_stacks
from ..stack.stacks import last_line, selected_stack
from .findings import Finding, Severity
from .one_stack import StackDrift, check_stack
from .plan import open_for_reading

STACKS_AT_ONCE = 4

Report = Callable[[str, str], None]
"""Told a stack's name and what is being done for it."""

StackCheck = Callable[[Path, str, Callable[[str], None]], StackDrift]
"""Checks the project's stack of that name and says what it is doing."""


def stack_names(project: Path, named: Sequence[str], every: bool) -> list[str]:
    """Return the stacks to check: those named, every one of the project, or the selected one.

    Raises:
        ConfigurationError: no project, no stack, both ways of naming, or an unreadable backend.
    """
    if named and every:
        raise ConfigurationError("give --stack or --all, not both")
    if named:
        return list(dict.fromkeys(named))
    workspace = open_for_reading(project)
    if not every:
        return [selected_stack(workspace)]
    try:
        names = [summary.name for summary in workspace.list_stacks()]
    except CommandError as error:
        raise ConfigurationError(f"the stacks cannot be listed: {last_line(error)}") from None
    if not names:
        raise ConfigurationError("the project has no stacks: make one with `pulumi stack init NAME`")
    return names


def check_stacks(
    project: Path,
    stacks: Sequence[str],
    report: Report,
    *,
    at_once: int = STACKS_AT_ONCE,
    check: StackCheck | None = None,
) -> list[StackDrift]:
    """Return what was found of each stack, in the order given; an error of one doesn't touch the others.

    Args:
        project: the folder with Pulumi.yaml.
        stacks: their names.
        report: told what is being done, from several threads.
        at_once: how many stacks are checked side by side.
        check: checks one stack; by default check_stack, which then reads the project's states once for all of them.
    """
    with Accounts.opened() as accounts:
        states = None if check else project_stacks(open_for_reading(project))
        ours = partial(check_stack, accounts=accounts, states=states, together=len(stacks) > 1)
        return _checked(project, stacks, report, at_once, check or ours)


def _checked(
    project: Path, stacks: Sequence[str], report: Report, at_once: int, checked: StackCheck
) -> list[StackDrift]:
    def guarded(stack: str) -> StackDrift:
        try:
            found = checked(project, stack, lambda doing: report(stack, doing))
        except OpenRouterError as error:
            found = StackDrift(stack, error=str(error))
        except Exception as error:  # noqa: BLE001 - the other stacks' findings must not be lost
            found = StackDrift(stack, error=f"{type(error).__name__}: {scrub(str(error))}")
        report(stack, "failed" if found.error else f"done, {counted(found.findings)}")
        return found

    with ThreadPoolExecutor(max(1, at_once)) as pool:
        return list(pool.map(guarded, stacks))


def counted(findings: Iterable[Finding]) -> str:
    """Return how many findings there are of each severity, in words."""
    severities = [finding.severity for finding in findings]
    parts = [f"{severities.count(severity)} {severity}" for severity in Severity if severity in severities]
    return ", ".join(parts) or "clean"


@contextmanager
def progress(stacks: Sequence[str], console: Console | None = None) -> Iterator[Report]:
    """Yield what shows each stack's progress; it may be called from any thread.

    Args:
        stacks: their names.
        console: where to write; default: stderr.
    """
    console = console or Console(stderr=True)
    if not console.is_terminal:
        yield _plain_lines(console)
        return
    columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as display:
        tasks = {stack: display.add_task(f"{printable(stack)}: waiting", total=1) for stack in stacks}

        def show(stack: str, doing: str) -> None:
            ended = doing.startswith(("done", "failed"))
            display.update(tasks[stack], description=f"{printable(stack)}: {printable(doing)}", completed=int(ended))

        yield show


def _plain_lines(console: Console) -> Report:
    started = time.monotonic()

    def line(stack: str, doing: str) -> None:
        elapsed = time.monotonic() - started
        console.print(Text(f"drift {printable(stack)}: {printable(doing)} ({elapsed:.0f} s)"), soft_wrap=True)

    return line
