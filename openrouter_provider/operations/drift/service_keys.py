"""Drift of a service's keys, the one in use and those before it, and what is due of them."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from ...keys.inputs import as_rotation
from ...keys.overlap import DELETED, HELD, overlap_of
from ...keys.schedule import format_instant, parse_duration, parse_instant
from ...keys.state import FIELDS
from ...resources.base import LARGEST_SKEW
from ...stores.value import Properties
from .findings import DEPLOY, REFRESH, Change, Finding, Sides, Subject, change_of, difference, known
from .plan import API_KEY, SECRET_VERSION, SUPERSEDED_KEYS, PlannedResource

_WISHES = ("rotation", "rotate_now", "emergency", "adopt_hash")


def key_findings(subject: Subject, parts: Mapping[str, PlannedResource], now: datetime) -> Iterator[Finding]:
    """Yield the findings of a service's keys.

    Args:
        subject: the service.
        parts: its resources by kind.
        now: decides which rotations and deletions are due.
    """
    key, version = parts.get(API_KEY), parts.get(SECRET_VERSION)
    if key and key.operation == "delete":
        yield subject.finding(Change.NOT_DEPLOYED, "service", "not declared", "deployed", DEPLOY)
    if key and key.state is not None:
        yield from _of_the_current(subject, key, key.state, now)
    if key and version:
        yield from _pending_value(subject, key, version)
    if SUPERSEDED_KEYS in parts:
        yield from _of_superseded(subject, parts[SUPERSEDED_KEYS], now)


def _of_the_current(subject: Subject, key: PlannedResource, state: Properties, now: datetime) -> Iterator[Finding]:
    if key.actual is None:
        heal = f"`{REFRESH}` makes a new key and stores it"
        yield subject.finding(Change.KEY_DELETED, "key", str(state.get("name")), None, heal)
        return
    wanted = state if key.wanted is None else known(key.wanted, state)
    rotates = wanted.get("generation") != state.get("generation")
    successor = rotates or key.operation == "replace"
    for field in FIELDS:
        if field.if_declared and wanted.get(field.name) is None:
            continue
        # The name of a key that is to come is no change of this one's.
        wish = state if field.name == "name" and successor else wanted
        sides = Sides.of(field.name, state, key.actual, wish, field.alike)
        heal = f"`{REFRESH}` makes a new key and stores it" if field.replaces else REFRESH
        yield from difference(subject, field.name, sides, change_of(field.name, sides.state, sides.actual), heal)
    if key.operation in ("update", "replace"):
        for name in _WISHES:
            sides = Sides.of(name, state, state, wanted)
            yield from difference(subject, name, sides, Change.PROPERTY_CHANGED, DEPLOY)
    if rotates:
        yield from _rotation(subject, state, wanted, now)


def _rotation(subject: Subject, state: Properties, wanted: Properties, now: datetime) -> Iterator[Finding]:
    """Yield a due rotation; one that a new token asks for is a change not deployed yet, and reported as that."""
    due, rotation = state.get("next_rotation_at"), as_rotation(state.get("rotation"))
    if not due or rotation is None or wanted.get("rotate_now") != state.get("rotate_now"):
        return
    if now >= parse_instant(due):
        overdue = now - parse_instant(due) > rotation.overlap
        change = Change.ROTATION_OVERDUE if overdue else Change.ROTATION_DUE
        yield subject.finding(change, "rotation", due, state.get("rotated_at"), DEPLOY)


def _pending_value(subject: Subject, key: PlannedResource, version: PlannedResource) -> Iterator[Finding]:
    """Yield a new value for the same key: the endpoint, format or titles in the secret were changed in the program."""
    if key.operation == "same" and version.operation == "replace" and "secretString" in version.differing:
        wanted, actual = "the program's format and fields", "the deployed ones"
        yield subject.finding(Change.NOT_DEPLOYED, "secret.value", wanted, actual, DEPLOY)


def _of_superseded(subject: Subject, retired: PlannedResource, now: datetime) -> Iterator[Finding]:
    actual = {entry["hash"]: entry for entry in (retired.actual or {}).get("keys") or []}
    for entry in (retired.state or {}).get("keys") or []:
        state, found = entry.get("state"), actual.get(entry["hash"], entry).get("state")
        if state == DELETED:
            continue
        if state != found:
            change, heal = Change.SUPERSEDED_KEY_ENABLED, REFRESH
            yield subject.finding(change, f"superseded key {entry['hash'][:12]}", state, found, heal)
        elif state == HELD:
            name = f"superseded key {entry['hash'][:12]}"
            yield subject.finding(
                Change.VALUE_SUPERSEDED, name, "the current key is stored", "the secret holds it", REFRESH
            )
        elif entry.get("retires_at") and now >= parse_instant(entry["retires_at"]):
            retires_at = format_instant(parse_instant(entry["retires_at"]))
            change, name = Change.SUPERSEDED_KEY_DUE, f"superseded key {entry['hash'][:12]}"
            yield subject.finding(change, name, f"deleted from {retires_at}", state, DEPLOY)


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


def has_expired(key: Properties, now: datetime) -> bool:
    """Return whether a key's expiry has passed."""
    expires_at = instant(key, "expires_at")
    return expires_at is not None and expires_at <= now


def instant(props: Mapping[str, Any], name: str) -> datetime | None:
    """Return an instant of a resource, None where it has none."""
    text = props.get(name)
    return parse_instant(str(text)) if text else None


def _expiry(
    subject: Subject, state: Properties, actual: Properties, wanted: Properties, now: datetime, notice: timedelta
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


def _schedule(subject: Subject, state: Properties, now: datetime) -> Iterator[Finding]:
    """Yield what is wrong with the times of a rotating key, whoever's clock made them."""
    rotation, due = as_rotation(state.get("rotation")), instant(state, "next_rotation_at")
    yield from _too_late(subject, "rotated_at", instant(state, "rotated_at"), now)
    if rotation is None:
        return
    if due is None:
        yield subject.finding(Change.ROTATION_STOPPED, "next_rotation_at", "a time", None, DEPLOY)
    yield from _too_late(subject, "next_rotation_at", due, now + rotation.every)


def _retirements(subject: Subject, state: Properties, now: datetime) -> Iterator[Finding]:
    for entry in state.get("keys") or []:
        latest = now + parse_duration(str(entry.get("overlap") or overlap_of(state)))
        if entry.get("state") != DELETED:
            name = f"superseded key {entry['hash'][:12]}"
            yield from _too_late(subject, name, instant(entry, "retires_at"), latest)


def _too_late(subject: Subject, name: str, moment: datetime | None, latest: datetime) -> Iterator[Finding]:
    if moment and moment > latest + LARGEST_SKEW:
        wanted = f"at most {format_instant(latest)}"
        yield subject.finding(Change.SCHEDULE_IMPOSSIBLE, name, wanted, format_instant(moment), DEPLOY)
