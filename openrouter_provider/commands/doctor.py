"""`openrouter-keys doctor`."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .options import CLEAN, FINDINGS, ProjectOption, StackOption

if TYPE_CHECKING:
    from ..operations.doctor.examination import Checked

EXAMPLE = "Example: openrouter-keys doctor --stack prod"
LINE_LENGTH = 1000


class DoctorFormat(StrEnum):
    """How the checks are printed."""

    TEXT = "text"
    JSON = "json"


def doctor(
    stack: StackOption = None,
    format_: Annotated[DoctorFormat, typer.Option("--format", help="How to print the checks.")] = DoctorFormat.TEXT,
    project: ProjectOption = Path(),
) -> None:
    """Check what `pulumi up` needs: tools, backend, config, state, credentials, endpoint, clock, the stores' needs.

    Exit code 0: all fine; 2: something needs mending, and the line says how; 1: the check itself failed.
    """
    from ..operations.doctor.examination import Examination, Health, as_json
    from ..operations.doctor.examine import examine

    lines = examine(Examination(project, stack))
    if format_ is DoctorFormat.JSON:
        typer.echo(as_json(lines))
    else:
        width = max(len(line.name) for line in lines)
        for line in lines:
            typer.echo(shown_line(line, width))
    raise typer.Exit(FINDINGS if any(line.verdict is Health.FINDING for line in lines) else CLEAN)


def shown_line(line: "Checked", width: int) -> str:
    """Return what was found as one printable line.

    Args:
        line: what was found.
        width: the width of the column of names.
    """
    from ..api.scrub import printable

    name = printable(line.name)
    said = "; ".join(printable(text, length=LINE_LENGTH) for text in (line.text, line.fix) if text)
    return f"{line.verdict:<7}  {name:<{width}}  {said}"
