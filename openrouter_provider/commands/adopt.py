"""`openrouter-keys adopt`."""

import json
import re
from pathlib import Path
from typing import Annotated

import typer

from .options import JsonOption, ProjectOption, StackOption, TextFormat, TextFormatOption, format_of

EXAMPLE = "Example: openrouter-keys adopt 3f1c…whole-hash checkout --stack prod"
_HASH = re.compile(r"[0-9a-fA-F]{64}")


def adopt(
    id_: Annotated[str, typer.Argument(metavar="ID", help="A key's hash, or the id of anything beside the keys.")],
    name: Annotated[str, typer.Argument(metavar="NAME", help="The key's service, or the object's name.")],
    stack: StackOption = None,
    project: ProjectOption = Path(),
    format_: TextFormatOption = TextFormat.TEXT,
    as_json: JsonOption = False,
) -> None:
    """Print the config and the commands that bring an existing object under management; nothing is changed.

    A key becomes a service's by its settings, since its value has to be given; anything else is imported.
    """
    from ..api.errors import ConfigurationError
    from ..operations.adopt import instructions, parts_of, plan_adoption
    from ..operations.importing import import_instructions, plan_import
    from ..operations.progress import waiting
    from ..operations.stack.any_stack import find_stack

    with waiting("adopt"):
        chosen = find_stack(project, stack)
        if not chosen.name:
            raise ConfigurationError("no stack is selected: give --stack NAME, of one that is there or shall be")
        if _HASH.fullmatch(id_):
            text = instructions(plan_adoption(project, id_, name, chosen), project)
        else:
            text = import_instructions(chosen, name, plan_import(id_, chosen), project)
    if format_of(format_, as_json) is TextFormat.JSON:
        text = json.dumps({"stack": chosen.name, "name": name, **parts_of(text)}, indent=2) + "\n"
    typer.echo(text, nl=False)
