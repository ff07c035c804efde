"""`openrouter-keys doctor`."""

from pathlib import Path

import typer

from .options import CLEAN, FINDINGS, ProjectOption, StackOption

EXAMPLE = "Example: openrouter-keys doctor --stack prod"


def doctor(stack: StackOption = None, project: ProjectOption = Path()) -> None:
    """Check what `pulumi up` needs: tools, plugins, backend, credentials, endpoint, AWS and the clock.

    Exit code 0: all fine; 2: something needs mending, and the line says how; 1: the check itself failed.
    """
    from ..operations.doctor import examine
    from ..operations.doctor_ground import Ground, Verdict

    lines = examine(Ground(project, stack))
    width = max(len(line.name) for line in lines)
    for line in lines:
        fix = f"; {line.fix}" if line.fix else ""
        typer.echo(f"{line.verdict:<7}  {line.name:<{width}}  {line.text}{fix}")
    raise typer.Exit(FINDINGS if any(line.verdict is Verdict.FINDING for line in lines) else CLEAN)
