"""The secrets in which a key may be current, and whether one of them is a reason to leave a key alone.

Nothing is deleted that a secret holds: a state that is older than the world does not know the keys of later rotations,
and only the store does (docs/adr/0010, 0011).
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from ...api.errors import OpenRouterError
from ...api.models import KeyRecord
from ...stores.aws.access import access_of
from ...stores.catalog import STORES
from ...stores.custody import Held, held_now, no_config, place_of
from ...stores.reading import AWS, READINGS, StoreReading
from ...stores.value import Access, settings_of
from .pending import Checkpoint

Config = Callable[[str], str | None]
"""Looks a full config key up; a provider's own keys are there, and in no state in the clear."""


def reached_by(deployment: Checkpoint, resource: Mapping[str, Any], reading: StoreReading, config: Config) -> Access:
    """Return how the provider of a resource reaches its store.

    Args:
        deployment: the exported state, which has the provider's settings.
        resource: one of its resources, or one that was to be made.
        reading: the store.
        config: the stack's config.
    """
    resources = deployment.get("resources") or []
    is_aws = reading.store == AWS.store
    own = settings_of(resources, str(resource.get("provider") or ""))
    access = access_of(resources, resource) if is_aws else reading.reached(own.get)
    return reading.with_keys(access, config)


def noted_accesses(deployment: Checkpoint) -> dict[tuple[str, str], Access]:
    """Return how each secret is reached, by store and reference, where a key's inputs note it."""
    pending = [each.get("resource") or {} for each in deployment.get("pending_operations") or []]
    places = [place_of(each.get("inputs") or {}) or {} for each in (*(deployment.get("resources") or []), *pending)]
    return {(str(each["store"]), str(each["reference"])): each["access"] for each in places if each.get("access")}


def accesses_in(deployment: Checkpoint, references: Iterable[str], config: Config) -> dict[str, Access]:
    """Return by its reference how each secret is reached of which the reference doesn't tell the store.

    Args:
        deployment: the exported state.
        references: the secrets.
        config: the stack's config.
    """
    noted, found = noted_accesses(deployment), {}
    for reference in references:
        reading = next((each for each in READINGS if reference.startswith(f"{each.scheme}:")), None)
        if reading and not reading.home({}):
            found[reference] = reading.with_keys(noted.get((reading.store, reference), {}), config)
    return found


READS_AT_ONCE = 8


@dataclass(frozen=True)
class Place:
    """A secret in which a service finds its key.

    Attributes:
        stack: whose service.
        service: the service.
        reference: names the secret to its store.
        reading: the store.
        access: how the store is reached.
    """

    stack: str
    service: str
    reference: str
    reading: StoreReading = field(repr=False)
    access: Access = field(default_factory=dict, repr=False)

    def __str__(self) -> str:
        name = self.reference.partition(":secret:")[2] or self.reference
        return f"secret {name} of service {self.service} in stack {self.stack}"


@dataclass(frozen=True)
class Look:
    """What a place holds at this moment."""

    place: Place
    held: Held


Ask = Callable[[Place], Held]


def ask_store(place: Place) -> Held:
    """Return what the place holds now; a store whose package is missing could not be read."""
    try:
        return held_now(place.reading, place.reference, place.access)
    except OpenRouterError as error:
        return Held(problem=str(error))


def look_into(places: Sequence[Place], ask: Ask) -> list[Look]:
    """Return what each place holds now."""
    with ThreadPoolExecutor(READS_AT_ONCE) as pool:
        return [Look(place, held) for place, held in zip(places, pool.map(ask, places), strict=True)]


