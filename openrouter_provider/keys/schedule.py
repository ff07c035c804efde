"""Instants, durations and the rotation schedule: pure functions of their arguments, no clock and no I/O."""

import hashlib
import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from ..api.models import wire_time

_NUMBER = r"([0-9]{1,9})"
_DURATION = re.compile("".join(f"(?:{_NUMBER}{unit})?" for unit in "wdhms"))
LONGEST_DURATION = timedelta(days=36500)
_UNITS = ("weeks", "days", "hours", "minutes", "seconds")
STAGGER_SHARE = 10
DEFAULT_OVERLAP = "7d"


def parse_duration(text: str) -> timedelta:
    """Return the positive duration that a text such as `90d`, `12h` or `1w2d` names.

    >>> parse_duration("1w2d")
    datetime.timedelta(days=9)

    Raises:
        ValueError: anything else; the message says which form is expected.
    """
    match = _DURATION.fullmatch(text.strip()) if isinstance(text, str) else None
    numbers = [int(number) if number else 0 for number in match.groups()] if match else []
    if not any(numbers):
        raise ValueError("must be a duration such as 90d, 12h or 1w2d (units w, d, h, m, s)")
    try:
        duration = timedelta(**dict(zip(_UNITS, numbers, strict=True)))
    except OverflowError:
        duration = timedelta.max
    if duration > LONGEST_DURATION:
        raise ValueError("must be at most 100 years")
    return duration


def check_overlap(every: str, overlap: str) -> None:
    """Refuse an overlap that the next rotation would cut short.

    Raises:
        ValueError: one of the two is no duration, or the overlap is not the shorter one.
    """
    if parse_duration(every) <= parse_duration(overlap):
        raise ValueError("overlap must be shorter than every")


def parse_instant(text: str) -> datetime:
    """Return the UTC instant that an ISO 8601 text with seconds and a UTC designator names.

    >>> parse_instant("2027-03-01T12:00:00Z").isoformat()
    '2027-03-01T12:00:00+00:00'

    Raises:
        ValueError: another form, another zone, or a date that does not exist.
    """
    form = r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:[Zz]|\+00:00)"
    if not re.fullmatch(form, text.strip()):
        raise ValueError("must be ISO 8601 in UTC with seconds")
    try:
        return datetime.fromisoformat(text.strip().upper()).astimezone(UTC).replace(microsecond=0)
    except ValueError:
        raise ValueError("is not a date that exists") from None


def format_instant(instant: datetime) -> str:
    """Return the one spelling of an instant used in inputs and state: `2027-03-01T00:00:00Z`."""
    return wire_time(instant)


@dataclass(frozen=True)
class Rotation:
    """A schedule: a key is replaced before it is older than `every`; the old one stays valid for `overlap`."""

    every: timedelta
    overlap: timedelta
    stagger: bool = True

    def period(self, identity: str) -> timedelta:
        """Return the time one generation lasts for this identity.

        With stagger it is shorter than `every` by a fixed share between none and a tenth, drawn from the
        identity's hash, so that services made together spread out and no key ever outlives `every`.
        """
        if not self.stagger:
            return self.every
        digest = int.from_bytes(hashlib.sha256(identity.encode()).digest()[:8])
        offset = self.every / STAGGER_SHARE * (digest / 2**64)
        return timedelta(seconds=int((self.every - offset).total_seconds()))


@dataclass(frozen=True)
class Generation:
    """Which key a service is on: its number, when it became due, why, and when the next one is."""

    number: int
    started_at: datetime
    next_rotation_at: datetime | None = None
    reason: str | None = None


@dataclass(frozen=True)
class Wish:
    """What the program asks of the schedule in this run.

    Attributes:
        identity: what the stagger is drawn from.
        rotation: the schedule; None where the key stays.
        token: what rotates when it changes.
        now: the run's instant.
        new_key_for: what the program asks that only a new key can have, in words; None where there is nothing.
    """

    identity: str
    rotation: Rotation | None
    token: str | None
    now: datetime
    new_key_for: str | None = None


