"""`openrouter-keys list` and `openrouter-keys show`."""

import json
from pathlib import Path
from typing import Annotated

import typer

from .asking import ask_one, ask_stacks, is_of_many
from .completing import complete_service
from .options import (
    FAILED,
    EveryOption,
    JsonOption,
    ProjectOption,
    StackOption,
    StacksOption,
    TableFormat,
    TableFormatOption,
    WideOption,
    format_of,
)

LIST_EXAMPLE = "Example: openrouter-keys list --stack prod --all-keys"
SHOW_EXAMPLE = "Example: openrouter-keys show checkout --stack prod --format json"
ServiceArgument = Annotated[
    str, typer.Argument(metavar="SERVICE", help="The service's name.", autocompletion=complete_service)
]


def list_services(
    stack: StacksOption = None,
    every: EveryOption = False,
    project: ProjectOption = Path(),
    all_keys: Annotated[
        bool, typer.Option("--all-keys", help="Every key of the account, and which of them this stack knows.")
    ] = False,
    wide: WideOption = False,
    format_: TableFormatOption = TableFormat.TABLE,
    as_json: JsonOption = False,
) -> None:
    """List the stack's services with their keys and secrets, or every key of the account.

    Exit code 0: listed; 1: a stack could not be read.
    """
    from ..operations.each_stack import answered, as_objects
    from ..operations.inventory import Inventory, take_inventory
    from ..operations.service_tables import inventory_table
    from ..operations.tables import print_listings

    def ask(name: str | None) -> Inventory:
        return take_inventory(project, name, all_keys=all_keys)

    many = is_of_many(stack, every)
    answers = ask_stacks("list", project, stack, every, ask) if many else []
    found = answered(answers) if many else [ask_one("list", stack, ask)]
    if format_of(format_, as_json) is TableFormat.JSON:
        objects = as_objects(answers, Inventory.as_object) if many else found[0].as_object()
        typer.echo(json.dumps(objects, indent=2))
    else:
        print_listings(list(map(inventory_table, found)), wide=wide)
    if len(found) < len(answers):
        raise typer.Exit(FAILED)


def show(
    service: Annotated[
        str, typer.Argument(metavar="SERVICE", help="The service's name.", autocompletion=complete_service)
    ],
    stack: StackOption = None,
    project: ProjectOption = Path(),
    wide: WideOption = False,
    format_: TableFormatOption = TableFormat.TABLE,
    as_json: JsonOption = False,
) -> None:
    """Show everything of one service: as deployed, its key as the API has it now, and what earlier keys spent."""
    from ..operations.inventory import describe_service, find_service
    from ..operations.progress import waiting
    from ..operations.service_tables import service_table
    from ..operations.stack.deployment import known_keys, read_deployment
    from ..operations.stack.past_keys import past_keys
    from ..operations.tables import print_listings

    with waiting("show"):
        deployment = read_deployment(project, stack)
        found = find_service(deployment.stack, service)
        state = deployment.state()
        with deployment.client() as client:
            described = describe_service(found, client, known_keys(state), past_keys(state).get(found.name))
    if format_of(format_, as_json) is TableFormat.JSON:
        typer.echo(json.dumps(described, indent=2))
    else:
        print_listings([service_table(described)], wide=wide)
