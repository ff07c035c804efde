"""Services without a stored key: what the program wants is the measure, not what the state happens to hold."""

import shlex
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace

from pydantic import SecretStr

from ...stores.custody import Held, held_now
from ...stores.reading import READINGS, StoreReading, may_be_sent
from ...stores.value import Access, Existing, SecretUnreadable
from .findings import DEPLOY, REFRESH, Change, Finding, Subject
from .plan import API_KEY, SERVICE, PlannedResource, by_service
from .secrets import SECRETS_AT_ONCE, AskLabel

Reaches = Callable[[PlannedResource], Access]
"""Returns how a resource's own provider reaches its store."""


@dataclass(frozen=True)
class Absent:
    """A service whose stored key the state does not have, or whose secret is gone.

    Attributes:
        service: its name.
        label: the masked form of its key.
        store: where the secret should be.
        secret: the secret, as far as anybody knows of it.
        component: the URN of what the service's resources are in; empty where they are in none.
    """

    service: str
    label: str
    store: StoreReading
    secret: PlannedResource
    component: str = ""

    @property
    def deleted(self) -> bool:
        """Whether the state has the secret, and the world has not."""
        return _is_deleted(self.secret)


@dataclass(frozen=True)
class Seen:
    """What the store has in the place of an absent value.

    Attributes:
        held: what a service would read.
        existing: the secret itself; None where there is none.
        problem: why the store could not be asked, in one line.
    """

    held: Held = field(default_factory=Held)
    existing: Existing | None = None
    problem: str = ""


LookAt = Callable[[Absent], Seen]


def undeployed_findings(
    stack: str, resources: Iterable[PlannedResource], declared: Collection[str] = ()
) -> Iterator[Finding]:
    """Yield the services without a key in the state: not deployed yet, or lost by a run that failed.

    Args:
        stack: its name.
        resources: what the preview says.
        declared: the services that the config declares, where the preview did not come to saying so.
    """
    services = by_service(resources)
    for service, parts in services:
        key = parts.get(API_KEY)
        if key is not None and key.state is None and key.operation != "delete":
            yield _without_key(Subject(stack, service), parts)
    with_key = {service for service, parts in services if API_KEY in parts}
    for service in sorted(set(declared) - with_key):
        yield _without_key(Subject(stack, service), dict(services).get(service, {}))


def _without_key(subject: Subject, parts: Mapping[str, PlannedResource]) -> Finding:
    if any(part.state is not None for part in parts.values()):
        heal = f"`{DEPLOY}` makes the key and stores it"
        return subject.finding(Change.KEY_MISSING, "key", "a key", None, heal)
    return subject.finding(Change.NOT_DEPLOYED, "service", "declared", "not deployed", DEPLOY)


def absent_values(resources: Iterable[PlannedResource]) -> list[Absent]:
    """Return the services whose key the state has and whose stored value it has not, and the secrets that are gone."""
    found = []
    for service, parts in by_service(resources):
        key, component = parts.get(API_KEY), parts.get(SERVICE)
        label = str((key.state if key and key.state else {}).get("label") or "")
        for store in READINGS:
            secret = parts.get(store.secret)
            if secret and (_is_deleted(secret) or (label and _is_absent(secret, parts.get(store.value)))):
                found.append(Absent(service, label, store, secret, component.urn if component else ""))
    return found


def _is_deleted(secret: PlannedResource) -> bool:
    return secret.state is not None and secret.actual is None and secret.wanted is not None


def _is_absent(secret: PlannedResource, value: PlannedResource | None) -> bool:
    """Return whether the program wants a value in this secret, and the state has not both."""
    if value is None or value.wanted is None:
        return False
    return secret.state is None or value.state is None


def unstored_findings(
    stack: str, resources: Iterable[PlannedResource], declared: Collection[str] = ()
) -> Iterator[Finding]:
    """Yield the services of which the state has a key and no stored value, where the preview broke off before those.

    Args:
        stack: its name.
        resources: what the state has.
        declared: the services that the config declares.
    """
    for service, parts in by_service(resources):
        key = parts.get(API_KEY)
        if service in declared and key and key.state and not any(store.value in parts for store in READINGS):
            heal = f"a person must: mend what the preview failed for; then `{DEPLOY}` stores the key"
            subject, label = Subject(stack, service), str(key.state.get("label"))
            yield subject.finding(Change.VALUE_MISSING, "secret", label, None, heal)


