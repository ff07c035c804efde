"""How much a superseded key may still spend during its overlap."""

import math
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from ..api.models import KeyRecord
from .fields import Props, is_unknown, present
from .schedule import DEFAULT_OVERLAP, format_instant, parse_duration, parse_instant

BOUND, DISABLED, DELETED = "bound", "disabled", "deleted"
HELD = "held"
"""The secret holds the key, or could not be read: its overlap has not begun, and nothing is done to it."""

Entry = Mapping[str, Any]
MayHold = Callable[[Entry], bool]
_KEPT = ("hash", "label", "limit", "limit_reset", "token", "overlap", "retires_at", "capped_from")


def plan_keys(olds: Entry, news: Entry, now: datetime, may_hold: MayHold = lambda _entry: False) -> list[Props]:
    """Return what shall be of each superseded key after this run: `held`, `bound`, `disabled` or `deleted`.

    A key's overlap begins at the first run in which the secret is known to hold another one; its end is decided once.
    A key stays in the plan until it was deleted and its ApiKey has forgotten it too. The key that is current is never
    in it: an adopted one may come back after the key that superseded it was lost.

    Args:
        olds: the inputs of the last run.
        news: this run's; any value may be unknown in a preview.
        now: the run's instant.
        may_hold: whether the secret holds a key now, or could not be read; asked only before harm.
    """
    known = {entry["hash"]: entry for entry in olds.get("keys") or []}
    listed = news.get("superseded")
    listed = list(known.values()) if listed is None or is_unknown(listed) else listed
    entries = {entry["hash"]: {**known.get(entry["hash"], {}), **entry} for entry in listed}
    entries |= {hash_: entry for hash_, entry in known.items() if hash_ not in entries and is_alive(entry)}
    longest = _longest_overlap(olds, news)
    return [
        _planned(_believable(entry, longest, now), news, now, may_hold)
        for hash_, entry in entries.items()
        if hash_ != news.get("current")
    ]


def is_alive(entry: Entry) -> bool:
    """Return whether a planned key still exists as far as the plan knows."""
    return entry.get("state") != DELETED


def changed_plans(before: Iterable[Entry], after: Iterable[Entry]) -> bool:
    """Return whether a plan asks for anything new; a deleted key that left it is no reason to act."""
    known = {entry["hash"]: entry for entry in before}
    return any(known.get(entry["hash"]) != entry for entry in after)


def has_lost_keys(olds: Entry, news: Entry) -> bool:
    """Return whether an ApiKey lists a living key no longer, as after its current one was deleted by hand.

    The state has to say so: of the keys in a plan, it is the listed ones that are left to their ApiKey.
    """
    before, after = ({entry["hash"] for entry in props.get("superseded") or []} for props in (olds, news))
    return any(is_alive(entry) and entry["hash"] in before - after for entry in news["keys"])


def states_of(props: Entry) -> dict[str, Any]:
    """Return the state of each key in a plan, by hash."""
    return {entry["hash"]: entry.get("state") for entry in props.get("keys") or []}


def moved_plans(olds: Entry, news: Entry) -> list[Entry]:
    """Return the keys that the new plan brings to another state."""
    done = states_of(olds)
    return [entry for entry in news["keys"] if done.get(entry["hash"]) != entry["state"]]


def overlap_of(props: Entry) -> str:
    """Return how long a superseded key lives, as the inputs say it."""
    overlap = props.get("overlap")
    return DEFAULT_OVERLAP if overlap is None or is_unknown(overlap) else str(overlap)


def _planned(entry: Entry, news: Entry, now: datetime, may_hold: MayHold) -> Props:
    kept = {name: entry.get(name) for name in _KEPT} | {"leaked": True if _leaked(entry, news) else None}
    begun = entry.get("state") != HELD and entry.get("retires_at")
    if not begun:
        overlap = overlap_of(news)
        retires_at = format_instant(now + parse_duration(overlap))
        kept |= {"overlap": overlap, "retires_at": retires_at, "capped_from": None}
    wanted = _wanted(kept, entry, news, now)
    if _needs_proof(entry.get("state"), wanted, kept, news, begun=bool(begun)) and may_hold(entry):
        return present({**kept, "retires_at": None, "overlap": None, "capped_from": None, "state": HELD})
    return present({**kept, "state": wanted})


def _wanted(kept: Entry, entry: Entry, news: Entry, now: datetime) -> str:
    if entry.get("state") == DELETED or now >= parse_instant(kept["retires_at"]):
        return DELETED
    return DISABLED if kept.get("leaked") or news.get("disabled") is True else BOUND


