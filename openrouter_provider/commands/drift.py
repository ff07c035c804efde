"""`openrouter-keys drift`."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from .options import (
    CLEAN,
    FAILED,
    FINDINGS,
    EveryOption,
    JsonOption,
    ProjectOption,
    StacksOption,
    WideOption,
    format_of,
)

EXAMPLE = "Example: openrouter-keys drift --all --format junit > drift.xml"


class DriftFormat(StrEnum):
    """What the findings are written as."""

    TABLE = "table"
    JSON = "json"
    MARKDOWN = "markdown"
    JUNIT = "junit"
    GITHUB = "github"


class FailOn(StrEnum):
    """From which severity on a finding fails the check."""

    CRITICAL = "critical"
    WARNING = "warning"
    NOTICE = "notice"


def drift(
    stack: StacksOption = None,
    every: EveryOption = False,
    project: ProjectOption = Path(),
    format_: Annotated[
        DriftFormat,
        typer.Option(
            "--format", "-f", metavar="FORMAT", help="table, json, markdown, junit or github.", case_sensitive=False
        ),
    ] = DriftFormat.TABLE,
    as_json: JsonOption = False,
    wide: WideOption = False,
    fail_on: Annotated[
        FailOn,
        typer.Option(
            "--fail-on",
            metavar="SEVERITY",
            help="The least severity that fails: critical, warning or notice.",
            case_sensitive=False,
        ),
    ] = FailOn.WARNING,
    stacks_at_once: Annotated[
        int, typer.Option(min=1, metavar="N", help="How many stacks are checked side by side.")
    ] = 4,
) -> None:
    """Find what was changed behind Pulumi's back, in keys, secrets and the account. Nothing is written.

    Exit code 0: nothing at or above --fail-on; 2: findings; 1: a stack could not be checked.
    """
    from ..operations.drift.check import check_stacks
    from ..operations.drift.findings import Severity
    from ..operations.drift.formats import as_tables, written
    from ..operations.progress import progress
    from ..operations.stack.opening import stack_names
    from ..operations.tables import print_listings

    format_ = format_of(format_, as_json)
    threshold = Severity(fail_on.value)
    names = stack_names(project, stack or [], every)
    with progress(names) as shown:
        drifts = check_stacks(project, names, shown.step, at_once=stacks_at_once)
    if format_ is DriftFormat.TABLE:
        print_listings(as_tables(drifts), wide=wide)
    else:
        typer.echo(written(format_.value, drifts, threshold), nl=False)
    if any(found.error for found in drifts):
        raise typer.Exit(FAILED)
    failing = any(finding.severity.reaches(threshold) for found in drifts for finding in found.findings)
    raise typer.Exit(FINDINGS if failing else CLEAN)
