"""Options that several commands share, and the exit codes."""

from pathlib import Path
from typing import Annotated

import typer

CLEAN, FAILED, FINDINGS = 0, 1, 2

StackOption = Annotated[str | None, typer.Option("--stack", "-s", help="The stack; default: the selected one.")]
ProjectOption = Annotated[Path, typer.Option("--project", help="The folder with Pulumi.yaml.")]
StacksOption = Annotated[
    list[str] | None, typer.Option("--stack", "-s", help="A stack, as often as needed; default: the selected one.")
]
EveryOption = Annotated[bool, typer.Option("--all", help="Every stack of the project.")]
WideOption = Annotated[
    bool, typer.Option("--wide", "-w", help="Every column and whole hashes, however long the lines; a pipe has them.")
]
