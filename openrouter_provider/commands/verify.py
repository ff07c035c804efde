"""`openrouter-keys verify`."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from .options import CLEAN, FINDINGS, ProjectOption, StackOption

EXAMPLE = "Example: openrouter-keys verify --stack prod --json"


def verify(
    stack: StackOption = None,
    project: ProjectOption = Path(),
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for programs.")] = False,
    chat: Annotated[bool, typer.Option("--chat", help="Send one request to a free model with each key.")] = False,
    model: Annotated[str | None, typer.Option(help="The model that --chat asks.")] = None,
) -> None:
    """Read every service's secret, authenticate with it, and compare the key with the state.

    Exit code 0: all fine; 2: something is wrong with a service; 1: the check itself failed.
    """
    from ..operations.stack.stacks import read_stack
    from ..operations.tables import verification_table
    from ..operations.verify import FREE_MODEL, verify_stack

    deployed = read_stack(project, stack)
    results = verify_stack(deployed, chat_model=(model or FREE_MODEL) if chat else None)
    if as_json:
        typer.echo(json.dumps({"stack": deployed.name, "services": [asdict(result) for result in results]}, indent=2))
    else:
        verification_table(deployed.name, results)
    raise typer.Exit(FINDINGS if any(result.findings for result in results) else CLEAN)
