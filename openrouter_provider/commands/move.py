"""`openrouter-keys move`."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .completing import complete_service, complete_stack
from .options import CLEAN, FAILED, FINDINGS, ProjectOption, StackOption

if TYPE_CHECKING:
    from ..operations.moving.planning import MovePlan

EXAMPLE = "Example: openrouter-keys move checkout search --stack prod --to prod-2"


TargetOption = Annotated[
    str,
    typer.Option(
        "--to", metavar="NAME", help="The stack that they go to; it must exist.", autocompletion=complete_stack
    ),
]
ServicesArgument = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="SERVICE", help="The services; none to end an unfinished move.", autocompletion=complete_service
    ),
]


def move(
    to: TargetOption,
    services: ServicesArgument = None,
    stack: StackOption = None,
    project: ProjectOption = Path(),
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Move without asking.")] = False,
) -> None:
    """Move services to another stack of the project: settings and state, without a new key and without a call.

    Shows what it will do and asks first. Exit code 0: they are there; 2: you said no; 1: nothing was moved, or it was
    interrupted, and running it again ends it.
    """
    from ..operations.moving.mover import open_mover

    mover = open_mover(project, to, stack)
    plan = mover.plan(services or [])
    print_plan(plan)
    confirm(yes, "Move them?")
    mover.apply(plan.move)
    typer.echo(f"Moved {len(plan.move.services)}. Commit both config files before any pipeline runs again.")
    raise typer.Exit(CLEAN)


def confirm(yes: bool, question: str) -> None:
    """Ask, unless that was answered beforehand; end the command where the answer is no or nobody can give one."""
    if yes:
        return
    if not sys.stdin.isatty():
        typer.echo("openrouter-keys: nothing was moved: this is no terminal to ask on; give --yes", err=True)
        raise typer.Exit(FAILED)
    if not typer.confirm(question):
        raise typer.Exit(FINDINGS)


def print_plan(plan: "MovePlan") -> None:
    """Print what a move does."""
    from ..api.scrub import printable

    move = plan.move
    typer.echo(f"{'unfinished: ' if plan.resumed else ''}from {printable(move.source)} to {printable(move.target)}:")
    for name in move.services:
        written = plan.written_out.get(name)
        more = f" (written out so that it stays the same: {', '.join(written)})" if written else ""
        typer.echo(f"  {printable(name)}{more}")
    if plan.shared:
        typer.echo(f"settings that {printable(move.target)} gets: {', '.join(map(printable, plan.shared))}")
