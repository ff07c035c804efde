"""Drift around the secrets of stores other than AWS: the secret itself, its marks, and who may read it.

What AWS's policies and recovery window mean is in aws_secret; the other stores say which properties to watch.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ...resources.fields import same
from ...stores.reading import READINGS, StoreReading
from .plan import API_KEY, PlannedResource
from .severity import DEPLOY, REFRESH, Change, Finding, Subject, Value

_CHANGES = ("update", "replace", "create", "delete")


def store_findings(stack: str, resources: Iterable[PlannedResource]) -> Iterator[Finding]:
    """Yield the findings of a preview about secrets in stores that name what to watch.

    Args:
        stack: its name.
        resources: what the preview says.
    """
    services: dict[str, dict[str, PlannedResource]] = {}
    for resource in resources:
        services.setdefault(resource.service, {})[resource.kind] = resource
    for service, parts in services.items():
        for reading in READINGS:
            if reading.watched and reading.secret in parts and API_KEY in parts:
                yield from _findings(Subject(stack, service), reading, parts)


def _findings(subject: Subject, reading: StoreReading, parts: Mapping[str, PlannedResource]) -> Iterator[Finding]:
    secret = parts[reading.secret]
    if secret.state is None:
        return  # The service as a whole is not deployed yet, which is reported of its key.
    if secret.actual is None:
        heal = f"{REFRESH} makes the secret again with the same key"
        yield subject.finding(Change.SECRET_DELETED, "secret", str(secret.state.get("name")), None, heal)
        return
    for kind in reading.kinds:
        if kind in parts:
            yield from _drifted(subject, reading, parts[kind])
            yield from _pending(subject, reading, parts[kind], rotates=parts[API_KEY].operation != "same")


def _drifted(subject: Subject, reading: StoreReading, part: PlannedResource) -> Iterator[Finding]:
    for name in reading.watched.get(part.kind, ()) if part.state else ():
        state, actual = (part.state or {}).get(name), (part.actual or {}).get(name)
        if not same(_plain(state), _plain(actual)):
            change = _change(part.kind == reading.readers, state, actual)
            yield subject.finding(change, f"secret.{name}", _plain(state), _plain(actual), REFRESH)


def _change(readers: bool, state: Any, actual: Any) -> Change:
    if not readers:
        return Change.PROPERTY_CHANGED
    # What a policy's text grants is not read here: any change of it counts as a widening.
    added = isinstance(actual, list) and set(actual) - set(state or [])
    return Change.POLICY_WIDENED if added or isinstance(actual, str) else Change.POLICY_CHANGED


def _pending(subject: Subject, reading: StoreReading, part: PlannedResource, *, rotates: bool) -> Iterator[Finding]:
    """Yield what only the program changed; a value that differs because its key rotates is reported of the key."""
    if part.operation not in _CHANGES or (part.kind == reading.value and rotates):
        return
    if part.state is None or part.operation == "delete":
        what = ("declared", "not deployed") if part.state is None else ("not declared", "deployed")
        yield subject.finding(Change.NOT_DEPLOYED, f"secret.{part.kind.rpartition(':')[2]}", *what, DEPLOY)
        return
    touched = part.actual is None or not _is_as_left(reading, part)
    for name in () if touched else part.differing:
        yield subject.finding(Change.NOT_DEPLOYED, f"secret.{name}", "the program's", "the deployed one", DEPLOY)


def _is_as_left(reading: StoreReading, part: PlannedResource) -> bool:
    """Return whether the world still has what the state has, as far as the two can be compared."""
    state, actual = part.state or {}, part.actual or {}
    watched = reading.watched.get(part.kind, ())
    if part.kind == reading.value and reading.locate(state) != reading.locate(actual):
        return False
    return all(same(_plain(state.get(name)), _plain(actual.get(name))) for name in watched)


def _plain(value: Any) -> Value:
    if value is None or value in ("", {}, []):
        return None
    return value if isinstance(value, str | int | float) else json.dumps(value, sort_keys=True)
