"""Drift around a service's secret: the secret itself, what describes it, and who may read it.

What AWS's policies and recovery window mean is known here; the other stores say which properties to watch.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from ...keys.fields import is_unknown, same
from ...stores.aws.access import command
from ...stores.aws.policy import added_grants, cure, deleted_readers, lost_principals, normal_policy
from ...stores.reading import READINGS, StoreReading
from ...stores.value import Properties
from .findings import DEPLOY, REFRESH, Change, Finding, Sides, Subject, difference, plain
from .plan import API_KEY, SECRET, SECRET_POLICY, PlannedResource

_FIELDS = ("description", "kmsKeyId", "tags")
_WISHES = ("name", "recoveryWindowInDays")
_AWS_OWN_KEY = "alias/aws/secretsmanager"


def aws_secret_findings(subject: Subject, parts: Mapping[str, PlannedResource]) -> Iterator[Finding]:
    """Yield the findings of a service's secret in AWS.

    Args:
        subject: the service.
        parts: its resources by kind.
    """
    secret = parts.get(SECRET)
    if secret is None or secret.state is None or secret.actual is None:
        return  # What is not there is reported of the service as a whole.
    yield from _properties(subject, secret, secret.state, secret.actual)
    yield from _readers(subject, secret, parts.get(SECRET_POLICY))


def _properties(subject: Subject, secret: PlannedResource, state: Properties, actual: Properties) -> Iterator[Finding]:
    wanted = secret.wanted if secret.wanted is not None else state
    for name in _FIELDS:
        sides = Sides.of(name, _spelled(state), _spelled(actual), _spelled(wanted))
        deploy = _own_key(state) if name == "kmsKeyId" and sides.wanted is None else DEPLOY
        yield from difference(subject, f"secret.{name}", sides, Change.PROPERTY_CHANGED, REFRESH, deploy)
    for name in _WISHES:
        if name in wanted:
            sides = Sides.of(name, state, state, wanted)
            yield from difference(subject, f"secret.{name}", sides, Change.PROPERTY_CHANGED, DEPLOY)


def _spelled(secret: Properties) -> Properties:
    """Return a secret's properties with AWS's own key spelled as AWS answers it: as none."""
    return {**secret, "kmsKeyId": None} if str(secret.get("kmsKeyId")).endswith(_AWS_OWN_KEY) else secret


def _own_key(secret: Properties) -> str:
    """Return how a secret loses the key that the program has taken out: Pulumi's package for AWS sends nothing."""
    name = str(secret.get("arn") or secret.get("name"))
    update = command(f"update-secret --kms-key-id {_AWS_OWN_KEY}", name)
    return f"AWS keeps a secret's key until another is named: run `{update}`, then `{REFRESH}`"


def _readers(subject: Subject, secret: PlannedResource, policy: PlannedResource | None) -> Iterator[Finding]:
    declared = (policy.state or {}).get("policy") if policy else None
    wanted = (policy.wanted or {}).get("policy") if policy else None
    source = policy if policy and policy.state is not None else secret
    actual = (source.actual or {}).get("policy")
    before, now, wish = normal_policy(declared), normal_policy(actual), normal_policy(wanted)
    if now not in (before, wish):
        yield _changed(subject, declared, actual, secret.state or {})
    if before != wish and not is_unknown(wanted):
        yield subject.finding(Change.NOT_DEPLOYED, "secret.policy", plain(wish), plain(now), DEPLOY)


def _changed(subject: Subject, declared: str | None, actual: str | None, secret: Properties) -> Finding:
    before, now = normal_policy(declared), normal_policy(actual)
    added, deleted = added_grants(declared, actual), deleted_readers(actual)
    heal = REFRESH if before else _undeclared(secret)
    if added:
        adds = "adds " + "; ".join(added)
        return subject.finding(Change.POLICY_WIDENED, "secret.policy", plain(before), adds, heal)
    if deleted and before:
        lost = ", ".join(lost_principals(declared, actual))
        heal = f"a person must: {cure(str(secret.get('arn') or secret.get('name')), declared)}"
        return subject.finding(Change.READER_GONE, "secret.policy", lost, ", ".join(deleted), heal)
    return subject.finding(Change.POLICY_CHANGED, "secret.policy", plain(before), plain(now), heal)


def _undeclared(secret: Properties) -> str:
    delete = command("delete-resource-policy", str(secret.get("arn") or secret.get("name")))
    return f"a person must: the program declares no readers, so Pulumi doesn't manage the policy; run `{delete}`"


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
        state, actual = _part(part.state, name), _part(part.actual, name)
        if not same(plain(state), plain(actual)):
            change = _change(part.kind == reading.readers, state, actual)
            yield subject.finding(change, f"secret.{name}", plain(state), plain(actual), REFRESH)


def _part(properties: Properties | None, name: str) -> Any:
    """Return the property, or the part of one, that `metadata.labels` leads to; None where there is none."""
    found: Any = properties
    for step in name.split("."):
        found = found.get(step) if isinstance(found, Mapping) else None
    return found


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
    if part.kind == reading.value and _written(reading, state) != _written(reading, actual):
        return False
    return all(same(plain(_part(state, name)), plain(_part(actual, name))) for name in watched)


def _written(reading: StoreReading, value: Properties) -> object:
    """Return what changes with each write to what holds a value."""
    return reading.locate(value), reading.revision(value)
