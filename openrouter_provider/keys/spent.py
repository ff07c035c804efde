"""What a service's deleted keys spent: read right before each deletion, since afterwards nobody tells it any more."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any, Literal

from ..api.models import Usage
from .fields import Props, is_unknown
from .overlap import states_of
from .schedule import format_instant, parse_instant

Window = Literal["daily", "weekly", "monthly"]
WINDOWS: tuple[Window, ...] = ("daily", "weekly", "monthly")
SPENT = "spent"
"""SupersededKeys' output that keeps the sum; a state from before it, or before the first deletion, has none."""
_DECIMALS = 9


def window_start(window: Window, at: datetime) -> date:
    """Return the UTC day on which the window around an instant began; weeks begin on Monday.

    >>> window_start("monthly", parse_instant("2027-03-31T23:00:00Z")).isoformat()
    '2027-03-01'
    """
    day = at.date()
    if window == "weekly":
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if window == "monthly" else day


def window_end(window: Window, at: datetime) -> datetime:
    """Return the instant at which the window around an instant ends, and what was spent in it counts as nothing."""
    start = window_start(window, at)
    beyond = start + timedelta(days={"daily": 1, "weekly": 7, "monthly": 31}[window])
    end = beyond.replace(day=1) if window == "monthly" else beyond
    return datetime(end.year, end.month, end.day, tzinfo=at.tzinfo)


@dataclass(frozen=True)
class Spent:
    """The sum over a service's deleted keys, in USD; of a fixed size, however often the service rotates.

    Attributes:
        keys: how many keys it is the sum of.
        unknown: how many keys were gone before they could be read: the sum lacks them.
        total: spent in total.
        windows: spent in the day, the week and the month in which the last key was read.
        read_at: when that was; None before the first.
        by_key: the total of each key that the plan still names, by hash.
    """

    keys: int = 0
    unknown: int = 0
    total: float = 0.0
    windows: Mapping[Window, float] = field(default_factory=dict)
    read_at: datetime | None = None
    by_key: Mapping[str, float] = field(default_factory=dict)

    def within(self, window: Window, now: datetime) -> float:
        """Return what was spent in the window around `now`; of one that has passed, nothing."""
        if self.read_at is None or window_start(window, self.read_at) != window_start(window, now):
            return 0.0
        return self.windows.get(window, 0.0)

    def plus(self, hash_: str, usage: Usage, now: datetime) -> "Spent":
        """Return the sum with a key's counters, which were read at `now`."""
        counters = {"daily": usage.usage_daily, "weekly": usage.usage_weekly, "monthly": usage.usage_monthly}
        return Spent(
            keys=self.keys + 1,
            unknown=self.unknown,
            total=round(self.total + usage.usage, _DECIMALS),
            windows={name: round(self.within(name, now) + counters[name], _DECIMALS) for name in WINDOWS},
            read_at=now,
            by_key={**self.by_key, hash_: usage.usage},
        )

    def plus_unknown(self) -> "Spent":
        """Return the sum with a note that a key is missing in it."""
        return replace(self, unknown=self.unknown + 1)

    def named(self, hashes: Collection[str]) -> "Spent":
        """Return the sum with the totals of these keys alone; the others are in the sum all the same."""
        return replace(self, by_key={hash_: total for hash_, total in self.by_key.items() if hash_ in hashes})

    def state(self) -> Props:
        """Return it as a state keeps it; nothing where no key was deleted yet."""
        if not self.keys and not self.unknown:
            return {}
        read: Props = {str(name): amount for name, amount in self.windows.items()} if self.read_at else {}
        read |= {"read_at": format_instant(self.read_at)} if self.read_at else {}
        return {"keys": self.keys, "unknown": self.unknown, "total": self.total, **read, "by_key": dict(self.by_key)}


def spent_of(state: object) -> Spent:
    """Return what a state's property says; nothing where it is absent, as in one that an older release wrote."""
    if not isinstance(state, Mapping) or not state:
        return Spent()
    read_at = state.get("read_at")
    by_key = state.get("by_key") or {}
    return Spent(
        keys=int(state.get("keys") or 0),
        unknown=int(state.get("unknown") or 0),
        total=_amount(state.get("total")),
        windows={name: _amount(state.get(name)) for name in WINDOWS},
        read_at=parse_instant(str(read_at)) if read_at else None,
        by_key={str(hash_): _amount(total) for hash_, total in by_key.items()},
    )


def carried(olds: Mapping[str, Any], news: Mapping[str, Any]) -> Spent:
    """Return what is known of a service's deleted keys before an update of its SupersededKeys.

    The key that was current at the last update and that nothing names now was deleted by hand, and another one made
    in its place: nobody knows what it spent.
    """
    spent, was, now = spent_of(olds.get(SPENT)), olds.get("current"), news.get("current")
    if not was or is_unknown(now) or was in {now, *states_of(olds), *states_of(news)}:
        return spent
    return spent.plus_unknown()


def _amount(value: Any) -> float:
    return float(value or 0.0)
