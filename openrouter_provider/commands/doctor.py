"""`openrouter-keys doctor`."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from .asking import ask_one, ask_stacks, is_of_many
from .options import (
    CLEAN,
    FAILED,
    FINDINGS,
    EveryOption,
    JsonOption,
    ProjectOption,
    StacksOption,
    TableFormat,
    TableFormatOption,
    WideOption,
    format_of,
)

if TYPE_CHECKING:
    from ..operations.doctor.examination import Checked

EXAMPLE = "Example: openrouter-keys doctor --stack prod"


def doctor(
    stack: StacksOption = None,
    every: EveryOption = False,
    wide: WideOption = False,
    format_: TableFormatOption = TableFormat.TABLE,
    as_json: JsonOption = False,
    project: ProjectOption = Path(),
) -> None:
    """Check what `pulumi up` needs: tools, backend, config, state, credentials, endpoint, clock, the stores' needs.

    Exit code 0: all fine; 2: something needs mending, and the line says how; 1: the check itself failed.
    """
    from ..operations.doctor.check_table import checks_table
    from ..operations.doctor.examination import Examination, Health, as_objects
    from ..operations.doctor.examine import examine
    from ..operations.each_stack import answered
    from ..operations.tables import print_listings

    def ask(name: str | None) -> "tuple[str | None, list[Checked]]":
        return name, examine(Examination(project, name))

    many = is_of_many(stack, every)
    answers = ask_stacks("doctor", project, stack, every, ask) if many else []
    found = answered(answers) if many else [ask_one("doctor", stack, ask)]
    if format_of(format_, as_json) is TableFormat.JSON:
        told = [{"stack": name, "checks": as_objects(lines)} for name, lines in found]
        typer.echo(json.dumps({"stacks": told} if many else as_objects(found[0][1]), indent=2))
    else:
        print_listings([checks_table(name if many else None, lines) for name, lines in found], wide=wide)
    if len(found) < len(answers):
        raise typer.Exit(FAILED)
    wrong = any(line.verdict is Health.FINDING for _, lines in found for line in lines)
    raise typer.Exit(FINDINGS if wrong else CLEAN)
