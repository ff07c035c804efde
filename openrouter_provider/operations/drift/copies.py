"""Drift of what copies a service's secret into a cluster: a pod finds its key there and nowhere else."""

from collections.abc import Iterator, Mapping
from typing import Any

from ...keys.fields import same
from ...stores.value import Properties
from .findings import DEPLOY, REFRESH, Change, Finding, Subject, plain
from .plan import API_KEY, COPY, PlannedResource

_PART = "externalSecret"


def copy_findings(subject: Subject, parts: Mapping[str, PlannedResource]) -> Iterator[Finding]:
    """Yield the findings of a service's ExternalSecret.

    Args:
        subject: the service.
        parts: its resources by kind.
    """
    copy, key = parts.get(COPY), parts.get(API_KEY)
    if copy is None or key is None or key.state is None or key.operation == "delete":
        return  # What is not deployed, or goes, is reported of the service as a whole.
    if copy.state is None:
        yield subject.finding(Change.NOT_DEPLOYED, _PART, "declared", "not deployed", DEPLOY)
    elif copy.operation == "delete":
        yield subject.finding(Change.NOT_DEPLOYED, _PART, "not declared", "deployed", DEPLOY)
    elif copy.actual is None:
        heal = f"`{REFRESH}` makes it again"
        yield subject.finding(Change.SECRET_DELETED, _PART, _place(copy.state), None, heal)
    else:
        changed = list(_changed(subject, _spec(copy.state), _spec(copy.actual)))
        yield from changed or _pending(subject, copy, rotates=key.operation != "same")


def _changed(subject: Subject, state: Properties, actual: Properties) -> Iterator[Finding]:
    for name in sorted({*state, *actual}):
        before, now = plain(state.get(name)), plain(actual.get(name))
        if not same(before, now):
            yield subject.finding(Change.PROPERTY_CHANGED, f"{_PART}.{name}", before, now, REFRESH)


def _pending(subject: Subject, copy: PlannedResource, *, rotates: bool) -> Iterator[Finding]:
    """Yield what only the program changed; that the stored value is another is told by a note, and reported of it."""
    if copy.operation in ("update", "replace") and not rotates:
        for name in copy.differing:
            if "annotations" not in name:
                wanted, actual = "the program's", "the deployed one"
                yield subject.finding(Change.NOT_DEPLOYED, f"{_PART}.{name}", wanted, actual, DEPLOY)


def _spec(properties: Properties) -> Properties:
    found: Any = properties.get("spec")
    return found if isinstance(found, Mapping) else {}


def _place(properties: Properties) -> str:
    metadata: Any = properties.get("metadata")
    return f"{metadata.get('namespace')}/{metadata.get('name')}" if isinstance(metadata, Mapping) else _PART
