"""Options that several commands share, and the exit codes."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from .completing import complete_stack

CLEAN, FAILED, FINDINGS = 0, 1, 2

StackOption = Annotated[
    str | None,
    typer.Option(
        "--stack", "-s", metavar="NAME", help="The stack; default: the selected one.", autocompletion=complete_stack
    ),
]
ProjectOption = Annotated[Path, typer.Option("--project", metavar="FOLDER", help="The folder with Pulumi.yaml.")]
StacksOption = Annotated[
    list[str] | None,
    typer.Option(
        "--stack",
        "-s",
        metavar="NAME",
        help="A stack, as often as needed; default: the selected one.",
        autocompletion=complete_stack,
    ),
]
EveryOption = Annotated[bool, typer.Option("--all", help="Every stack of the project.")]
WideOption = Annotated[
    bool, typer.Option("--wide", "-w", help="Every column and whole hashes, however long the lines; a pipe has them.")
]


class TableFormat(StrEnum):
    """How a table is printed."""

    TABLE = "table"
    JSON = "json"


class TextFormat(StrEnum):
    """How a text is printed."""

    TEXT = "text"
    JSON = "json"


TableFormatOption = Annotated[
    TableFormat,
    typer.Option("--format", "-f", metavar="table|json", help="A table, or JSON for programs.", case_sensitive=False),
]
TextFormatOption = Annotated[
    TextFormat,
    typer.Option("--format", "-f", metavar="text|json", help="Text, or JSON for programs.", case_sensitive=False),
]
JsonOption = Annotated[bool, typer.Option("--json", help="The same as --format json.")]
Format = TypeVar("Format", bound=StrEnum)


def format_of(chosen: Format, as_json: bool) -> Format:
    """Return the format that is asked for by --format and --json together.

    Args:
        chosen: what --format says; the first of its kind is the default.
        as_json: whether --json was given.

    Raises:
        typer.BadParameter: they contradict each other.
    """
    formats = list(type(chosen))
    json = next(each for each in formats if each == "json")
    if as_json and chosen not in (formats[0], json):
        raise typer.BadParameter(f"--json and --format {chosen} contradict each other: give one of them")
    return json if as_json else chosen
