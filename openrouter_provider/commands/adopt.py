"""`openrouter-keys adopt`."""

import re
from pathlib import Path
from typing import Annotated

import typer

from .options import ProjectOption, StackOption

EXAMPLE = "Example: openrouter-keys adopt 3f1c…the key's whole hash… checkout --stack prod"
_HASH = re.compile(r"[0-9a-fA-F]{64}")


def adopt(
    id_: Annotated[
        str, typer.Argument(metavar="ID", help="A key's hash, or the id of a workspace, guardrail or provider key.")
    ],
    name: Annotated[str, typer.Argument(metavar="NAME", help="The key's service, or the object's name.")],
    stack: StackOption = None,
    project: ProjectOption = Path(),
) -> None:
    """Print the config and the commands that bring an existing object under management; nothing is changed.

    A key becomes a service's by its settings, since its value has to be given; anything else is imported.
    """
    from ..operations.adopt import instructions, plan_adoption
    from ..operations.importing import import_instructions, plan_import

    if _HASH.fullmatch(id_):
        text = instructions(plan_adoption(project, id_, name, stack), project)
    else:
        chosen, objects = plan_import(project, id_, stack)
        text = import_instructions(chosen, name, objects, project)
    typer.echo(text, nl=False)
