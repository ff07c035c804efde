"""Drift around the secrets of stores other than AWS: the secret itself, its marks, and who may read it.

What AWS's policies and recovery window mean is in aws_secret; the other stores say which properties to watch.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from ...keys.fields import same
from ...stores.reading import READINGS, StoreReading
from .plan import API_KEY, PlannedResource
from .severity import DEPLOY, REFRESH, Change, Finding, Subject
from .sides import plain

_CHANGES = ("update", "replace", "create", "delete")


def store_findings(subject: Subject, parts: Mapping[str, PlannedResource]) -> Iterator[Finding]:
    """Yield the findings of a service's secret in a store that names what to watch.

    Args:
        subject: the service.
        parts: its resources by kind.
    """
    for reading in READINGS:
        if reading.watched and reading.secret in parts and API_KEY in parts:
            yield from _findings(subject, reading, parts)


def _findings(subject: Subject, reading: StoreReading, parts: Mapping[str, PlannedResource]) -> Iterator[Finding]:
    secret = parts[reading.secret]
    if secret.state is None or secret.actual is None:
        return  # What is not there is reported of the service as a whole.
    for kind in reading.kinds:
        if kind in parts:
            yield from _drifted(subject, reading, parts[kind])
            yield from _pending(subject, reading, parts[kind], rotates=parts[API_KEY].operation != "same")


def _drifted(subject: Subject, reading: StoreReading, part: PlannedResource) -> Iterator[Finding]:
    for name in reading.watched.get(part.kind, ()) if part.state else ():
        state, actual = (part.state or {}).get(name), (part.actual or {}).get(name)
        if not same(plain(state), plain(actual)):
            change = _change(part.kind == reading.readers, state, actual)
            yield subject.finding(change, f"secret.{name}", plain(state), plain(actual), REFRESH)


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
    return all(same(plain(state.get(name)), plain(actual.get(name))) for name in watched)
