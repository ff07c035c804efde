"""Drift of a service's keys: the one in use and those before it."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from ...keys.inputs import as_rotation
from ...keys.overlap import DELETED, HELD
from ...keys.schedule import format_instant, parse_instant
from ...keys.state import FIELDS
from .plan import API_KEY, SECRET_VERSION, SUPERSEDED_KEYS, PlannedResource, Props
from .severity import DEPLOY, REFRESH, Change, Finding, Subject, change_of
from .sides import Sides, difference, known

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


def _of_the_current(subject: Subject, key: PlannedResource, state: Props, now: datetime) -> Iterator[Finding]:
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


def _rotation(subject: Subject, state: Props, wanted: Props, now: datetime) -> Iterator[Finding]:
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
