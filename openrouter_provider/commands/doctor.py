"""`openrouter-keys doctor`."""

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from .asking import ask_stacks, is_of_many
from .options import CLEAN, FAILED, FINDINGS, EveryOption, ProjectOption, StacksOption

if TYPE_CHECKING:
    from ..operations.doctor.examination import Checked

EXAMPLE = "Example: openrouter-keys doctor --stack prod"
LINE_LENGTH = 1000


def doctor(stack: StacksOption = None, every: EveryOption = False, project: ProjectOption = Path()) -> None:
    """Check what `pulumi up` needs: tools, backend, credentials, endpoint, clock, and what the stores need.

    Exit code 0: all fine; 2: something needs mending, and the line says how; 1: the check itself failed.
    """
    from ..api.scrub import printable
    from ..operations.doctor.examination import Examination, Health
    from ..operations.doctor.examine import examine
    from ..operations.each_stack import answered

    def ask(name: str | None) -> "tuple[str | None, list[Checked]]":
        return name, examine(Examination(project, name))

    many = is_of_many(stack, every)
    answers = ask_stacks("doctor", project, stack, every, ask) if many else []
    found = answered(answers) if many else [ask(stack[0] if stack else None)]
    for name, lines in found:
        if many and name:
            typer.echo(f"stack {printable(name)}")
        width = max(len(line.name) for line in lines)
        for line in lines:
            typer.echo(shown_line(line, width))
    if len(found) < len(answers):
        raise typer.Exit(FAILED)
    wrong = any(line.verdict is Health.FINDING for _, lines in found for line in lines)
    raise typer.Exit(FINDINGS if wrong else CLEAN)


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
