"""Findings in a refresh preview: what changed behind Pulumi's back, what is due, what is not deployed yet."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from ..resources.api_key_inputs import as_rotation
from ..resources.api_key_state import FIELDS
from ..resources.fields import is_unknown, same
from ..schedule import format_instant, parse_instant
from .drift_plan import API_KEY, SECRET, SECRET_POLICY, SECRET_VERSION, SUPERSEDED_KEYS, PlannedResource, Props
from .drift_policy import added_grants, normal_policy
from .drift_severity import DEPLOY, REFRESH, Change, Finding, Subject, Value, change_of

_WISHES = ("rotation", "rotate_now", "emergency", "adopt_hash")
_SECRET_FIELDS = ("description", "kmsKeyId", "tags")
_SECRET_WISHES = ("name", "recoveryWindowInDays")
_RESTORE = (
    f"{REFRESH} makes the secret again with the same key; while AWS keeps the name for its recovery window, a person "
    "first runs: aws secretsmanager restore-secret --secret-id"
)
_NO_POLICY = (
    "a person must: the program declares no readers, so Pulumi doesn't manage the policy; run: "
    "aws secretsmanager delete-resource-policy --secret-id"
)


def plan_findings(stack: str, resources: Iterable[PlannedResource], now: datetime) -> Iterator[Finding]:
    """Yield the findings of a preview, service by service.

    Args:
        stack: its name.
        resources: what the preview says.
        now: decides which rotations and deletions are due.
    """
    services: dict[str, dict[str, PlannedResource]] = {}
    for resource in resources:
        services.setdefault(resource.service, {})[resource.kind] = resource
    for service, parts in services.items():
        yield from _service_findings(Subject(stack, service), parts, now)


def _service_findings(subject: Subject, parts: Mapping[str, PlannedResource], now: datetime) -> Iterator[Finding]:
    key, secret, version = parts.get(API_KEY), parts.get(SECRET), parts.get(SECRET_VERSION)
    if key:
        yield from _presence(subject, key)
        yield from _key_findings(subject, key, now)
    if secret and secret.state is not None:
        yield from _secret_findings(subject, secret)
        if secret.actual is not None:
            yield from _policy_findings(subject, secret, parts.get(SECRET_POLICY))
    if key and version:
        yield from _pending_value(subject, key, version)
    if SUPERSEDED_KEYS in parts:
        yield from _superseded_findings(subject, parts[SUPERSEDED_KEYS], now)


def _presence(subject: Subject, key: PlannedResource) -> Iterator[Finding]:
    if key.state is None:
        yield subject.finding(Change.NOT_DEPLOYED, "service", "declared", "not deployed", DEPLOY)
    elif key.operation == "delete":
        yield subject.finding(Change.NOT_DEPLOYED, "service", "not declared", "deployed", DEPLOY)


def _key_findings(subject: Subject, key: PlannedResource, now: datetime) -> Iterator[Finding]:
    if key.state is None:
        return
    if key.actual is None:
        heal = f"{REFRESH} makes a new key and stores it"
        yield subject.finding(Change.KEY_DELETED, "key", str(key.state.get("name")), None, heal)
        return
    rotates = key.wanted is not None and key.wanted.get("generation") != key.state.get("generation")
    for field in FIELDS:
        if field.if_declared and (key.wanted or key.state).get(field.name) is None:
            continue
        next_name = field.name == "name" and rotates
        wanted = key.state if next_name or key.wanted is None else key.wanted
        heal = f"{REFRESH} replaces the key" if field.replaces else REFRESH
        sides = _Sides.of(field.name, key.state, key.actual, wanted)
        yield from _difference(subject, field.name, sides, heal, field.alike)
    if key.operation in ("update", "replace"):
        for name in _WISHES:
            sides = _Sides.of(name, key.state, key.state, key.wanted or key.state)
            yield from _difference(subject, name, sides, DEPLOY)
    if rotates:
        yield from _rotation(subject, key.state, key.wanted or {}, now)


@dataclass(frozen=True)
class _Sides:
    """One property as the state, the world and the program have it."""

    state: Value
    actual: Value
    wanted: Value

    @classmethod
    def of(cls, name: str, state: Props, actual: Props, wanted: Props) -> Self:
        """Return the property of that name."""
        return cls(*(_plain(props.get(name)) for props in (state, actual, wanted)))


def _difference(
    subject: Subject, name: str, sides: _Sides, heal: str, alike: Callable[[Any, Any], bool] = same
) -> Iterator[Finding]:
    """Yield drift where the world left the state, and a pending change where the program did.

    Where the world already is as the program wishes, only the deployment is missing.
    """
    if not alike(sides.state, sides.actual) and not alike(sides.actual, sides.wanted):
        change = change_of(name, sides.state, sides.actual)
        yield subject.finding(change, name, sides.state, sides.actual, heal)
    if not alike(sides.state, sides.wanted) and not is_unknown(sides.wanted):
        yield subject.finding(Change.NOT_DEPLOYED, name, sides.wanted, sides.actual, DEPLOY)


def _plain(value: Any) -> Value:
    """Return a property's value as one that a finding holds; empty text and empty collections are none."""
    if value is None or value in ("", {}, []):
        return None
    return value if isinstance(value, str | int | float) else json.dumps(value, sort_keys=True)


