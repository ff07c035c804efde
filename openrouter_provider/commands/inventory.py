"""`openrouter-keys list` and `openrouter-keys show`."""

import json
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from .options import ProjectOption, StackOption

LIST_EXAMPLE = "Example: openrouter-keys list --stack prod --all-keys"
SHOW_EXAMPLE = "Example: openrouter-keys show checkout --stack prod --format json"


class InventoryFormat(StrEnum):
    """What is printed."""

    TABLE = "table"
    JSON = "json"


FormatOption = Annotated[
    InventoryFormat, typer.Option("--format", "-f", help="A table, or JSON for programs.", case_sensitive=False)
]


def list_services(
    stack: StackOption = None,
    project: ProjectOption = Path(),
    all_keys: Annotated[
        bool, typer.Option("--all-keys", help="Every key of the account, and which of them this stack knows.")
    ] = False,
    format_: FormatOption = InventoryFormat.TABLE,
) -> None:
    """List the stack's services with their keys and secrets, or every key of the account."""
    from ..operations.inventory import list_account, listed_service
    from ..operations.stack.deployment import read_deployment
    from ..operations.stack.stacks import read_stack
    from ..operations.tables import keys_table, services_table

    if all_keys:
        deployment = read_deployment(project, stack)
        deployed = deployment.stack
        with deployment.client() as client:
            keys = list_account(client, deployment.known_keys())
    else:
        deployed = read_stack(project, stack)
    if format_ is InventoryFormat.JSON:
        rows = (
            {"keys": [asdict(key) for key in keys]}
            if all_keys
            else {"services": [*map(listed_service, deployed.services)]}
        )
        typer.echo(json.dumps({"stack": deployed.name, **rows}, indent=2))
    elif all_keys:
        keys_table(deployed.name, keys)
    else:
        services_table(deployed.name, deployed.services)


def show(
    service: Annotated[str, typer.Argument(help="The service's name.")],
    stack: StackOption = None,
    project: ProjectOption = Path(),
    format_: FormatOption = InventoryFormat.TABLE,
) -> None:
    """Show everything of one service: as deployed, its key as the API has it now, and its superseded keys."""
    from ..operations.inventory import describe_service, find_service
    from ..operations.stack.deployment import read_deployment
    from ..operations.tables import service_table

    deployment = read_deployment(project, stack)
    found = find_service(deployment.stack, service)
    with deployment.client() as client:
        described = describe_service(found, client, deployment.known_keys())
    if format_ is InventoryFormat.JSON:
        typer.echo(json.dumps(described, indent=2))
    else:
        service_table(described)
