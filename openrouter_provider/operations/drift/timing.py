"""Keys whose time is over or soon will be, rotations that can't happen, and times that no schedule can have made."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from ...keys.inputs import as_rotation
from ...keys.overlap import DELETED, overlap_of
from ...keys.schedule import format_instant, parse_duration, parse_instant
from ...resources.base import LARGEST_SKEW
from .plan import API_KEY, SUPERSEDED_KEYS, PlannedResource, Props
from .severity import DEPLOY, Change, Finding, Subject

NEW_EXPIRY = f"a person must: set a later expiresAt in the config, or take it out; then run `{DEPLOY}`"


def timing_findings(
    subject: Subject, parts: Mapping[str, PlannedResource], now: datetime, notice: timedelta
) -> Iterator[Finding]:
    """Yield what a service's times tell.

    Args:
        subject: the service.
        parts: its resources by kind.
        now: this moment.
        notice: how long before its end an expiry is told.
    """
    key, retired = parts.get(API_KEY), parts.get(SUPERSEDED_KEYS)
    if key and key.state is not None and key.actual is not None and key.operation != "delete":
        wanted = key.state if key.wanted is None else key.wanted
        yield from _expiry(subject, key.state, key.actual, wanted, now, notice)
        yield from _schedule(subject, key.state, now)
    if retired and retired.state:
        yield from _retirements(subject, retired.state, now)


def has_expired(key: Props, now: datetime) -> bool:
    """Return whether a key's expiry has passed."""
    expires_at = instant(key, "expires_at")
    return expires_at is not None and expires_at <= now


def instant(props: Mapping[str, Any], name: str) -> datetime | None:
    """Return an instant of a resource, None where it has none."""
    text = props.get(name)
    return parse_instant(str(text)) if text else None


def _expiry(
    subject: Subject, state: Props, actual: Props, wanted: Props, now: datetime, notice: timedelta
) -> Iterator[Finding]:
    expires_at = instant(actual, "expires_at")
    if expires_at is None or expires_at > now + notice or wanted.get("disabled"):
        return  # A service that is switched off needs no key that works.
    until, heal = format_instant(expires_at), NEW_EXPIRY
    if wanted.get("expires_at") != state.get("expires_at"):
        heal = f"`{DEPLOY}` deploys the other expiry that the program has"
    if expires_at > now:
        yield subject.finding(Change.KEY_EXPIRES_SOON, "expires_at", f"later than {format_instant(now)}", until, heal)
        return
    yield subject.finding(Change.KEY_EXPIRED, "expires_at", f"later than {format_instant(now)}", until, heal)
    if as_rotation(state.get("rotation")):
        due = state.get("next_rotation_at")
        yield subject.finding(Change.ROTATION_STOPPED, "rotation", due, f"none since the key expired at {until}", heal)


def _schedule(subject: Subject, state: Props, now: datetime) -> Iterator[Finding]:
    """Yield what is wrong with the times of a rotating key, whoever's clock made them."""
    rotation, due = as_rotation(state.get("rotation")), instant(state, "next_rotation_at")
    yield from _too_late(subject, "rotated_at", instant(state, "rotated_at"), now)
    if rotation is None:
        return
    if due is None:
        yield subject.finding(Change.ROTATION_STOPPED, "next_rotation_at", "a time", None, DEPLOY)
    yield from _too_late(subject, "next_rotation_at", due, now + rotation.every)


def _retirements(subject: Subject, state: Props, now: datetime) -> Iterator[Finding]:
    for entry in state.get("keys") or []:
        latest = now + parse_duration(str(entry.get("overlap") or overlap_of(state)))
        if entry.get("state") != DELETED:
            name = f"superseded key {entry['hash'][:12]}"
            yield from _too_late(subject, name, instant(entry, "retires_at"), latest)


def _too_late(subject: Subject, name: str, moment: datetime | None, latest: datetime) -> Iterator[Finding]:
    if moment and moment > latest + LARGEST_SKEW:
        wanted = f"at most {format_instant(latest)}"
        yield subject.finding(Change.SCHEDULE_IMPOSSIBLE, name, wanted, format_instant(moment), DEPLOY)
