"""`openrouter-keys adopt`."""

from pathlib import Path
from typing import Annotated

import typer

from .options import ProjectOption, StackOption

EXAMPLE = "Example: openrouter-keys adopt 3f1c…the key's whole hash… checkout --stack prod"


def adopt(
    key_hash: Annotated[str, typer.Argument(metavar="HASH", help="The key, as `list --all-keys` prints it.")],
    service: Annotated[str, typer.Argument(metavar="SERVICE", help="The service that shall use it.")],
    stack: StackOption = None,
    project: ProjectOption = Path(),
) -> None:
    """Print the config and the commands that bring an existing key under management; nothing is changed."""
    from ..operations.adopt import instructions, plan_adoption

    typer.echo(instructions(plan_adoption(project, key_hash, service, stack), project), nl=False)