def _needs_proof(before: str | None, wanted: str, kept: Entry, news: Entry, *, begun: bool) -> bool:
    """Return whether the store is to be asked first: before anything that makes the key worse than it is.

    A service that the program disables as a whole is meant to be refused. In a preview that stores a new value, what
    the store holds now says nothing of what it will hold.
    """
    if before == wanted:
        return False
    if not begun and is_unknown(news.get("version")):
        return False
    return wanted != DISABLED or bool(kept.get("leaked"))


def _leaked(entry: Entry, news: Entry) -> bool:
    """Return whether an emergency reached the key; taking it out of the config again does not bring the key back."""
    named = bool(entry.get("token")) and entry.get("token") == news.get("emergency_token")
    return named or bool(entry.get("leaked"))


def _longest_overlap(olds: Entry, news: Entry) -> timedelta:
    return max(parse_duration(overlap_of(props)) for props in (olds, news))


def _believable(entry: Entry, longest: timedelta, now: datetime) -> Entry:
    """Return the entry with an end that only a wrong clock can have decided brought to one overlap from now.

    No overlap that has begun ends later than that. What was decided before is remembered: where it was this run's clock
    that was wrong, a later run finds the overlap begun in its past, and keeps it.
    """
    if not entry.get("retires_at"):
        return entry
    length = parse_duration(entry["overlap"]) if entry.get("overlap") else longest
    latest = now + length
    before = entry.get("capped_from")
    if before and parse_instant(before) <= latest:
        return {**entry, "retires_at": before, "capped_from": None}
    if parse_instant(entry["retires_at"]) <= latest:
        return entry
    return {**entry, "retires_at": format_instant(latest), "capped_from": before or entry["retires_at"]}


RESET_WINDOWS = {"daily": timedelta(days=1), "weekly": timedelta(days=7), "monthly": timedelta(days=30)}
LIFETIME_WINDOW = timedelta(days=90)
_CENTS_OF_CENTS = 4


def bounded_limit(record: KeyRecord, overlap: timedelta, wish: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return the changes that bound a superseded key's spending: no more resets, and only its share to spend.

    The share is the limit times the overlap's part of the reset window (a limit that never resets counts as one for
    90 days), at most what the key had left. Two live keys therefore never double a service's limit: all that an
    overlap can cost on top is that share, and never more than one window's limit. A key that was never to have a
    limit stays so; one whose limit somebody took away is bounded by what it was to be.

    >>> key = KeyRecord(
    ...     hash="c0ffee", name="acme/dev/checkout-1a2b3c4", label="sk-or-v1-c0f...fee", disabled=False, limit=60,
    ...     limit_reset="monthly", limit_remaining=48, usage=12, created_at="2027-01-01T00:00:00Z",
    ... )
    >>> bounded_limit(key, timedelta(days=7))
    {'limit': 26.0, 'limit_reset': None}

    Args:
        record: the key as it is, bounded already or not.
        overlap: how long it stays alive.
        wish: the limit and the reset that the key had while it was current. They make the bound repeatable: of a
            bounded key the record alone shows the bound, and a share of that would shrink with each run.
    """
    current = wish or {}
    if current.get("limit") is None:
        current = {"limit": record.limit, "limit_reset": record.limit_reset}
    if current["limit"] is None:
        return {}
    allowance = max(0.0, min(_share(current, overlap), _left_to_spend(record)))
    used = record.usage + (record.byok_usage if record.include_byok_in_limit else 0.0)
    return {"limit": round(used + allowance, _CENTS_OF_CENTS), "limit_reset": None}


def _left_to_spend(record: KeyRecord) -> float:
    """Return what the key may still spend as it is: without end, where somebody took its limit away."""
    if record.limit is None:
        return math.inf
    return record.limit if record.limit_remaining is None else record.limit_remaining


def wish_to_bound(olds: Mapping[str, Any], news: Mapping[str, Any], overlap: timedelta) -> dict[str, Any]:
    """Return the limit and the reset by which a key is bounded once it is superseded: the tighter of two wishes.

    The state's may have been raised by hand and read back by a refresh; the program's may be lowered in the very run
    that rotates.

    >>> wish_to_bound({"limit": 1000}, {"limit": 50}, timedelta(days=7))
    {'limit': 50}
    """
    wishes = [{name: props.get(name) for name in ("limit", "limit_reset")} for props in (olds, news)]
    tightest = min(wishes, key=lambda wish: _share(wish, overlap))
    return {name: value for name, value in tightest.items() if value is not None}


def _share(wish: Mapping[str, Any], overlap: timedelta) -> float:
    """Return what may be spent in an overlap, in USD; without end where the wish has no limit."""
    if wish.get("limit") is None:
        return math.inf
    window = RESET_WINDOWS.get(wish.get("limit_reset") or "", LIFETIME_WINDOW)
    return float(wish["limit"]) * min(1.0, overlap / window)
