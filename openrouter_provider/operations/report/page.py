"""The report as a page: a table first, then a card a service; no script, nothing fetched."""

import base64
import hashlib
from datetime import datetime

from ...api.money import usd
from ...keys.schedule import parse_instant
from ..blocking import blocking_name
from .cards import BADGES, anchor, card
from .figures import ServiceUsage, UsageReport, attention
from .markup import Markup, element, fact, moment
from .style import STYLE
from .text import attention_text, budget_text, limit_text, missing_lines, rotation_text, spent_text, total_text

_COLUMNS = (
    ("Service", ""),
    ("Today", "wide number"),
    ("This month", "number"),
    ("Total", "number"),
    ("Spent of limit", "number"),
    ("Limit", "wide number"),
    ("Blocks first", "wide"),
    ("Next rotation", "wide"),
    ("Status", "wide"),
)
"""The table's columns, and the class of each; what is wide is left out on a phone, where the card has it."""


def as_html(report: UsageReport) -> str:
    """Return the report as a page; all names in it are escaped, and its policy allows only its own style."""
    title = f"OpenRouter keys: stack {report.stack}"
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=content_security_policy()),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("meta", name="referrer", content="no-referrer"),
        element("title", title),
        Markup(f"<style>{STYLE}</style>"),
    )
    body = element(
        "body",
        _patterns(),
        element("header", element("h1", title), _made(report), _totals(report)),
        element("main", *_sections(report)),
        element("footer", element("p", "Days, weeks and months are UTC's. Amounts are US dollars.")),
    )
    return f"<!doctype html>\n{element('html', head, body, lang='en')}\n"


def content_security_policy() -> str:
    """Return a policy that forbids everything but the page's own style sheet, named by its hash."""
    digest = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


def _patterns() -> Markup:
    """Return the hatchings that tell the levels apart without colour: one direction for high, a grid for used up."""
    slant = element("path", d="M-2,2 l4,-4 M0,8 l8,-8 M6,10 l4,-4", class_="hatch")
    back = element("path", d="M-2,6 l4,4 M0,0 l8,8 M6,-2 l4,4", class_="hatch")
    high, full = _pattern("hatch-high", slant), _pattern("hatch-full", slant, back)
    return element("svg", element("defs", high, full), class_="hidden", aria_hidden="true", focusable="false")


def _pattern(name: str, *shapes: Markup) -> Markup:
    return element("pattern", *shapes, id=name, width=8, height=8, patternUnits="userSpaceOnUse")


def _made(report: UsageReport) -> Markup:
    return element("p", Markup("Made at "), moment(report.at), class_="muted")


def _totals(report: UsageReport) -> Markup:
    sums, found = report.totals, report.credits
    facts = {
        "Spent today": usd(sums.today_usd),
        "Spent this month": usd(sums.month_usd),
        "Spent in total": total_text(sums.total_usd, sums.uncounted_keys),
        **({} if sums.budget_usd is None else {"Month's budget": f"{budget_text(sums)} of {usd(sums.budget_usd)}"}),
        "Account credits left": f"{usd(found.left_usd)} of {usd(found.bought_usd)}" if found else "-",
        "Services": str(len(report.services)),
    }
    return element("dl", *(fact(name, value) for name, value in facts.items()), class_="totals")


def _sections(report: UsageReport) -> list[Markup]:
    if not report.services:
        return [element("p", "This stack has no services.")]
    now = parse_instant(report.at)
    cards = element("div", *(card(usage, now) for usage in report.services), class_="cards")
    sections = [*_attention(report), _section("services", "Services", _table(report, now), *_missing(report))]
    return [*sections, _section("details", "Each service", cards)]


def _section(name: str, title: str, *children: Markup) -> Markup:
    return element(
        "section", element("h2", title, id=f"{name}-title"), *children, id=name, aria_labelledby=f"{name}-title"
    )


def _attention(report: UsageReport) -> list[Markup]:
    items = [element("li", _link(usage), f": {attention_text(usage)}") for usage in attention(report.services)]
    return [_section("attention", "Needs attention", element("ul", *items))] if items else []


def _missing(report: UsageReport) -> list[Markup]:
    lines = [element("li", line) for line in missing_lines(report)]
    return [element("ul", *lines, class_="muted")] if lines else []


def _link(usage: ServiceUsage) -> Markup:
    return element("a", usage.service, href=f"#{anchor(usage.service)}")


def _table(report: UsageReport, now: datetime) -> Markup:
    head = [element("th", name, scope="col", class_=class_ or None) for name, class_ in _COLUMNS]
    sums = report.totals
    total = ["Total", usd(sums.today_usd), usd(sums.month_usd), total_text(sums.total_usd, sums.uncounted_keys)]
    if sums.budget_usd is not None:
        total += [budget_text(sums), f"{usd(sums.budget_usd)} budget"]
    foot = [*total, *("" for _ in _COLUMNS[len(total) :])]
    table = element(
        "table",
        element("caption", "The one that spent most this month first", class_="muted"),
        element("thead", element("tr", *head)),
        element("tbody", *(_row(_cells(usage, now), usage.level.name.lower()) for usage in report.services)),
        element("tfoot", _row(foot, None)),
    )
    return element("div", table, class_="scroll")


def _cells(usage: ServiceUsage, now: datetime) -> list[str | Markup]:
    return [
        _link(usage),
        usd(usage.today_usd),
        usd(usage.month_usd),
        total_text(usage.total_usd, usage.uncounted_keys),
        spent_text(usage),
        limit_text(usage),
        blocking_name(usage.blocks_first),
        rotation_text(usage, now),
        BADGES[usage.level][1] + (", disabled" if usage.disabled else ""),
    ]


def _row(cells: list[str | Markup] | list[str], class_: str | None) -> Markup:
    first, *others = cells
    rest = [element("td", cell, class_=class_ or None) for cell, (_, class_) in zip(others, _COLUMNS[1:], strict=True)]
    return element("tr", element("th", first, scope="row"), *rest, class_=class_)
