"""What becomes of superseded keys: bounded, disabled or deleted by the clock, and left where the secret holds them.

Pure decisions; SupersededKeysProvider asks the store and makes the calls.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from ..schedule import DEFAULT_OVERLAP, format_instant, parse_duration, parse_instant
from .fields import Props, is_unknown, present

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
