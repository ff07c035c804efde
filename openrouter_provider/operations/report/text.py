"""The report as a table, and the words that all its forms share."""

from collections.abc import Iterator
from datetime import datetime

from ...api.money import usd
from ...keys.schedule import parse_instant
from ..blocking import KEY_LIMIT, blocking_name, blocking_text
from ..service_tables import UNLIMITED, amount_text
from ..tables import BAD, PLAIN, WARNING, Column, Listing, Row
from .figures import Level, ServiceUsage, Totals, UsageReport

AMOUNTS = ("today", "week", "month", "total")
_TABLE = (
    Column("service", least=32),
    Column("today", rank=4, is_right=True),
    Column("week", rank=5, is_right=True),
    Column("month", rank=2, is_right=True),
    Column("total", rank=6, is_right=True),
    Column("limit", rank=1, is_right=True),
    Column("left", rank=3, is_right=True),
    Column("spent of limit"),
    Column("blocks first", is_text=True, label="blocks first: "),
    Column("age", rank=9, is_right=True),
    Column("next rotation", rank=7),
    Column("last used", rank=8),
)
COLUMNS = tuple(column.name for column in _TABLE)
RIGHT = (*AMOUNTS, "limit", "left", "spent of limit", "age")
_STYLES = {Level.HIGH: WARNING, Level.FULL: BAD, Level.EXPIRED: BAD, Level.GONE: BAD}


def as_table(report: UsageReport) -> Listing:
    """Return a row for each service, the sums, what is missing in them, and the account's credits."""
    now = parse_instant(report.at)
    rows = [_table_row(usage, now) for usage in report.services]
    after = (*missing_lines(report), credits_line(report))
    title = f"stack {report.stack}, {report.at}"
    return Listing(title, _TABLE, rows, key=("stack", report.stack), total=total_cells(report), after=after)


def _table_row(usage: ServiceUsage, now: datetime) -> Row:
    usual = usage.blocks_first is None or usage.blocks_first.what == KEY_LIMIT
    styles = {"spent of limit": _STYLES.get(usage.level, PLAIN)}
    return Row(service_cells(usage, now), styles, ["blocks first"] if usual else [])


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


def service_cells(usage: ServiceUsage, now: datetime) -> list[str]:
    """Return a service's row, a text for each of COLUMNS."""
    return [
        usage.service + (" (disabled)" if usage.disabled else ""),
        *(usd(amount) for amount in (usage.today_usd, usage.week_usd, usage.month_usd)),
        total_text(usage.total_usd, usage.uncounted_keys),
        limit_text(usage),
        "-" if usage.level is Level.GONE else amount_text(usage.remaining_usd),
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
    return UNLIMITED if usage.percent is None else f"{usd(usage.spent_usd)} ({usage.percent:.0f} %)"


def limit_text(usage: ServiceUsage) -> str:
    """Return the limit and when it resets, for people."""
    if usage.level is Level.GONE:
        return "-"
    return amount_text(usage.limit_usd) + (f" {usage.limit_reset}" if usage.limit_reset else "")


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
