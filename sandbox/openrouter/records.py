"""Standard keys and their spending meters."""

import hashlib
import secrets
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, Literal

Window = Literal["daily", "weekly", "monthly"]
WINDOWS: tuple[Window, ...] = ("daily", "weekly", "monthly")
TimestampStyle = Literal["seconds", "fractional"]
PREFIX = "sk-or-v1-"


def new_credential() -> str:
    """Return a random credential of OpenRouter's form; no two are alike."""
    return PREFIX + secrets.token_hex(32)


def digest(plaintext: str) -> str:
    """Return the hash that identifies a key from its creation on."""
    return hashlib.sha256(plaintext.encode()).hexdigest()


def label_of(plaintext: str) -> str:
    """Return the short form of a credential that OpenRouter shows in listings."""
    return f"{plaintext[: len(PREFIX) + 3]}...{plaintext[-4:]}"


def stamp(at: datetime | None, style: TimestampStyle = "seconds") -> str | None:
    """Write an instant the way the API does: whole seconds with Z, or microseconds with a numeric offset."""
    if at is None:
        return None
    at = at.astimezone(UTC)
    if style == "fractional":
        return at.isoformat(timespec="microseconds")
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def window_start(window: Window, at: datetime) -> date:
    """Return the UTC day on which the window around an instant began; weeks begin on Monday."""
    day = at.astimezone(UTC).date()
    if window == "weekly":
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if window == "monthly" else day


def window_end(window: Window, at: datetime) -> datetime:
    """Return the instant at which the window around an instant ends."""
    start = window_start(window, at)
    days = {"daily": 1, "weekly": 7, "monthly": 31}[window]
    end = window_start(window, datetime.combine(start + timedelta(days=days), datetime.min.time(), UTC))
    return datetime.combine(end, datetime.min.time(), UTC)


@dataclass
class Meter:
    """Money spent in all and in the current day, week and month; a window that has passed counts as zero."""

    counted_at: datetime
    total: float = 0.0
    daily: float = 0.0
    weekly: float = 0.0
    monthly: float = 0.0

    def within(self, window: Window, now: datetime) -> float:
        """Return what was spent in the window around `now`."""
        if window_start(window, self.counted_at) != window_start(window, now):
            return 0.0
        return float(getattr(self, window))

    def set(self, now: datetime, **counters: float) -> None:
        """Close the windows that have passed, then overwrite the counters given."""
        current = {window: self.within(window, now) for window in WINDOWS} | counters
        for name, value in current.items():
            setattr(self, name, value)
        self.counted_at = now

    def charge(self, now: datetime, amount: float) -> None:
        """Add an amount to every counter."""
        grown = {window: round(self.within(window, now) + amount, 9) for window in WINDOWS}
        self.set(now, total=round(self.total + amount, 9), **grown)

    def fields(self, prefix: str, now: datetime) -> dict[str, float]:
        """Return the four counters under the names of the API."""
        windows = {f"{prefix}_{window}": self.within(window, now) for window in WINDOWS}
        return {prefix: self.total, **windows}


@dataclass
class Key:
    """A standard API key with everything the API tells about it."""

    plaintext: str = field(repr=False)
    name: str
    workspace_id: str
    created_at: datetime
    sequence: int
    spent: Meter
    byok: Meter
    limit: float | None = None
    limit_reset: Window | None = None
    include_byok_in_limit: bool = False
    disabled: bool = False
    expires_at: datetime | None = None
    creator_user_id: str | None = None
    updated_at: datetime | None = None
    last_used_at: datetime | None = None
    hash: str = ""

    def __post_init__(self) -> None:
        """Derive the hash that identifies the key from its plaintext."""
        self.hash = digest(self.plaintext)

    def expired(self, now: datetime) -> bool:
        """Say whether the key's time is over."""
        return self.expires_at is not None and now >= self.expires_at

    def remaining(self, now: datetime) -> float | None:
        """Return what may still be spent in the current window, or None for a key without a limit."""
        if self.limit is None:
            return None
        return round(self.limit - self.spent_within(self.limit_reset, now, byok=self.include_byok_in_limit), 9)

    def spent_within(self, window: Window | None, now: datetime, *, byok: bool) -> float:
        """Return what was spent in the window around `now`, or ever, on other vendors' keys too where that counts."""
        meters = [self.spent, self.byok] if byok else [self.spent]
        return sum(meter.within(window, now) if window else meter.total for meter in meters)

    def record(self, now: datetime, style: TimestampStyle) -> dict[str, Any]:
        """Return the key as the API's key record, without the plaintext."""
        return {
            "hash": self.hash,
            "name": self.name,
            "label": label_of(self.plaintext),
            "disabled": self.disabled,
            "limit": self.limit,
            "limit_remaining": self.remaining(now),
            "limit_reset": self.limit_reset,
            "include_byok_in_limit": self.include_byok_in_limit,
            **self.spent.fields("usage", now),
            **self.byok.fields("byok_usage", now),
            "created_at": stamp(self.created_at, style),
            "updated_at": stamp(self.updated_at, style),
            "expires_at": stamp(self.expires_at, style),
            "last_used_at": stamp(self.last_used_at, style),
            "creator_user_id": self.creator_user_id,
            "external_user": None,
            "workspace_id": self.workspace_id,
        }