def _rotation(subject: Subject, state: Props, wanted: Props, now: datetime) -> Iterator[Finding]:
    """Yield a due rotation; one that a new token asks for is a change not deployed yet, and reported as that."""
    due, rotation = state.get("next_rotation_at"), as_rotation(state.get("rotation"))
    if not due or rotation is None or wanted.get("rotate_now") != state.get("rotate_now"):
        return
    if now >= parse_instant(due):
        overdue = now - parse_instant(due) > rotation.overlap
        change = Change.ROTATION_OVERDUE if overdue else Change.ROTATION_DUE
        yield subject.finding(change, "rotation", due, state.get("rotated_at"), DEPLOY)


def _secret_findings(subject: Subject, secret: PlannedResource) -> Iterator[Finding]:
    state = secret.state or {}
    if secret.actual is None:
        name = str(state.get("name"))
        yield subject.finding(Change.SECRET_DELETED, "secret", name, None, f"{_RESTORE} {name}")
        return
    wanted = secret.wanted if secret.wanted is not None else state
    for name in _SECRET_FIELDS:
        sides = _Sides.of(name, state, secret.actual, wanted)
        yield from _difference(subject, f"secret.{name}", sides, REFRESH)
    for name in _SECRET_WISHES:
        if name in wanted:
            yield from _difference(subject, f"secret.{name}", _Sides.of(name, state, state, wanted), DEPLOY)


def _policy_findings(subject: Subject, secret: PlannedResource, policy: PlannedResource | None) -> Iterator[Finding]:
    declared = (policy.state or {}).get("policy") if policy else None
    wanted = (policy.wanted or {}).get("policy") if policy else None
    source = policy if policy and policy.state is not None else secret
    actual = (source.actual or {}).get("policy")
    before, now, wish = normal_policy(declared), normal_policy(actual), normal_policy(wanted)
    if now not in (before, wish):
        added = added_grants(declared, actual)
        change = Change.POLICY_WIDENED if added else Change.POLICY_CHANGED
        heal = REFRESH if before else f"{_NO_POLICY} {(secret.state or {}).get('name')}"
        shown = "adds " + "; ".join(added) if added else _plain(now)
        yield subject.finding(change, "secret.policy", _plain(before), shown, heal)
    if before != wish and not is_unknown(wanted):
        yield subject.finding(Change.NOT_DEPLOYED, "secret.policy", _plain(wish), _plain(now), DEPLOY)


def _pending_value(subject: Subject, key: PlannedResource, version: PlannedResource) -> Iterator[Finding]:
    """Yield a new value for the same key: the endpoint, format or titles in the secret were changed in the program."""
    if key.operation == "same" and version.operation == "replace" and "secretString" in version.differing:
        wanted, actual = "the program's format and fields", "the deployed ones"
        yield subject.finding(Change.NOT_DEPLOYED, "secret.value", wanted, actual, DEPLOY)


def _superseded_findings(subject: Subject, retired: PlannedResource, now: datetime) -> Iterator[Finding]:
    actual = {entry["hash"]: entry for entry in (retired.actual or {}).get("keys") or []}
    for entry in (retired.state or {}).get("keys") or []:
        state, found = entry.get("state"), actual.get(entry["hash"], entry).get("state")
        if state == "deleted":
            continue
        if state != found:
            change, heal = Change.SUPERSEDED_KEY_ENABLED, REFRESH
            yield subject.finding(change, f"superseded key {entry['hash'][:12]}", state, found, heal)
        elif now >= parse_instant(entry["retires_at"]):
            retires_at = format_instant(parse_instant(entry["retires_at"]))
            change, name = Change.SUPERSEDED_KEY_DUE, f"superseded key {entry['hash'][:12]}"
            yield subject.finding(change, name, f"deleted from {retires_at}", state, DEPLOY)
