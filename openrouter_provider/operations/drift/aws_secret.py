"""Drift around a secret in AWS: the secret itself, its description, tags and key, and who may read it."""

from collections.abc import Iterator, Mapping

from ...keys.fields import is_unknown
from ...stores.aws.access import command
from ...stores.aws.grants import added_grants, deleted_principals, lost_principals, normal_policy
from ...stores.aws.policy import cure
from ...stores.value import Properties
from .plan import SECRET, SECRET_POLICY, PlannedResource
from .severity import DEPLOY, REFRESH, Change, Finding, Subject
from .sides import Sides, difference, plain

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
    added, deleted = added_grants(declared, actual), deleted_principals(actual)
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
