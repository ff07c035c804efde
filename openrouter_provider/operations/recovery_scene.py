"""Everything that a recovery looks at outside the stack's own state, gathered once, by reads alone."""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace

from ..api.client import ManagementClient
from ..api.models import KeyRecord
from ..resources.creation_notes import CreationNote
from ..stores.custody import no_config
from .holders import Ask, Place, ask_store, places_in
from .orphans import Claim, orphans
from .pending import Deployment, pending_operations
from .project_stacks import OtherStacks
from .recovery_plan import Step, Survey, plan_recovery
from .recovery_survey import look_around
from .store_access import Config
from .stray_keys import Records, stray_steps
from .stray_objects import Stray, find_stray_objects, is_unknown, stray_object_steps

NOBODY = OtherStacks()


@dataclass(frozen=True)
class Surroundings:
    """What there is to look at beside the stack's state and the account.

    Attributes:
        prefix: what the names of the stack's keys begin with, without a trailing slash.
        default: the prefix that it has where the config names none.
        others: returns what the project's other stacks know.
        configured: returns the secrets that the config names, given the state and the services of stray keys.
        notes: returns the creations that were begun in this folder and never answered.
        ask: returns what a secret holds now.
        config: looks a full config key of the stack up.
    """

    prefix: str
    default: str
    others: Callable[[], OtherStacks] = OtherStacks
    configured: Callable[[Deployment, Collection[str]], Sequence[Place]] = lambda _deployment, _services: ()
    notes: Callable[[], Sequence[CreationNote]] = tuple
    ask: Ask = ask_store
    config: Config = no_config


@dataclass(frozen=True)
class Scene:
    """What was found.

    Attributes:
        deployment: the stack's exported state.
        survey: what the account and AWS have.
        records: what tells whose a key is.
        objects: guardrails and BYOK keys of the stack's names that its state does not know.
        others: the project's other stacks; empty where nothing depended on them.
    """

    deployment: Deployment
    survey: Survey
    records: Records
    objects: Sequence[Stray] = ()
    others: OtherStacks = field(default=NOBODY)

    @property
    def listed(self) -> list[KeyRecord]:
        """Every key of the account, once."""
        found = {record.hash: record for records in self.survey.keys.values() for record in records}
        return list(found.values())

    @property
    def depends_on_others(self) -> bool:
        """Whether anything is there that another stack of the project may know."""
        noted = any(operation.may_have_made_something for operation in pending_operations(self.deployment))
        return noted or bool(self.objects) or bool(orphans(self.records.claim, self.listed, NOBODY))

    def pending_steps(self) -> list[Step]:
        """Return what is to be done about each pending operation."""
        return plan_recovery(self.deployment, self.survey, self.others.hashes, self.others.ids)

    def stray_steps(self, decided: Collection[str]) -> list[Step]:
        """Return what is to be done about the keys and objects that no pending operation explains.

        Args:
            decided: the targets of the steps for pending operations.
        """
        keys = orphans(self.records.claim, self.listed, self.others)
        known = self.others.ids.union(decided)
        objects = [
            each for each in self.objects if is_unknown(each.record, self.records.claim, known, self.others.names)
        ]
        return [
            *stray_steps(self.records, [key for key in keys if key.hash not in decided], self.others.doubt),
            *stray_object_steps(objects, self.records, self.others.doubt),
        ]

    def places(self, stack: str, around: Surroundings) -> list[Place]:
        """Return every secret that the stack's state and config name, and the states of stacks with its prefixes."""
        claim = self.records.claim
        services = {claim.service_of(each.name) for each in orphans(claim, self.listed, self.others)}
        siblings = [
            place
            for name, deployment in self.others.states.items()
            if _shares(claim, deployment)
            for place in places_in(name, deployment)
        ]
        own = places_in(stack, self.deployment, around.config)
        return [*own, *around.configured(self.deployment, services), *siblings]


def look_at_scene(
    open_client: Callable[[], ManagementClient], deployment: Deployment, records: Records, around: Surroundings
) -> Scene:
    """Return everything that there is to see.

    Args:
        open_client: opens the API.
        deployment: the stack's exported state.
        records: what tells whose a key is.
        around: where else to look.

    Raises:
        OpenRouterError: the API could not be read.
    """
    survey = look_around(open_client, deployment, pending_operations(deployment))
    ids = {str(resource.get("id")) for resource in deployment.get("resources") or []}
    objects = find_stray_objects(
        open_client, list(survey.keys), lambda record: is_unknown(record, records.claim, ids, ())
    )
    scene = Scene(deployment, survey, records, objects)
    # After the account: what another stack made by then is in its state, or noted there.
    return replace(scene, others=around.others()) if scene.depends_on_others else scene


def _shares(claim: Claim, deployment: Deployment) -> bool:
    """Return whether a stack's state names anything under one of the prefixes."""
    begins = tuple(f"{prefix}/" for prefix in claim.prefixes)
    return any(name.startswith(begins) for name in _names(deployment))


def _names(deployment: Deployment) -> Iterator[str]:
    for resource in deployment.get("resources") or []:
        name = (resource.get("inputs") or {}).get("name")
        if isinstance(name, str):
            yield name
