"""HTML and SVG elements in which every text is escaped."""

import base64
import hashlib
from datetime import datetime
from html import escape

from ...api.scrub import printable
from ...keys.schedule import parse_instant
from ..tables import usd
from .figures import Level, ServiceUsage, UsageReport, attention, timeline
from .style import STYLE
from .text import age_text, rotation_text, spent_text

_VOID = frozenset({"meta", "link", "br", "circle", "rect", "line", "path"})


class Markup(str):
    """Text that is markup already: it goes into an element as it is."""

    __slots__ = ()


def element(tag: str, *children: str | Markup, **attributes: str | float | None) -> Markup:
    """Return an element; children that are no Markup are escaped, and so is every attribute.

    Args:
        tag: the element's name.
        children: what is in it.
        attributes: by name, a trailing underscore dropped and others written as hyphens; None leaves one out.
    """
    named = {name.rstrip("_").replace("_", "-"): value for name, value in attributes.items() if value is not None}
    head = "".join(f' {name}="{_text(value)}"' for name, value in named.items())
    if tag in _VOID and not children:
        return Markup(f"<{tag}{head}/>")
    return Markup(f"<{tag}{head}>{''.join(map(_child, children))}</{tag}>")


def _child(child: str | Markup) -> str:
    return str(child) if isinstance(child, Markup) else escape(printable(child, length=500))


def _text(value: str | float) -> str:
    return escape(printable(value, length=500)) if isinstance(value, str) else f"{value:g}"


