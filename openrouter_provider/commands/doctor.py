"""`openrouter-keys doctor`."""

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from .options import CLEAN, FINDINGS, ProjectOption, StackOption

if TYPE_CHECKING:
    from ..operations.doctor.examination import Checked

EXAMPLE = "Example: openrouter-keys doctor --stack prod"
LINE_LENGTH = 1000


def doctor(stack: StackOption = None, project: ProjectOption = Path()) -> None:
    """Check what `pulumi up` needs: tools, backend, credentials, endpoint, clock, and what the stores need.

    Exit code 0: all fine; 2: something needs mending, and the line says how; 1: the check itself failed.
    """
    from ..operations.doctor.examination import Examination, Health
    from ..operations.doctor.examine import examine

    lines = examine(Examination(project, stack))
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
