"""`openrouter-keys report`."""

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .asking import ask_one, ask_stacks, is_of_many
from .options import CLEAN, FAILED, EveryOption, JsonOption, ProjectOption, StacksOption, WideOption, format_of

if TYPE_CHECKING:
    from datetime import datetime

    from ..operations.report.figures import UsageReport

EXAMPLE = "Example: openrouter-keys report --stack prod -f html -o report.html"


class ReportFormat(StrEnum):
    """What the report is written as."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"
    HTML = "html"
    MARKDOWN = "markdown"


def report(
    stack: StacksOption = None,
    every: EveryOption = False,
    project: ProjectOption = Path(),
    format_: Annotated[
        ReportFormat,
        typer.Option(
            "--format", "-f", metavar="FORMAT", help="table, json, csv, html or markdown.", case_sensitive=False
        ),
    ] = ReportFormat.TABLE,
    as_json: JsonOption = False,
    wide: WideOption = False,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="The file to write; default: print it.")
    ] = None,
) -> None:
    """Show what each service spent with all its keys, of which limit, its next rotation, and the account's credits.

    Exit code 0: the report was made, whatever it says; 1: it could not be made.
    """
    from ..operations.each_stack import answered
    from ..operations.report.several import written
    from ..settings import clock

    format_, now = format_of(format_, as_json), clock()

    def ask(name: str | None) -> "UsageReport":
        return _made(project, name, now)

    many = is_of_many(stack, every)
    answers = ask_stacks("report", project, stack, every, ask) if many else []
    made = answered(answers) if many else [ask_one("report", stack, ask)]
    if format_ is ReportFormat.TABLE:
        _deliver_table(made, output, wide=wide)
    else:
        _deliver(written(format_.value, answers) if many else _text(format_, made[0]), output)
    raise typer.Exit(FAILED if len(made) < len(answers) else CLEAN)


def _made(project: Path, stack: str | None, now: "datetime") -> "UsageReport":
    from ..operations.report.compiling import compile_report
    from ..operations.stack.deployment import read_deployment
    from ..operations.stack.past_keys import past_keys

    deployment = read_deployment(project, stack)
    past = past_keys(deployment.state())
    with deployment.client() as client:
        return compile_report(deployment.stack, client, now, past)


def _deliver_table(made: "Sequence[UsageReport]", output: Path | None, *, wide: bool) -> None:
    """Print the tables, or write to a file what a pipe would get."""
    from ..operations.report.text import as_table
    from ..operations.tables import after_lines, print_listings, tab_separated

    listings = list(map(as_table, made))
    if output is None:
        print_listings(listings, wide=wide)
        return
    _deliver(tab_separated(listings), output)
    for line in after_lines(listings):
        typer.echo(line, err=True)


def _text(format_: ReportFormat, made: "UsageReport") -> str:
    from ..operations.report.exports import as_csv, as_json, as_markdown
    from ..operations.report.page import as_html

    written = {"json": as_json, "csv": as_csv, "html": as_html, "markdown": as_markdown}
    return written[format_.value](made)


def _deliver(text: str, output: Path | None) -> None:
    from ..api.errors import ConfigurationError

    if output is None:
        typer.echo(text, nl=False)
        return
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ConfigurationError(f"{output} can't be written: {error.strerror}") from None
