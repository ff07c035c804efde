"""`openrouter-keys recover`."""

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .options import (
    CLEAN,
    FAILED,
    FINDINGS,
    JsonOption,
    ProjectOption,
    StackOption,
    TableFormat,
    TableFormatOption,
    WideOption,
    format_of,
)

if TYPE_CHECKING:
    from ..operations.recovery.prepared import Recovery
    from ..operations.recovery.run import Recoverer
    from ..operations.recovery.steps import Step

EXAMPLE = "Example: openrouter-keys recover --stack prod --clear-lock"


def recover(
    stack: StackOption = None,
    project: ProjectOption = Path(),
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do what the plan says without asking.")] = False,
    clear_lock: Annotated[
        bool, typer.Option("--clear-lock", help="Clear the lock that a killed run left; not while a run is going on.")
    ] = False,
    wide: WideOption = False,
    format_: TableFormatOption = TableFormat.TABLE,
    as_json: JsonOption = False,
) -> None:
    """Repair a stack after an interrupted run: delete what it made and lost, and clear its pending operations.

    Shows what it will do and asks first; as JSON it asks nothing, and does nothing without --yes. Exit code 0: nothing
    is left to do; 2: something is left, to do or for you to decide; 1: it failed, and running it again continues.
    """
    from ..operations.progress import waiting
    from ..operations.recovery.run import open_recoverer

    with waiting("recover: looking at what there is"):
        recoverer = open_recoverer(project, stack)
        recovery = recoverer.plan()
    if format_of(format_, as_json) is TableFormat.JSON:
        raise typer.Exit(_in_json(recoverer, recovery, yes=yes, clear_lock=clear_lock))
    parts = {"interrupted operations": recovery.steps, "what no state knows": recovery.orphans}
    _print_steps(recovery.stack, parts, wide=wide)
    if recovery.lock and not clear_lock:
        typer.echo(f"The stack is locked by {_shown(recovery.lock.holder)}. If that run is over: --clear-lock")
        raise typer.Exit(FINDINGS)
    if not recovery.has_work and not recovery.lock:
        typer.echo(f"stack {_shown(recovery.stack)}: {'left as it is' if recovery.left else 'nothing to recover'}")
        raise typer.Exit(FINDINGS if recovery.left else CLEAN)
    _confirm(yes)
    if recovery.lock:
        recoverer.clear_lock(recovery.lock)
        typer.echo(f"The lock of {_shown(recovery.lock.holder)} is cleared.")
    raise typer.Exit(_apply(recoverer, recovery, wide=wide))


def _in_json(recoverer: "Recoverer", recovery: "Recovery", *, yes: bool, clear_lock: bool) -> int:
    """Print the plan, and with --yes what was done; a locked stack is left alone unless the lock is to go."""
    from ..operations.recovery.step_table import as_object

    applied, free = None, clear_lock or not recovery.lock
    if yes and free:
        if recovery.lock:
            recoverer.clear_lock(recovery.lock)
        applied = recoverer.apply(recovery) if recovery.has_work else None
    typer.echo(json.dumps(as_object(recovery, applied), indent=2))
    done = applied or not recovery.has_work
    left = applied.left if applied else recovery.left
    return CLEAN if done and not left and (not recovery.lock or (yes and free)) else FINDINGS


def _confirm(yes: bool) -> None:
    if yes:
        return
    if not sys.stdin.isatty():
        typer.echo("openrouter-keys: nothing was done: this is no terminal to ask on; give --yes", err=True)
        raise typer.Exit(FAILED)
    if not typer.confirm("Do this?"):
        raise typer.Exit(FINDINGS)


def _apply(recoverer: "Recoverer", recovery: "Recovery", *, wide: bool) -> int:
    if not recovery.has_work:
        return FINDINGS if recovery.left else CLEAN
    applied = recoverer.apply(recovery)
    if applied.left:
        what = "left for you" if applied.backup else "left for you; the state was not touched"
        _print_steps(recovery.stack, {what: applied.left}, wide=wide)
    if applied.backup:
        typer.echo(
            f"Recovered. The state as it was is in {applied.backup}, its secrets encrypted: delete it when all is well."
        )
        typer.echo(f"Now run: pulumi up --refresh --stack {_shown(recovery.stack)}")
    elif not applied.left:
        typer.echo("Recovered. The state did not need to be touched.")
    return FINDINGS if applied.left else CLEAN


def _print_steps(stack: str, parts: "Mapping[str, Sequence[Step]]", *, wide: bool) -> None:
    from ..operations.recovery.step_table import steps_table
    from ..operations.tables import print_listings

    print_listings([steps_table(stack, what, steps) for what, steps in parts.items() if steps], wide=wide)


def _shown(text: str, length: int = 200) -> str:
    from ..api.scrub import printable

    return printable(text, length=length)
