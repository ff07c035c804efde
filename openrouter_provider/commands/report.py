"""`openrouter-keys report`."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from .options import CLEAN, ProjectOption, StackOption

EXAMPLE = "Example: openrouter-keys report --stack prod --format html --output report.html"


class ReportFormat(StrEnum):
    """What the report is written as."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"
    HTML = "html"


def report(
    stack: StackOption = None,
    project: ProjectOption = Path(),
    format_: Annotated[
        ReportFormat, typer.Option("--format", "-f", help="What to write.", case_sensitive=False)
    ] = ReportFormat.TABLE,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="The file to write; default: print it.")] = None,
) -> None:
    """Show what each service spent of its limit, the age of its key, its next rotation, and the account's credits.

    Exit code 0: the report was made, whatever it says; 1: it could not be made.
    """
    from ..api.errors import ConfigurationError
    from ..operations.report.figures import compile_report
    from ..operations.report.page import as_html
    from ..operations.report.text import as_csv, as_json, as_table
    from ..operations.stack.deployment import read_deployment
    from ..settings import clock

    now = clock()
    deployment = read_deployment(project, stack)
    with deployment.client() as client:
        made = compile_report(deployment.stack, client, now)
    if format_ is ReportFormat.TABLE:
        text = as_table(made, for_terminal=output is None)
    else:
        text = {ReportFormat.JSON: as_json, ReportFormat.CSV: as_csv, ReportFormat.HTML: as_html}[format_](made)
    if output is None:
        typer.echo(text, nl=False)
        raise typer.Exit(CLEAN)
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ConfigurationError(f"{output} can't be written: {error.strerror}") from None
