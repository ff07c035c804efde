"""The report as JSON, as CSV and as Markdown."""

import csv
import io
import json
import re
from dataclasses import asdict, fields

from ...api.scrub import printable
from ...keys.schedule import parse_instant
from ..blocking import Blocking, blocking_text
from .figures import ServiceUsage, UsageReport, attention
from .text import COLUMNS, RIGHT, attention_text, credits_line, missing_lines, service_cells, total_cells

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
_MARKDOWN = re.compile(r"([\\`*_{}\[\]<>#|~&!])")


def as_json(report: UsageReport) -> str:
    """Return the whole report as JSON."""
    return json.dumps(asdict(report), indent=2) + "\n"


def as_csv(report: UsageReport) -> str:
    """Return a line for each service, headed by the fields' names; no text reads as a formula in a spreadsheet.

    It has no line of sums: whoever adds up a column would count everything twice.
    """
    out = io.StringIO()
    names = [field.name for field in fields(ServiceUsage)]
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["stack", "at", *names])
    for usage in report.services:
        row = [report.stack, report.at, *(getattr(usage, name) for name in names)]
        writer.writerow([_cell(value) for value in row])
    return out.getvalue()


def _cell(value: object) -> object:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Blocking):
        return _cell(blocking_text(value))
    if not isinstance(value, str):
        return value
    text = printable(value, length=500)
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text


def as_markdown(report: UsageReport) -> str:
    """Return the report for an issue, a chat or a job's summary: the table, what needs attention, the credits."""
    now = parse_instant(report.at)
    rows = [service_cells(usage, now) for usage in report.services]
    lines = [f"# {_plain(f'OpenRouter keys: stack {report.stack}')}", "", f"Made at {report.at}.", ""]
    pressing = [
        f"- **{_plain(usage.service)}**: {_plain(attention_text(usage))}" for usage in attention(report.services)
    ]
    lines += ["## Needs attention", "", *pressing, ""] if pressing else []
    lines += ["## Services", "", _row(COLUMNS), "|" + "|".join(_rule(column) for column in COLUMNS) + "|"]
    lines += [_row([_plain(cell) for cell in row]) for row in rows]
    lines += [_row([f"**{cell}**" if cell else "" for cell in total_cells(report)]), ""]
    lines += [f"- {_plain(line)}" for line in (*missing_lines(report), credits_line(report))]
    return "\n".join(lines) + "\n"


def _rule(column: str) -> str:
    return " ---: " if column in RIGHT else " --- "


def _row(cells: list[str] | tuple[str, ...]) -> str:
    return f"| {' | '.join(cells)} |"


def _plain(text: str) -> str:
    """Return text in which nothing is Markdown's or HTML's, on one line."""
    return _MARKDOWN.sub(r"\\\1", printable(text, length=500))
