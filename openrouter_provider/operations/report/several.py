"""The reports of several stacks in one text."""

import json
from collections.abc import Sequence
from dataclasses import asdict, replace

from ..each_stack import StackAnswer, answered, as_objects
from .exports import as_csv, as_markdown
from .figures import UsageReport
from .page import as_html


def written(format_: str, answers: Sequence[StackAnswer[UsageReport]]) -> str:
    """Return them as json, csv, html or markdown; a stack without a report is in the JSON alone.

    Args:
        format_: which of them.
        answers: the stacks' reports.
    """
    reports = answered(answers)
    if format_ == "json":
        return json.dumps(as_objects(answers, asdict), indent=2) + "\n"
    if format_ == "csv":
        lines = [as_csv(report).splitlines(keepends=True) for report in reports]
        return "".join([*lines[0][:1], *(line for each in lines for line in each[1:])] if lines else [])
    as_one = as_html if format_ == "html" else as_markdown
    return as_one(joined(reports)) if reports else ""


def joined(reports: Sequence[UsageReport]) -> UsageReport:
    """Return one report of all; a service's name begins with its stack's, and the credits are those of one account."""
    services = [
        replace(usage, service=f"{report.stack}/{usage.service}") for report in reports for usage in report.services
    ]
    found = {report.credits for report in reports}
    stacks = ", ".join(report.stack for report in reports)
    budgets = [report.budget_usd for report in reports if report.budget_usd is not None]
    # Of several stacks of which one has no budget, all together have none either.
    budget = sum(budgets) if len(budgets) == len(reports) else None
    return UsageReport(stacks, reports[0].at, found.pop() if len(found) == 1 else None, tuple(services), budget)
