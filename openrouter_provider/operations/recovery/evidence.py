"""What speaks for and against a key when recover decides about it; asked again just before a deletion.

The secrets that the stack's config names are part of it: the state may not have them.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ...api.models import KeyRecord
from ...config.source import RawConfig
from ...stores.aws.access import PROVIDER_TYPE, access_from
from ...stores.catalog import STORES
from ...stores.refusals import DEFAULT_STORE, default_secret_name
from ...stores.value import ENVIRONMENT, ENVIRONMENTS_ACCESS, FROM, Access
from ..stack.holders import (
    Ask,
    Look,
    Place,
    Question,
    look_into,
    noted_accesses,
    reached_by,
    reason_to_keep,
    strangers_among,
)
from ..stack.orphans import Claim
from ..stack.pending import FORGOTTEN, SERVICE_TYPE, Checkpoint
from ..stack.siblings import OtherStacks
from .steps import Action, Step


@dataclass(frozen=True)
class Evidence:
    """What speaks for a key and against it.

    Attributes:
        stack: whose recovery it is.
        claim: what the stack calls its own.
        listed: the account's keys.
        others: the project's other stacks.
        places: every secret in which a key of them may be current.
        ask: reads one.
    """

    stack: str
    claim: Claim
    listed: Sequence[KeyRecord]
    others: OtherStacks
    places: Sequence[Place]
    ask: Ask = field(repr=False)

    def spared(self, steps: Sequence[Step]) -> list[Step]:
        """Return the steps; those that would delete a key that a secret may hold leave it, and say why."""
        deleting = [step for step in steps if step.action is Action.DELETE_KEY]
        looks = look_into(self.places, self.ask) if deleting else []
        records = {record.hash: record for record in self.listed}
        return [self._spared(step, records[step.target], looks) if step in deleting else step for step in steps]

    def spared_now(self, step: Step, record: KeyRecord) -> Step:
        """Return the step after another look into every secret.

        Args:
            step: deletes a key.
            record: the key as it is now.
        """
        return self._spared(step, record, look_into(self.places, self.ask))

    def _spared(self, step: Step, record: KeyRecord, looks: Sequence[Look]) -> Step:
        claim, name = self.claim, record.name
        question = Question(
            record,
            self.stack,
            step.operation.service,
            rotated=name in claim.drawn,
            orphan=step.operation.kind == FORGOTTEN,
        )
        strangers = strangers_among(self.listed, claim.known | self.others.hashes)
        reason = reason_to_keep(question, looks, strangers, self.others.doubt)
        return replace(step, action=Action.LEAVE, reason=reason) if reason else step


Get = Mapping[str, str]


def configured_places(
    stack: str, prefix: str, config: RawConfig, deployment: Checkpoint, values: Get, also: Iterable[str] = ()
) -> list[Place]:
    """Return the secret of each service in the config, in the state or named, by its wish or by the default name.

    A config with mistakes counts as far as it can be understood.

    Args:
        stack: the stack's name.
        prefix: its name prefix of today.
        config: the project's settings.
        deployment: the exported state.
        values: the whole config by full key.
        also: more services, which a key was drawn for.
    """
    wishes = dict(config.wishes)
    resources = deployment.get("resources") or []
    components = {str(each.get("urn")).rpartition("::")[2] for each in resources if each.get("type") == SERVICE_TYPE}
    defaults = _mapping(config.settings.get("defaults"))
    in_aws = any(_store(defaults, wish) == "aws" for wish in wishes.values()) or bool(_providers(deployment))
    if in_aws:
        wishes |= {name: {"store": "aws"} for name in sorted({*components, *also} - set(wishes))}
    return [
        Place(stack, name, reference, STORES[store].reading, access)
        for name, wish in wishes.items()
        for store in [_store(defaults, wish)]
        for own in [{**_mapping(defaults.get(store)), **_mapping(wish.get(store))}]
        for reference in [STORES[store].reference(_secret_name(store, prefix, name, wish), own, values.get)]
        if reference
        for access in (_accesses(deployment, values) if store == "aws" else _homes(store, deployment, values))
    ]


def _homes(store: str, deployment: Checkpoint, values: Get) -> list[Access]:
    """Return each store of this kind that the state notes for any secret, and the one that the config names.

    An address of the environment alone is nobody's word that a lost secret was stored there.
    """
    reading = STORES[store].reading
    here = reading.here(values.get)
    noted = [access for (kind, _), access in noted_accesses(deployment).items() if kind == store]
    found = [*noted, *([here] if here and here.get(FROM) != ENVIRONMENT else [])] or [ENVIRONMENTS_ACCESS]
    return [reading.with_keys(each, values.get) for each in {reading.home(each): each for each in found}.values()]


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _store(defaults: Mapping[str, Any], wish: Mapping[str, Any]) -> str:
    named = wish.get("store") or defaults.get("store")
    return named if isinstance(named, str) and named in STORES else DEFAULT_STORE


def _secret_name(store: str, prefix: str, service: str, wish: Mapping[str, Any]) -> str:
    named = wish.get("secretName")
    return named if isinstance(named, str) and named else default_secret_name(store, prefix, service)


def _providers(deployment: Checkpoint) -> list[Mapping[str, Any]]:
    """Return the stack's AWS providers, each as a resource that goes through it."""
    resources = deployment.get("resources") or []
    return [
        {"provider": f"{each.get('urn')}::{each.get('id')}"} for each in resources if each.get("type") == PROVIDER_TYPE
    ]


def _accesses(deployment: Checkpoint, values: Get) -> list[Access]:
    """Return how each of the stack's AWS providers reaches AWS; before the first run, how the config says."""
    reading = STORES["aws"].reading
    found = [reached_by(deployment, each, reading, values.get) for each in _providers(deployment)]
    configured = access_from(lambda name: values.get(f"aws:{name}"))
    return list({tuple(sorted(each.items())): each for each in (*found, configured)}.values())
