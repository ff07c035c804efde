"""`openrouter-keys split`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .move import confirm, print_plan
from .options import CLEAN, ProjectOption, StackOption

if TYPE_CHECKING:
    from ..operations.moving.splitting import Split

EXAMPLE = "Example: openrouter-keys split --stack prod --size 40"


def split(
    stack: StackOption = None,
    size: Annotated[
        int, typer.Option("--size", min=1, metavar="N", help="The most services that a stack shall have.")
    ] = 40,
    project: ProjectOption = Path(),
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Split without asking.")] = False,
) -> None:
    """Split a stack that has grown too large into NAME, NAME-2, NAME-3 and so on; the oldest services stay.

    Shows what it will do and asks first; each stack's services go by `move`. Exit code 0: no stack is larger than that;
    2: you said no; 1: it failed, and running it again goes on.
    """
    from ..operations.moving.splitting import open_splitter

    splitter = open_splitter(project, stack)
    plan = splitter.plan(size)
    _print(plan)
    if not plan.goes and not plan.unfinished:
        raise typer.Exit(CLEAN)
    confirm(yes, "Split it?")
    splitter.apply(plan, print_plan)
    typer.echo("Split. Commit the config files before any pipeline runs again.")
    raise typer.Exit(CLEAN)


def _print(plan: "Split") -> None:
    from ..api.scrub import printable

    for move in plan.unfinished:
        typer.echo(f"unfinished, and ended first: {move}")
    typer.echo(f"{printable(plan.stack)}: {len(plan.stays)} services stay")
    for name, reason in plan.tied.items():
        typer.echo(f"  {printable(name)} can't go: {printable(reason, length=300)}")
    for target, services in plan.goes.items():
        made = " (a new stack)" if target in plan.new else ""
        typer.echo(f"{printable(target)}{made}: {len(services)} more: {', '.join(map(printable, services))}")
