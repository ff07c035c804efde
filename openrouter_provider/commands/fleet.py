"""`openrouter-keys up`, `preview` and `destroy` for many stacks, and `openrouter-keys stacks`."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from .options import (
    CLEAN,
    FAILED,
    FINDINGS,
    EveryOption,
    JsonOption,
    ProjectOption,
    StacksOption,
    TableFormat,
    TableFormatOption,
    TextFormat,
    TextFormatOption,
    WideOption,
    format_of,
)

if TYPE_CHECKING:
    from ..operations.fleet.errands import Errand
    from ..operations.fleet.outcomes import StackRun

UP_EXAMPLE = "Example: openrouter-keys up --all --refresh -- --parallel 8"
PREVIEW_EXAMPLE = "Example: openrouter-keys preview --stack prod-1 --stack prod-2 -- --diff"
DESTROY_EXAMPLE = "Example: openrouter-keys destroy --stack trial-1 --stack trial-2"
STACKS_EXAMPLE = "Example: openrouter-keys stacks --format json"

AtOnceOption = Annotated[
    int | None,
    typer.Option("--stacks-at-once", min=1, metavar="N", help="How many run side by side; default: one a core."),
]
RefreshOption = Annotated[bool, typer.Option("--refresh", help="Read the world first, as pulumi's --refresh.")]
MoreArgument = Annotated[
    list[str] | None, typer.Argument(metavar="-- OPTIONS", help="More options for pulumi, after --.")
]


class _Printing(NamedTuple):
    """How the summary is printed."""

    wide: bool
    as_json: bool


def up(  # noqa: PLR0913, PLR0917 - each is an option of the command
    more: MoreArgument = None,
    stack: StacksOption = None,
    every: EveryOption = False,
    project: ProjectOption = Path(),
    stacks_at_once: AtOnceOption = None,
    refresh: RefreshOption = False,
    wide: WideOption = False,
    format_: TableFormatOption = TableFormat.TABLE,
    as_json: JsonOption = False,
) -> None:
    """Deploy several stacks side by side; nothing is asked. What fails stops no other stack.

    Each stack's output is kept in .openrouter-keys/logs and shown where it failed. Ctrl-C cancels every stack with
    care, a second one ends them. Exit code 0: all done; 1: any is not.
    """
    _run(
        stack,
        every,
        project,
        stacks_at_once,
        _errand("up", refresh, more),
        _printing(wide, format_, as_json),
    )


def preview(  # noqa: PLR0913, PLR0917 - each is an option of the command
    more: MoreArgument = None,
    stack: StacksOption = None,
    every: EveryOption = False,
    project: ProjectOption = Path(),
    stacks_at_once: AtOnceOption = None,
    refresh: RefreshOption = False,
    wide: WideOption = False,
    format_: TableFormatOption = TableFormat.TABLE,
    as_json: JsonOption = False,
) -> None:
    """Show what `up` would change in several stacks. Nothing is written.

    Exit code 0: nothing; 2: changes; 1: a stack's preview failed.
    """
    _run(
        stack,
        every,
        project,
        stacks_at_once,
        _errand("preview", refresh, more),
        _printing(wide, format_, as_json),
    )


def destroy(  # noqa: PLR0913, PLR0917 - each is an option of the command
    more: MoreArgument = None,
    stack: StacksOption = None,
    every: EveryOption = False,
    project: ProjectOption = Path(),
    stacks_at_once: AtOnceOption = None,
    refresh: RefreshOption = False,
    wide: WideOption = False,
    format_: TableFormatOption = TableFormat.TABLE,
    as_json: JsonOption = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Destroy without asking.")] = False,
) -> None:
    """Destroy everything in several stacks: keys, secrets and what surrounds them. Asks first.

    Exit code 0: all done; 1: any is not, or nothing was done.
    """
    _run(
        stack,
        every,
        project,
        stacks_at_once,
        _errand("destroy", refresh, more),
        _printing(wide, format_, as_json),
        yes=yes,
    )


def _printing(wide: bool, format_: TableFormat, as_json: bool) -> _Printing:
    return _Printing(wide, format_of(format_, as_json) is TableFormat.JSON)


def _errand(command: str, refresh: bool, more: list[str] | None) -> "Errand":
    from ..operations.fleet.errands import Errand

    return Errand(command, (*(["--refresh"] if refresh else []), *(more or [])))


def _run(
    named: list[str] | None,
    every: bool,
    project: Path,
    at_once: int | None,
    errand: "Errand",
    printing: _Printing,
    yes: bool = True,
) -> None:
    import time

    from ..config.sharing.environment import stacks_read_from
    from ..operations.fleet.errands import default_at_once, run_errand, stacks_of_errand
    from ..operations.fleet.outcomes import as_object, is_trouble, summary
    from ..operations.progress import progress
    from ..operations.tables import print_listings

    command, names = errand.command, stacks_of_errand(project, named or [], every)
    if not yes:
        _confirm(names)
    started, needs = time.monotonic(), stacks_read_from(project)
    with progress(names, what=command) as shown:
        runs = run_errand(project, names, errand, shown, at_once=at_once or default_at_once(), needs=needs)
    for run in runs:
        _show_output(command, run, err=printing.as_json)
    if printing.as_json:
        typer.echo(json.dumps(as_object(command, runs), indent=2))
    else:
        print_listings([summary(command, runs, time.monotonic() - started)], wide=printing.wide)
    if is_trouble(runs):
        raise typer.Exit(FAILED)
    changed = command == "preview" and any(run.changes for run in runs)
    raise typer.Exit(FINDINGS if changed else CLEAN)


def _confirm(names: list[str]) -> None:
    from ..api.scrub import printable

    typer.echo(f"This deletes every key and secret of: {', '.join(map(printable, names))}")
    if not sys.stdin.isatty():
        typer.echo("openrouter-keys: nothing was done: this is no terminal to ask on; give --yes", err=True)
        raise typer.Exit(FAILED)
    if not typer.confirm("Destroy them?"):
        raise typer.Exit(FAILED)


def _show_output(command: str, run: "StackRun", *, err: bool) -> None:
    """Print a stack's output where somebody needs it: it is not done, or its preview shows changes."""
    from ..api.scrub import printable
    from ..operations.fleet.logs import last_lines
    from ..operations.fleet.outcomes import Ending

    wanted = run.ending is not Ending.DONE or (command == "preview" and run.changes)
    if run.log and wanted:
        typer.echo(f"--- stack {printable(run.stack)}: {run.ending}; {run.log} has this output:", err=err)
        for line in last_lines(run.log):
            typer.echo(line, err=err)


def stacks(
    project: ProjectOption = Path(),
    format_: TextFormatOption = TextFormat.TEXT,
    as_json: JsonOption = False,
) -> None:
    """List the stacks that have a file in the project, as `up --all` takes them; for a pipeline's matrix.

    Text is a name a line, JSON a list of objects.

    Asks neither the backend nor the API.
    """
    from ..operations.fleet.errands import stacks_of_errand

    names = stacks_of_errand(project, [], every=True)
    objects = [{"name": name} for name in names]
    typer.echo(json.dumps(objects) if format_of(format_, as_json) is TextFormat.JSON else "\n".join(names))
