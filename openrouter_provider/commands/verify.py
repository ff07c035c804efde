"""`openrouter-keys verify`."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .asking import ask_one, ask_stacks, is_of_many
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
    WideOption,
    format_of,
)

if TYPE_CHECKING:
    from ..operations.verify import Verification

EXAMPLE = "Example: openrouter-keys verify --stack prod --json"


def verify(
    stack: StacksOption = None,
    every: EveryOption = False,
    project: ProjectOption = Path(),
    wide: WideOption = False,
    format_: TableFormatOption = TableFormat.TABLE,
    as_json: JsonOption = False,
    chat: Annotated[bool, typer.Option("--chat", help="Send one request to a free model with each key.")] = False,
    model: Annotated[str | None, typer.Option(metavar="NAME", help="The model that --chat asks.")] = None,
) -> None:
    """Read every service's secret, authenticate with it, and compare the key with the state.

    Exit code 0: all fine; 2: something is wrong with a service; 1: the check itself failed.
    """
    from ..operations.each_stack import answered, as_objects
    from ..operations.service_tables import verification_table
    from ..operations.stack.exported import StackState
    from ..operations.stack.stacks import open_workspace, read_stack
    from ..operations.tables import print_listings
    from ..operations.verify import FREE_MODEL, verify_stack

    def ask(name: str | None) -> "Verification":
        deployed = read_stack(project, name)
        lock = StackState(open_workspace(project), deployed.name).seen_lock(interrupted=bool(deployed.pending))
        return verify_stack(deployed, chat_model=(model or FREE_MODEL) if chat else None, lock=lock)

    many = is_of_many(stack, every)
    answers = ask_stacks("verify", project, stack, every, ask) if many else []
    found = answered(answers) if many else [ask_one("verify", stack, ask)]
    if format_of(format_, as_json) is TableFormat.JSON:
        typer.echo(json.dumps(as_objects(answers, _written) if many else _written(found[0]), indent=2))
    else:
        shown = [each for each in found if each.services or not each.errors]
        print_listings([verification_table(each.stack, each.services) for each in shown], wide=wide)
    errors = [error for each in found for error in each.errors]
    for error in dict.fromkeys(errors):
        typer.echo(f"openrouter-keys: {error}", err=True)
    if errors or len(found) < len(answers):
        raise typer.Exit(FAILED)
    wrong = any(result.findings for each in found for result in each.services)
    raise typer.Exit(FINDINGS if wrong else CLEAN)


def _written(found: "Verification") -> dict[str, Any]:
    return asdict(found)