def places_in(stack: str, deployment: Checkpoint, config: Config = no_config) -> list[Place]:
    """Return the secrets that a stack's state names, in every store, and those that its keys are said to be kept in.

    Args:
        stack: the stack's name.
        deployment: its exported state.
        config: its config, which has what no state has in the clear.
    """
    pending = [each.get("resource") or {} for each in deployment.get("pending_operations") or []]
    found = [
        place
        for resource in (*(deployment.get("resources") or []), *pending)
        for place in _places(stack, deployment, resource, config)
    ]
    # Of several ways to a secret, one to the very store that it was written to says more.
    best = sorted(found, key=lambda place: not place.reading.home(place.access))
    return list({(place.reading.store, place.reference): place for place in reversed(best)}.values())


def _places(stack: str, deployment: Checkpoint, resource: Mapping[str, Any], config: Config) -> Iterator[Place]:
    service = str(resource.get("urn") or "").rpartition("::")[2]
    for reading, reference in _references(resource):
        yield Place(stack, service, reference, reading, reached_by(deployment, resource, reading, config))
    kept = place_of(resource.get("inputs") or {}) or {}
    store = STORES.get(str(kept.get("store")))
    if store and isinstance(kept.get("reference"), str):
        access = store.reading.with_keys(kept.get("access") or {}, config)
        yield Place(stack, service, kept["reference"], store.reading, access)


def _references(resource: Mapping[str, Any]) -> Iterator[tuple[StoreReading, str]]:
    for reading in READINGS:
        if resource.get("type") == reading.value:
            with suppress(KeyError, TypeError):  # It was never made.
                yield reading, reading.locate(resource.get("outputs") or {})[0]
        elif resource.get("type") == reading.secret and resource.get("id"):
            id_ = str(resource["id"])
            yield reading, id_ if id_.startswith(f"{reading.scheme}:") else f"{reading.scheme}:{id_}"


@dataclass(frozen=True)
class Question:
    """A key that is about to be deleted.

    Attributes:
        record: the key.
        stack: whose orphan it is.
        service: the service that its name was drawn for.
        rotated: whether its name is drawn from the seed of a key in the state, as a rotation's is: its value may have
            been stored.
        orphan: whether no operation in the state names it.
    """

    record: KeyRecord
    stack: str
    service: str
    rotated: bool = False
    orphan: bool = False


def reason_to_keep(question: Question, looks: Sequence[Look], strangers: Iterable[KeyRecord], doubt: str = "") -> str:
    """Return why the key must be left, in one line with what to do; empty where it may go.

    Args:
        question: the key.
        looks: what each secret holds now, in which it could be.
        strangers: the account's other keys that no state of the project knows.
        doubt: which of the project's stacks could not be read; empty where all could.
    """
    label = question.record.label
    holding = [look.place for look in looks if not look.held.problem and look.held.may_be(label)]
    if holding:
        return _held(question, holding[0])
    own = [look for look in looks if (look.place.stack, look.place.service) == (question.stack, question.service)]
    for look in (*own, *looks):
        if look.held.problem:
            return f"{look.place} could not be read ({look.held.problem}), and may hold it: mend that, recover again"
    if question.rotated:
        if question.orphan and not own:
            return "a rotation made it, and no secret is known in which its service would have it: delete it if unused"
        for look in own:
            if any(look.held.is_of(each.label) for each in strangers if each.hash != question.record.hash):
                return f"{look.place} holds a later key that no state knows: this state is older; delete it if unused"
    if doubt and (question.orphan or question.rotated):
        return f"{doubt}, and may know it: mend or remove that stack, and recover again; or delete it if it is nobody's"
    return ""


def _held(question: Question, place: Place) -> str:
    if question.rotated:
        return f"{place} holds it, and this state is older than the rotation that made it: `pulumi up` takes it over"
    way_out = f"`openrouter-keys adopt {question.record.hash} {question.service}` takes it over"
    return f"{place} holds it, so it is in use: {way_out}, or `pulumi up` stores another key, then recover again"


def strangers_among(listed: Iterable[KeyRecord], known: Collection[str]) -> list[KeyRecord]:
    """Return the account's keys that no state knows."""
    return [record for record in listed if record.hash not in known]
