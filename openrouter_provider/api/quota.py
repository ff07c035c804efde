"""How many calls an answer says are left, and until when: the headers X-RateLimit-Limit, -Remaining and -Reset."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

_MILLISECONDS_FROM = 1e11
"""A number above this is an instant in milliseconds since 1970; in seconds it would be the year 5138."""
_INSTANT_FROM = 1e9
"""A number above this is an instant in seconds; below it, seconds from now."""
_OF_A_DAY = ("rpd", "per day", "per-day", "daily", "a day")


@dataclass(frozen=True, slots=True)
class Quota:
    """What an answer says of a limit on calls; None where it doesn't say."""

    limit: int | None = None
    remaining: int | None = None
    resets_at: datetime | None = None

    def seconds_left(self, now: datetime) -> float | None:
        """Return the time until it resets, None where that isn't known or is over."""
        seconds = (self.resets_at - now).total_seconds() if self.resets_at else 0.0
        return seconds if seconds > 0 else None


def quota_of(headers: Mapping[str, str], now: datetime) -> Quota | None:
    """Return what the headers of an answer say, None where they say nothing.

    Args:
        headers: with names in any case, or as httpx has them.
        now: the time by the server's clock.
    """
    limit, remaining, reset = (headers.get(f"X-RateLimit-{name}") for name in ("Limit", "Remaining", "Reset"))
    found = Quota(_count(limit), _count(remaining), parse_reset(reset, now))
    return None if found == Quota() else found


def _count(text: str | None) -> int | None:
    bare = (text or "").strip()
    return int(bare[:15]) if bare.isascii() and bare.isdigit() else None


def parse_reset(text: str | None, now: datetime) -> datetime | None:
    """Return the instant that a header names: as milliseconds or seconds since 1970, as seconds from now, or ISO 8601.

    >>> parse_reset("1798761600000", datetime(2026, 1, 1, tzinfo=UTC)).isoformat()
    '2027-01-01T00:00:00+00:00'
    """
    bare = (text or "").strip()
    try:
        if not bare.replace(".", "", 1).isdigit():
            instant = datetime.fromisoformat(bare)
            return instant if instant.tzinfo else instant.replace(tzinfo=UTC)
        number = float(bare)
        if number < _INSTANT_FROM:
            return now + timedelta(seconds=number)
        return datetime.fromtimestamp(number / 1000 if number > _MILLISECONDS_FROM else number, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def names_a_day(remote: str) -> bool:
    """Return whether the API's own words speak of a limit on a day's calls, such as keys-modify-api-rpd-v2."""
    return any(words in remote.lower() for words in _OF_A_DAY)


def next_midnight(now: datetime) -> datetime:
    """Return when the UTC day ends."""
    return datetime.combine(now.astimezone(UTC).date() + timedelta(days=1), datetime.min.time(), UTC)
