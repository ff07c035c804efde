"""`openrouter-keys verify`."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .asking import ask_stacks, is_of_many
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
    from ..operations.verify import VerifiedService

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
    from ..operations.stack.stacks import read_stack
    from ..operations.tables import print_listings
    from ..operations.verify import FREE_MODEL, verify_stack

    def ask(name: str | None) -> "tuple[str, list[VerifiedService]]":
        deployed = read_stack(project, name)
        return deployed.name, verify_stack(deployed, chat_model=(model or FREE_MODEL) if chat else None)

    many = is_of_many(stack, every)
    answers = ask_stacks("verify", project, stack, every, ask) if many else []
    found = answered(answers) if many else [ask(stack[0] if stack else None)]
    if format_of(format_, as_json) is TableFormat.JSON:
        typer.echo(json.dumps(as_objects(answers, _written) if many else _written(found[0]), indent=2))
    else:
        print_listings([verification_table(name, results) for name, results in found], wide=wide)
    if len(found) < len(answers):
        raise typer.Exit(FAILED)
    wrong = any(result.findings for _, results in found for result in results)
    raise typer.Exit(FINDINGS if wrong else CLEAN)


def _written(found: "tuple[str, Sequence[VerifiedService]]") -> dict[str, Any]:
    name, results = found
    return {"stack": name, "services": [asdict(result) for result in results]}
