"""Progress on stderr: a live display on a terminal, plain lines in a pipeline."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.text import Text

from ...api.scrub import printable
from .check import Report


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
