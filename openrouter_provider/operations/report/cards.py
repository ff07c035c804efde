"""What the page says of each service in full: bars, time lines and numbers."""

import hashlib
import re
from datetime import datetime

from ...api.money import usd
from ..blocking import blocking_text
from .figures import Level, ServiceUsage
from .markup import Markup, element, fact
from .text import age_text, missing_text, rotation_text, total_text
from .timeline import timeline

BADGES = {
    Level.OK: ("ok", "✓ within limit"),
    Level.HIGH: ("high", "▲ near its limit"),
    Level.FULL: ("full", "✖ limit used up"),
    Level.UNLIMITED: ("plain", "unlimited"),
    Level.EXPIRED: ("full", "✖ key expired"),
    Level.GONE: ("full", "✖ no such key"),
}
"""Each level's class in the style, and its words."""
_NO_ANCHOR = re.compile(r"[^A-Za-z0-9._-]+")


def anchor(service: str) -> str:
    """Return the id of a service's card: by its name, so that a link to it stays one in every later report.

    >>> anchor("checkout")
    'service-checkout'
    """
    plain = _NO_ANCHOR.sub("-", service)
    if plain != service:
        plain += "-" + hashlib.sha256(service.encode("utf-8", "replace")).hexdigest()[:7]
    return f"service-{plain}"


def card(usage: ServiceUsage, now: datetime) -> Markup:
    """Return all that is to be said of one service."""
    class_, text = BADGES[usage.level]
    badges = [element("span", text, class_=f"badge {class_}")]
    if usage.disabled:
        badges.append(element("span", "disabled", class_="badge plain"))
    return element(
        "article",
        element("div", element("h3", usage.service), element("span", *badges, class_="badges"), class_="head"),
        element("p", usage.key_name, class_="muted"),
        _spending(usage),
        _rotation(usage, now),
        _numbers(usage),
        *_earlier(usage),
        id=anchor(usage.service),
    )


def _spending(usage: ServiceUsage) -> Markup:
    """Return the bar of what is spent against the limit; the sentence it stands for is its label."""
    if usage.limit_usd is None or usage.percent is None or usage.spent_usd is None:
        return Markup("")
    class_, status = BADGES[usage.level]
    every = f", {usage.limit_reset}" if usage.limit_reset else ""
    said = f"{usd(usage.spent_usd)} of {usd(usage.limit_usd)} spent{every}"
    bar = element("svg", *_bar(usage.percent, class_), class_="bar", role="img", aria_label=_sentence(usage, status))
    caption = element("figcaption", element("span", said), element("strong", f"{usage.percent:.0f} %"))
    return element("figure", caption, bar)


def _sentence(usage: ServiceUsage, status: str) -> str:
    return (
        f"{usage.service}: {usd(usage.spent_usd)} of {usd(usage.limit_usd)} spent, {usage.percent or 0:.0f} %, "
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
        "Total": total_text(usage.total_usd, usage.uncounted_keys),
        "Remaining": usd(usage.remaining_usd),
        "Blocks first": blocking_text(usage.blocks_first),
        "Limit resets": usage.limit_reset or "never",
        "Key's age": age_text(usage.age_days),
        "Last used": (usage.last_used_at or "-")[:10],
        "Expires": (usage.expires_at or "never")[:10],
    }
    return element("dl", *(fact(name, value) for name, value in facts.items()), class_="numbers")


def _earlier(usage: ServiceUsage) -> list[Markup]:
    """Return what is to be said of the keys that the service had before."""
    lines = []
    if usage.superseded_keys or usage.deleted_keys:
        keys = f"{usage.superseded_keys} superseded, {usage.deleted_keys} deleted"
        lines.append(f"Of the total, {usd(usage.earlier_usd)} is of earlier keys ({keys}).")
    if usage.uncounted_keys:
        lines.append(f"Note: {missing_text(usage)}.")
    return [element("p", line, class_="muted") for line in lines]
