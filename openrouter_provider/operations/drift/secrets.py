"""What a service would really read: the secret's current value, whose key it is, and whether it is accepted."""

from collections.abc import Callable, Collection, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime

from pydantic import SecretStr

from ...stores.reading import AWS, READINGS, SecretUnreadable, StoredValue, StoreReading, may_be_sent
from .findings import DEPLOY, Change, Finding, Subject
from .plan import API_KEY, PlannedResource, by_service
from .service_keys import has_expired

SECRETS_AT_ONCE = 16


@dataclass(frozen=True)
class ExpectedValue:
    """What the state says of a service's secret.

    Attributes:
        service: its name.
        reference: the secret.
        version_id: the version that Pulumi wrote.
        label: the masked form of the key in it.
        refused: whether the key is known to be refused: deleted, disabled or expired.
        store: where the secret is.
        resource: what holds its value.
    """

    service: str
    reference: str
    version_id: str
    label: str
    refused: bool = False
    store: StoreReading = AWS
    resource: PlannedResource = field(default_factory=lambda: PlannedResource("", "", ""))


Read = Callable[[ExpectedValue], StoredValue]
AskLabel = Callable[[SecretStr], str | None]


def expected_values(resources: Iterable[PlannedResource], now: datetime) -> list[ExpectedValue]:
    """Return what the state says of each secret that exists.

    Args:
        resources: what the preview says.
        now: decides which keys have expired.
    """
    found = []
    for service, parts in by_service(resources):
        key = parts.get(API_KEY)
        for store in READINGS:
            secret, value = parts.get(store.secret), parts.get(store.value)
            if not value or not value.state or not key or not key.state or not secret or not secret.actual:
                continue  # What is not there is reported of the service as a whole.
            refused = key.actual is None or bool(key.actual.get("disabled")) or has_expired(key.actual, now)
            reference, version_id = store.locate(value.state)
            label = str(key.state["label"])
            found.append(ExpectedValue(service, reference, version_id, label, refused, store, value))
    return found


def secret_findings(
    stack: str, expected: Iterable[ExpectedValue], superseded_labels: Collection[str], ask: AskLabel, read: Read
) -> Iterator[Finding]:
    """Yield at most one finding of each secret.

    Args:
        stack: its name.
        expected: what the state says.
        superseded_labels: the masked forms of the stack's superseded keys.
        ask: returns the label of a key, None where it does not authenticate.
        read: returns a secret's current version.
    """

    def look(value: ExpectedValue) -> Finding | None:
        subject = Subject(stack, value.service)
        try:
            stored = read(value)
        except SecretUnreadable as error:
            heal = f"a person must: allow {value.store.permission} to whoever runs this check"
            return subject.finding(Change.SECRET_UNREADABLE, "secret.value", "readable", str(error), heal)
        # Anything may have been pasted into a secret: only what looks like a key is shown to the API.
        label = ask(stored.key) if stored.key and may_be_sent(stored.key, value.label) else None
        return judge(subject, value, stored, label, superseded_labels)

    with ThreadPoolExecutor(SECRETS_AT_ONCE) as pool:
        yield from (finding for finding in pool.map(look, expected) if finding)


def judge(
    subject: Subject,
    expected: ExpectedValue,
    stored: StoredValue,
    label: str | None,
    superseded_labels: Collection[str] = (),
) -> Finding | None:
    """Return what is wrong with a secret's value, None where nothing is.

    Args:
        subject: the service.
        expected: what the state says.
        stored: what the secret holds.
        label: whose key that is; None where it does not authenticate.
        superseded_labels: the masked forms of the stack's superseded keys.
    """
    edited = stored.version_id != expected.version_id
    heal = expected.store.heal(expected.resource.urn)
    if label == expected.label:
        if not edited:
            return None
        version, found = f"version {expected.version_id}", f"version {stored.version_id} with the same key"
        return subject.finding(Change.VALUE_EDITED, "secret.value", version, found, heal)
    if label is not None:
        if not edited:
            heal = f"a person must: the state and the stored key disagree; set a new rotateNow, then run `{DEPLOY}`"
        if label in superseded_labels:
            way = heal if edited else DEPLOY
            return subject.finding(Change.VALUE_SUPERSEDED, "secret.key", expected.label, label, way)
        return subject.finding(Change.VALUE_OF_ANOTHER_KEY, "secret.key", expected.label, label, heal)
    return _refused(subject, expected, stored, heal)


def _refused(subject: Subject, expected: ExpectedValue, stored: StoredValue, heal: str) -> Finding | None:
    if stored.version_id != expected.version_id:
        found = "a value that does not authenticate" if stored.key else "a value without a key"
        change = Change.VALUE_REFUSED if not expected.refused else Change.VALUE_EDITED
        return subject.finding(
            change, "secret.value", f"version {expected.version_id}", f"edited by hand: {found}", heal
        )
    if expected.refused:
        return None  # The key itself is deleted, disabled or expired, and that is reported of the key.
    heal = f"a person must: the API refuses the very key that it lists; set a new rotateNow, then run `{DEPLOY}`"
    return subject.finding(Change.VALUE_REFUSED, "secret.key", expected.label, "refused", heal)
