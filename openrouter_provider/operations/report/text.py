"""The report as a table, as JSON and as CSV."""

import csv
import io
import json
from dataclasses import asdict, fields
from datetime import datetime

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ...api.scrub import printable
from ...keys.schedule import parse_instant
from ..tables import PIPE_WIDTH, console, heading, usd
from .figures import Level, ServiceUsage, UsageReport

_COLUMNS = ("service", "today", "week", "month", "total", "limit", "left", "spent", "reset", "age", "next rotation")
_RIGHT = ("today", "week", "month", "total", "limit", "left", "spent", "age")
_STYLES = {Level.HIGH: "yellow", Level.FULL: "bold red", Level.EXPIRED: "bold red", Level.GONE: "bold red"}
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def as_table(report: UsageReport, *, for_terminal: bool) -> str:
    """Return a row for each service, and the account's credits below.

    Args:
        report: what to show.
        for_terminal: whether to fit the terminal's width and use its colours.
    """
    out = console() if for_terminal else Console(width=PIPE_WIDTH, file=io.StringIO())
    with out.capture() as captured:
        out.print(_table(report))
        out.print(Text(credits_line(report)))
    return captured.get()


def credits_line(report: UsageReport) -> str:
    """Return the account's credits in one line; a dash where they may not be asked for."""
    found = report.credits
    if found is None:
        return "account credits: -"
    return f"account credits: {usd(found.left_usd)} left of {usd(found.bought_usd)}"


def _table(report: UsageReport) -> Table:
    table = Table(title=heading(f"stack {report.stack}, {report.at}"), title_justify="left")
    for column in (*_COLUMNS, "last used"):
        table.add_column(column, justify="right" if column in _RIGHT else "left", overflow="fold")
    now = parse_instant(report.at)
    for usage in report.services:
        table.add_row(*_row(usage, now))
    return table


def _row(usage: ServiceUsage, now: datetime) -> list[Text]:
    amounts = (usage.today_usd, usage.week_usd, usage.month_usd, usage.total_usd, usage.limit_usd, usage.remaining_usd)
    cells = [
        usage.service + (" (disabled)" if usage.disabled else ""),
        *map(usd, amounts),
        spent_text(usage),
        usage.limit_reset or "-",
        age_text(usage.age_days),
        rotation_text(usage, now),
        (usage.last_used_at or "-")[:16].replace("T", " "),
    ]
    style = _STYLES.get(usage.level, "")
    return [
        Text(printable(cell), style if column == "spent" else "")
        for column, cell in zip((*_COLUMNS, ""), cells, strict=True)
    ]


def spent_text(usage: ServiceUsage) -> str:
    """Return the share of the limit that is spent, for people."""
    if usage.level in (Level.GONE, Level.EXPIRED):
        return "no such key" if usage.level is Level.GONE else f"expired {(usage.expires_at or '')[:10]}".strip()
    return "no limit" if usage.percent is None else f"{usage.percent:.0f} %"


def age_text(days: int | None) -> str:
    """Return a key's age for people; none is a dash."""
    return "-" if days is None else f"{days} d"


def rotation_text(usage: ServiceUsage, now: datetime) -> str:
    """Return when the next rotation is due, for people."""
    if usage.next_rotation_at is None:
        return "-"
    day = usage.next_rotation_at[:10]
    return f"{day} (overdue)" if now >= parse_instant(usage.next_rotation_at) else day


def as_json(report: UsageReport) -> str:
    """Return the whole report as JSON."""
    return json.dumps(asdict(report), indent=2) + "\n"


def as_csv(report: UsageReport) -> str:
    """Return a line for each service, headed by the fields' names; no text reads as a formula in a spreadsheet."""
    out = io.StringIO()
    names = [field.name for field in fields(ServiceUsage)]
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["stack", "at", *names])
    for usage in report.services:
        row = [report.stack, report.at, *(getattr(usage, name) for name in names)]
        writer.writerow([_cell(value) for value in row])
    return out.getvalue()


def _cell(value: object) -> object:
    if not isinstance(value, str):
        return value
    text = printable(value, length=500)
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text
