"""The report as a table, and the words that all its forms share."""

import io
from collections.abc import Iterator
from datetime import datetime

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ...api.money import usd
from ...api.scrub import printable
from ...keys.schedule import parse_instant
from ..blocking import blocking_name, blocking_text
from ..tables import PIPE_WIDTH, console, heading
from .figures import Level, ServiceUsage, Totals, UsageReport

AMOUNTS = ("today", "week", "month", "total")
COLUMNS = (
    "service",
    *AMOUNTS,
    "limit",
    "left",
    "spent of limit",
    "blocks first",
    "age",
    "next rotation",
    "last used",
)
RIGHT = (*AMOUNTS, "limit", "left", "spent of limit", "age")
_STYLES = {Level.HIGH: "yellow", Level.FULL: "bold red", Level.EXPIRED: "bold red", Level.GONE: "bold red"}


def as_table(report: UsageReport, *, for_terminal: bool) -> str:
    """Return a row for each service, the sums, what is missing in them, and the account's credits.

    Args:
        report: what to show.
        for_terminal: whether to fit the terminal's width and use its colours.
    """
    out = console() if for_terminal else Console(width=PIPE_WIDTH, file=io.StringIO())
    with out.capture() as captured:
        out.print(_table(report))
        for line in (*missing_lines(report), credits_line(report)):
            out.print(Text(printable(line, length=500)))
    return captured.get()


def credits_line(report: UsageReport) -> str:
    """Return the account's credits in one line; a dash where they may not be asked for."""
    found = report.credits
    if found is None:
        return "account credits: -"
    return f"account credits: {usd(found.left_usd)} left of {usd(found.bought_usd)}"


def missing_lines(report: UsageReport) -> Iterator[str]:
    """Yield a line for each service of whose keys not all are in its sums."""
    for usage in report.services:
        if usage.uncounted_keys:
            yield f"{usage.service}: {missing_text(usage)}"


def missing_text(usage: ServiceUsage) -> str:
    """Return of how many keys nobody knows what they spent, and why."""
    keys = "1 of its keys" if usage.uncounted_keys == 1 else f"{usage.uncounted_keys} of its keys"
    return (
        f"what {keys} spent is not known any more (deleted by hand, or by a release that did not keep it): "
        "it spent at least what is shown"
    )


def _table(report: UsageReport) -> Table:
    table = Table(title=heading(f"stack {report.stack}, {report.at}"), title_justify="left", show_footer=True)
    for column, total in zip(COLUMNS, total_cells(report), strict=True):
        right = "right" if column in RIGHT else "left"
        table.add_column(column, Text(total), justify=right, overflow="fold")  # type: ignore[arg-type]  # its literals
    now = parse_instant(report.at)
    for usage in report.services:
        style = _STYLES.get(usage.level, "")
        texts = zip(COLUMNS, service_cells(usage, now), strict=True)
        table.add_row(*(Text(printable(cell), style if column == "spent of limit" else "") for column, cell in texts))
    return table


def service_cells(usage: ServiceUsage, now: datetime) -> list[str]:
    """Return a service's row, a text for each of COLUMNS."""
    return [
        usage.service + (" (disabled)" if usage.disabled else ""),
        *(usd(amount) for amount in (usage.today_usd, usage.week_usd, usage.month_usd)),
        total_text(usage.total_usd, usage.uncounted_keys),
        limit_text(usage),
        usd(usage.remaining_usd),
        spent_text(usage),
        blocking_name(usage.blocks_first),
        age_text(usage.age_days),
        rotation_text(usage, now),
        (usage.last_used_at or "-")[:16].replace("T", " "),
    ]


def total_cells(report: UsageReport) -> list[str]:
    """Return the last row, a text for each of COLUMNS."""
    sums = report.totals
    amounts = [usd(amount) for amount in (sums.today_usd, sums.week_usd, sums.month_usd)]
    cells = ["total", *amounts, total_text(sums.total_usd, sums.uncounted_keys)]
    if sums.budget_usd is not None:
        cells += [f"{usd(sums.budget_usd)} budget", usd(sums.budget_usd - sums.month_usd), budget_text(sums)]
    return [*cells, *("" for _ in COLUMNS[len(cells) :])]


def budget_text(sums: Totals) -> str:
    """Return what all services spent of the month's budget, in dollars and percent; a dash where there is none."""
    return "-" if sums.budget_percent is None else f"{usd(sums.month_usd)} ({sums.budget_percent:.0f} %)"


def total_text(total: float | None, uncounted_keys: int) -> str:
    """Return a total; one that lacks what some keys spent is marked as the least that it can be."""
    return f"≥ {usd(total)}" if uncounted_keys and total is not None else usd(total)


def spent_text(usage: ServiceUsage) -> str:
    """Return what is spent of the limit, in dollars and percent, or why no limit counts."""
    if usage.level in (Level.GONE, Level.EXPIRED):
        return "no such key" if usage.level is Level.GONE else f"expired {(usage.expires_at or '')[:10]}".strip()
    return "no limit" if usage.percent is None else f"{usd(usage.spent_usd)} ({usage.percent:.0f} %)"


def limit_text(usage: ServiceUsage) -> str:
    """Return the limit and when it resets, for people."""
    return usd(usage.limit_usd) + (f" {usage.limit_reset}" if usage.limit_reset else "")


def attention_text(usage: ServiceUsage) -> str:
    """Return why a service needs attention, with what it is about in money."""
    if usage.level in (Level.GONE, Level.EXPIRED) or usage.limit_usd is None:
        spent_so_far = "" if usage.month_usd is None else f"; {usd(usage.month_usd)} spent this month"
        return spent_text(usage) + spent_so_far
    spent = f"{usd(usage.spent_usd)} of {usd(usage.limit_usd)} spent ({usage.percent or 0:.0f} %)"
    return f"{spent}; {blocking_text(usage.blocks_first)}"


def age_text(days: int | None) -> str:
    """Return a key's age for people; none is a dash."""
    return "-" if days is None else f"{days} d"


def rotation_text(usage: ServiceUsage, now: datetime) -> str:
    """Return when the next rotation is due, for people."""
    if usage.next_rotation_at is None:
        return "-"
    day = usage.next_rotation_at[:10]
    return f"{day} (overdue)" if now >= parse_instant(usage.next_rotation_at) else day