_BADGES = {
    Level.OK: ("ok", "✓ within limit"),
    Level.HIGH: ("high", "▲ near its limit"),
    Level.FULL: ("full", "✖ limit used up"),
    Level.UNLIMITED: ("plain", "no limit"),
    Level.EXPIRED: ("full", "✖ key expired"),
    Level.GONE: ("full", "✖ no such key"),
}


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
    now = parse_instant(report.at)
    cards = [_card(number, usage, now) for number, usage in enumerate(report.services, 1)]
    body = element(
        "body",
        _patterns(),
        element("header", element("h1", title), _made(report), _totals(report), _attention(report)),
        element("main", *(cards or [element("p", "This stack has no services.")])),
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
    return element("p", Markup("Made at "), _moment(report.at), class_="muted")


def _totals(report: UsageReport) -> Markup:
    rows, found = report.services, report.credits
    left = f"{usd(found.left_usd)} of {usd(found.bought_usd)}" if found else "-"
    today, month = (sum(value or 0.0 for value in column) for column in _columns(rows))
    facts = {
        "Account credits left": left,
        "Spent today": usd(today),
        "Spent this month": usd(month),
        "Services": str(len(rows)),
    }
    return element("dl", *(_fact(name, value) for name, value in facts.items()), class_="totals")


def _columns(rows: tuple[ServiceUsage, ...]) -> tuple[list[float | None], list[float | None]]:
    return [usage.today_usd for usage in rows], [usage.month_usd for usage in rows]


def _attention(report: UsageReport) -> Markup:
    pressing = attention(report.services)
    if not pressing:
        return Markup("")
    numbers = {usage.service: number for number, usage in enumerate(report.services, 1)}
    items = [
        element("li", element("a", usage.service, href=f"#service-{numbers[usage.service]}"), f": {spent_text(usage)}")
        for usage in pressing
    ]
    return element("div", element("strong", "Needs attention"), element("ul", *items), class_="attention")


def _card(number: int, usage: ServiceUsage, now: datetime) -> Markup:
    class_, text = _BADGES[usage.level]
    badges = [element("span", text, class_=f"badge {class_}")]
    if usage.disabled:
        badges.append(element("span", "disabled", class_="badge plain"))
    return element(
        "article",
        element("div", element("h2", usage.service), element("span", *badges, class_="badges"), class_="head"),
        element("p", usage.key_name, class_="muted"),
        _spending(usage),
        _rotation(usage, now),
        _numbers(usage),
        id=f"service-{number}",
    )


def _spending(usage: ServiceUsage) -> Markup:
    """Return the bar of what is spent against the limit; the sentence it stands for is its label."""
    if usage.limit_usd is None or usage.percent is None or usage.spent_usd is None:
        return Markup("")
    class_, status = _BADGES[usage.level]
    every = f", {usage.limit_reset}" if usage.limit_reset else ""
    said = f"{usd(usage.spent_usd)} of {usd(usage.limit_usd)} spent{every}"
    bar = element("svg", *_bar(usage.percent, class_), class_="bar", role="img", aria_label=_sentence(usage, status))
    caption = element("figcaption", element("span", said), element("strong", spent_text(usage)))
    return element("figure", caption, bar)


def _sentence(usage: ServiceUsage, status: str) -> str:
    return (
        f"{usage.service}: {usd(usage.spent_usd)} of {usd(usage.limit_usd)} spent, {spent_text(usage)}, "
        f"{status.partition(' ')[2]}"
    )


def _bar(percent: float, class_: str) -> list[Markup]:
    """Return the bar's shapes; beyond the limit the whole width is what was spent, and a mark shows the limit."""
    width = f"{max(0.0, min(percent, 100.0)):g}%"
    shapes = [
        element("rect", width="100%", height="100%", rx=4, class_="track"),
        element("rect", width=width, height="100%", rx=4, class_=f"fill {class_}"),
    ]
    if class_ != "ok":
        shapes.append(element("rect", width=width, height="100%", rx=4, fill=f"url(#hatch-{class_})"))
    if percent > 100.0:
        at = f"{10000.0 / percent:.4g}%"
        shapes.append(element("line", x1=at, x2=at, y1=-3, y2="130%", class_="limit-mark"))
    return shapes


def _rotation(usage: ServiceUsage, now: datetime) -> Markup:
    """Return the line from the generation's start over the present to the next rotation."""
    found = timeline(usage, now)
    started, due = (usage.rotated_at or "")[:10], (usage.next_rotation_at or "")[:10]
    if found is None:
        return element("p", f"Key since {started}, no rotation scheduled" if started else "No rotation scheduled")
    shown = rotation_text(usage, now)
    label = f"{usage.service}: generation {usage.generation} since {started}, today {now:%Y-%m-%d}, next {shown}"
    start, here, end = (f"{100 * at:g}%" for at in (found.start, found.now, found.due))
    line = element(
        "svg",
        element("line", x1="0%", x2="100%", y1="50%", y2="50%", class_="rail"),
        element("line", x1=start, x2=here, y1="50%", y2="50%", class_="passed"),
        element("circle", cx=start, cy="50%", r=5, class_="start"),
        element("circle", cx=end, cy="50%", r=6, class_="due"),
        element("rect", x=here, y="15%", width=6, height="70%", rx=2, transform="translate(-3 0)", class_="now"),
        role="img",
        aria_label=label,
    )
    caption = element(
        "figcaption",
        element("span", f"Generation {usage.generation} since {started}"),
        element("span", "Overdue since " + due if found.overdue else "Next rotation " + due),
    )
    return element("figure", caption, line, class_="timeline overdue" if found.overdue else "timeline")


def _numbers(usage: ServiceUsage) -> Markup:
    facts = {
        "Today": usd(usage.today_usd),
        "This week": usd(usage.week_usd),
        "This month": usd(usage.month_usd),
        "Total": usd(usage.total_usd),
        "Remaining": usd(usage.remaining_usd),
        "Limit resets": usage.limit_reset or "never",
        "Key's age": age_text(usage.age_days),
        "Last used": (usage.last_used_at or "-")[:10],
        "Expires": (usage.expires_at or "never")[:10],
    }
    return element("dl", *(_fact(name, value) for name, value in facts.items()), class_="numbers")


def _fact(name: str, value: str | Markup) -> Markup:
    return element("div", element("dt", name), element("dd", value))


def _moment(instant: str) -> Markup:
    return element("time", instant.replace("T", " ").replace("Z", " UTC"), datetime=instant)
