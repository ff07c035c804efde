"""What is being done for each of several stacks: a line each that changes on a terminal, and plain lines in CI."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.text import Text
from rich.theme import Theme

from ..api.scrub import printable

_THEME = Theme({"progress.elapsed": "none", "progress.spinner": "none", "status.spinner": "none"})
"""rich's own yellow can't be read on white."""
Report = Callable[[str, str], None]
"""Told a stack's name and what is being done for it."""

PATIENCE_SECONDS = 2.0

ENDED = ("done", "failed", "cancelled", "not started")
"""How the last thing begins that is reported of a stack."""


@dataclass(frozen=True)
class Progressing:
    """Where progress is reported, from any thread.

    Attributes:
        step: told what every reader wants to know.
        tick: told what only somebody who is watching wants to know; a log leaves it out.
    """

    step: Report
    tick: Report


@contextmanager
def progress(stacks: Sequence[str], console: Console | None = None, what: str = "drift") -> Iterator[Progressing]:
    """Yield what shows each stack's progress.

    Args:
        stacks: their names.
        console: where to write; default: stderr.
        what: what begins each line where the console is no terminal.
    """
    console = console or Console(stderr=True, theme=_THEME)
    if not console.is_terminal:
        yield Progressing(_plain_lines(console, what), lambda _stack, _doing: None)
        return
    columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as display:
        tasks = {stack: display.add_task(f"{printable(stack)}: waiting", total=1, start=False) for stack in stacks}

        def show(stack: str, doing: str) -> None:
            display.start_task(tasks[stack])
            ended = doing.startswith(ENDED)
            text = f"{printable(stack)}: {printable(doing, length=100)}"
            display.update(tasks[stack], description=text, completed=int(ended))

        yield Progressing(show, show)


def _plain_lines(console: Console, what: str) -> Report:
    started = time.monotonic()

    def line(stack: str, doing: str) -> None:
        elapsed = time.monotonic() - started
        text = f"{what} {printable(stack)}: {printable(doing)} ({elapsed:.0f} s)"
        console.print(Text(text), soft_wrap=True)

    return line


@contextmanager
def waiting(what: str, console: Console | None = None, after_seconds: float = PATIENCE_SECONDS) -> Iterator[None]:
    """Show on a terminal that something goes on, once it takes longer than a moment.

    Args:
        what: what goes on.
        console: where to show it; default: stderr.
        after_seconds: how long nothing is shown.
    """
    console = console or Console(stderr=True, theme=_THEME)
    if not console.is_terminal:
        yield
        return
    status = console.status(Text(f"{what} …"))
    timer = threading.Timer(after_seconds, status.start)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()  # Otherwise it might start what nobody stops.
        status.stop()