def plan_generation(current: Generation | None, before: Wish | None, wish: Wish) -> Generation:
    """Return the generation this run shall end with: the current one, or its successor where a rotation is due.

    A key that is new starts at 1. Turning rotation on or off, and changing its period, keep the current key: where
    the new period is already over, it begins anew at this run. However long no run happened, one run rotates once.

    >>> monthly = Rotation(every=timedelta(days=30), overlap=timedelta(days=7), stagger=False)
    >>> before = Wish("checkout", monthly, token=None, now=parse_instant("2027-01-01T00:00:00Z"))
    >>> first = plan_generation(None, None, before)
    >>> format_instant(first.next_rotation_at)
    '2027-01-31T00:00:00Z'
    >>> later = Wish("checkout", monthly, token=None, now=parse_instant("2027-05-01T00:00:00Z"))
    >>> plan_generation(first, before, later).number
    2

    Args:
        current: the generation in the state; None for a key that does not exist yet.
        before: what the last run asked; None for a key that does not exist yet.
        wish: what this run asks.
    """
    if current is None or before is None:
        return Generation(1, wish.now, _due(wish, wish.now))
    current = _believable(current, wish)
    reason = _reason_to_rotate(current, before, wish)
    if reason:
        return Generation(current.number + 1, wish.now, _due(wish, wish.now), _with_retirement(reason, wish))
    return Generation(current.number, current.started_at, _next(current, before, wish), current.reason)


def _reason_to_rotate(current: Generation, before: Wish, wish: Wish) -> str | None:
    if wish.token and wish.token != before.token:
        return f"rotate_now changed to {wish.token}"
    if wish.new_key_for:
        return wish.new_key_for
    if not (wish.rotation and before.rotation and current.next_rotation_at):
        return None
    if not _same_period(wish.rotation, before.rotation):
        return None
    if wish.now >= current.next_rotation_at:
        return f"due since {format_instant(current.next_rotation_at)}"
    return None


def _believable(current: Generation, wish: Wish) -> Generation:
    """Return the generation with what only a wrong clock can have written brought back to this run's instant.

    No key was made after now, and no rotation is further ahead than one period. A clock that was far ahead for one
    run would otherwise switch rotation off until then.
    """
    started_at = min(current.started_at, wish.now)
    latest = _due(wish, wish.now)
    due = current.next_rotation_at
    return replace(current, started_at=started_at, next_rotation_at=min(due, latest) if due and latest else due)


def _with_retirement(reason: str, wish: Wish) -> str:
    overlap = wish.rotation.overlap if wish.rotation else parse_duration(DEFAULT_OVERLAP)
    return f"{reason}; the superseded key retires at {format_instant(wish.now + overlap)}"


def _next(current: Generation, before: Wish, wish: Wish) -> datetime | None:
    if wish.rotation is None:
        return None
    if before.rotation and _same_period(before.rotation, wish.rotation) and current.next_rotation_at:
        return current.next_rotation_at
    due = _due(wish, current.started_at)
    return due if due and due > wish.now else _due(wish, wish.now)


def _same_period(one: Rotation, other: Rotation) -> bool:
    return (one.every, one.stagger) == (other.every, other.stagger)


def _due(wish: Wish, start: datetime) -> datetime | None:
    return start + wish.rotation.period(wish.identity) if wish.rotation else None


TOLERANCE = timedelta(minutes=1)
"""How far apart two readings of one instant may be: OpenRouter has answered an expiry two seconds early."""


def same_instant(one: datetime | str | None, other: datetime | str | None) -> bool:
    """Return whether two instants, or their texts, mean the same within TOLERANCE; null equals null alone.

    >>> same_instant("2027-03-01T18:40:10Z", "2027-03-01T18:40:08.000000+00:00")
    True
    """
    if one is None or other is None:
        return one is other
    try:
        return abs(_as_instant(one) - _as_instant(other)) <= TOLERANCE
    except ValueError:
        return one == other


def kept_instant(known: str | None, found: datetime) -> str:
    """Return the instant's spelling in the state, which stays where what was found now is the same."""
    return known if known is not None and same_instant(known, found) else format_instant(found)


def _as_instant(value: datetime | str) -> datetime:
    return value if isinstance(value, datetime) else parse_instant(value)