def absent_findings(stack: str, absent: Iterable[Absent], look: LookAt) -> Iterator[Finding]:
    """Yield one finding of each service without a stored value.

    Args:
        stack: its name.
        absent: the services.
        look: says what the store has in its place.
    """

    def judged(one: Absent) -> Finding:
        return judge_absent(Subject(stack, one.service), one, look(one))

    with ThreadPoolExecutor(SECRETS_AT_ONCE) as pool:
        yield from pool.map(judged, absent)


def looking(reach: Reaches, ask: AskLabel) -> LookAt:
    """Return what looks a service's secret up in its store.

    Args:
        reach: says how a secret's provider reaches the store.
        ask: returns a key's label, None where it does not authenticate.
    """

    def look(absent: Absent) -> Seen:
        access, secret = reach(absent.secret), absent.secret
        reference = absent.store.reference(secret.state or secret.wanted or {}, access)
        if not reference:
            return Seen()
        held = held_now(absent.store, reference, access)
        if held.key is not None and not _is_its_own(held.key, absent.label, ask):
            held = replace(held, key=None)
        try:
            return Seen(held, absent.store.existing(reference, access), held.problem)
        except SecretUnreadable as error:
            return Seen(held, problem=str(error))

    return look


def _is_its_own(key: SecretStr, label: str, ask: AskLabel) -> bool:
    return may_be_sent(key, label) and ask(key) == label


def judge_absent(subject: Subject, absent: Absent, seen: Seen) -> Finding:
    """Return what it means that a service's stored value is not where the state should have it.

    Args:
        subject: the service.
        absent: what is missing.
        seen: what the store has in its place; a key in it is the service's own, and works.
    """
    if absent.deleted:
        name = absent.store.named(absent.secret.state or {})
        if seen.held.problem:
            heal = f"a person must: look into the store that it was written to; `{REFRESH}` would make another one"
            return subject.finding(Change.SECRET_UNREADABLE, "secret", name, seen.held.problem, heal)
        return subject.finding(Change.SECRET_DELETED, "secret", name, None, _made_again(seen.existing))
    part = "secret" if absent.secret.state is None else "secret.value"
    stored = seen.held.key is not None
    actual = "the key, in a secret that the state has not" if stored else seen.problem or None
    if absent.secret.state is not None:
        if stored:
            return subject.finding(Change.NOT_DEPLOYED, part, "in the state", "stored, and not in the state", DEPLOY)
        heal = f"`{DEPLOY}` stores the key, as soon as what refused the last run allows it"
        return subject.finding(Change.VALUE_MISSING, part, absent.label, actual, heal)
    if seen.existing is None:
        heal = f"`{DEPLOY}` makes the secret and stores the key"
        return subject.finding(Change.VALUE_MISSING, part, absent.label, actual, heal)
    change, heal = Change.VALUE_MISSING, _taken_over(absent, seen.existing, ours=stored)
    return subject.finding(change, part, absent.label, actual or "a secret that the state has not", heal)


def _made_again(existing: Existing | None) -> str:
    if existing and existing.restore:
        return f"`{existing.restore}` takes the deletion back; then `{REFRESH}`"
    return f"`{REFRESH}` makes the secret again with the same key"


def _taken_over(absent: Absent, existing: Existing, *, ours: bool) -> str:
    """Return how a secret that is there already becomes this service's, or makes room for it."""
    steps = " and ".join(f"`{step}`" for step in (existing.restore, _import(absent, existing.id)) if step)
    if ours and steps:
        return f"{steps}, which takes it into the state; then `{DEPLOY}`"
    if steps:
        how = f"where it is this service's own, run {steps}, then `{DEPLOY}`"
    else:
        how = f"to give up what it holds, run `{existing.give_up}`, then `{DEPLOY}`"
    return f"a person must, since a secret of that name exists: {how}; otherwise set another secretName"


def _import(absent: Absent, id_: str) -> str:
    if not id_:
        return ""
    words = ["pulumi", "import", absent.store.secret, absent.service, id_]
    if absent.component:
        words += ["--parent", f"service={absent.component}"]
    provider = absent.secret.provider.rpartition("::")[0]
    if provider and "::default" not in provider:
        words += ["--provider", f"provider={provider}"]
    return f"{shlex.join(words)} --protect=false --generate-code=false"
