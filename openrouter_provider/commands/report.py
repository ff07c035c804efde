"""`openrouter-keys report`."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .asking import ask_stacks, is_of_many
from .options import CLEAN, FAILED, EveryOption, ProjectOption, StacksOption

if TYPE_CHECKING:
    from datetime import datetime

    from ..operations.report.figures import UsageReport

EXAMPLE = "Example: openrouter-keys report --stack prod --format html --output report.html"


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
        ReportFormat, typer.Option("--format", "-f", help="What to write.", case_sensitive=False)
    ] = ReportFormat.TABLE,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="The file to write; default: print it.")] = None,
) -> None:
    """Show what each service spent with all its keys, of which limit, its next rotation, and the account's credits.

    Exit code 0: the report was made, whatever it says; 1: it could not be made.
    """
    from ..operations.each_stack import answered
    from ..operations.report.several import written
    from ..settings import clock

    now = clock()
    many = is_of_many(stack, every)
    if many:
        answers = ask_stacks("report", project, stack, every, lambda name: _made(project, name, now))
        text = written(format_.value, answers, for_terminal=output is None)
        failed = len(answered(answers)) < len(answers)
    else:
        text = _text(format_, _made(project, stack[0] if stack else None, now), for_terminal=output is None)
        failed = False
    _deliver(text, output)
    raise typer.Exit(FAILED if failed else CLEAN)


def _made(project: Path, stack: str | None, now: "datetime") -> "UsageReport":
    from ..operations.report.compiling import compile_report
    from ..operations.stack.deployment import read_deployment
    from ..operations.stack.past_keys import past_keys

    deployment = read_deployment(project, stack)
    past = past_keys(deployment.state())
    with deployment.client() as client:
        return compile_report(deployment.stack, client, now, past)


def _text(format_: ReportFormat, made: "UsageReport", *, for_terminal: bool) -> str:
    from ..operations.report.exports import as_csv, as_json, as_markdown
    from ..operations.report.page import as_html
    from ..operations.report.text import as_table

    if format_ is ReportFormat.TABLE:
        return as_table(made, for_terminal=for_terminal)
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
