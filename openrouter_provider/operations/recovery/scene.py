"""Everything that a recovery looks at outside the stack's own state, gathered once, by reads alone."""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace

from ...api.client import ManagementClient
from ...api.errors import NotFound, ResponseError
from ...api.models import KeyRecord
from ...resources.creation_notes import CreationNote
from ...stores.aws.recovery import find_secret
from ...stores.custody import no_config
from ..stack.deployment import keys_if_there, list_workspace_ids
from ..stack.holders import Ask, Config, Place, ask_store, places_in
from ..stack.orphans import Claim, orphans
from ..stack.pending import Checkpoint, PendingOperation, access_for, pending_operations, workspaces_of
from ..stack.siblings import OtherStacks
from .orphan_keys import Records, orphan_steps
from .orphan_objects import Orphan, find_objects, find_orphan_objects, is_unknown, orphan_object_steps
from .steps import Step, Survey, plan_recovery

NOBODY = OtherStacks()


@dataclass(frozen=True)
class Sources:
    """What there is to look at beside the stack's state and the account.

    Attributes:
        prefix: what the names of the stack's keys begin with, without a trailing slash.
        default: the prefix that it has where the config names none.
        others: returns what the project's other stacks know.
        configured: returns the secrets that the config names, given the state and the services of orphan keys.
        notes: returns the creations that were begun in this folder and never answered.
        ask: returns what a secret holds now.
        config: looks a full config key of the stack up.
        refuse_away: raises where a store of the state's secrets answers nobody.
    """

    prefix: str
    default: str
    others: Callable[[], OtherStacks] = OtherStacks
    configured: Callable[[Checkpoint, Collection[str]], Sequence[Place]] = lambda _deployment, _services: ()
    notes: Callable[[], Sequence[CreationNote]] = tuple
    ask: Ask = ask_store
    config: Config = no_config
    refuse_away: Callable[[Checkpoint], None] = lambda _deployment: None


@dataclass(frozen=True)
class Scene:
    """What was found.

    Attributes:
        deployment: the stack's exported state.
        survey: what the account and AWS have.
        records: what tells whose a key is.
        objects: guardrails, BYOK keys and others of the stack's names that its state does not know.
        others: the project's other stacks; empty where nothing depended on them.
    """

    deployment: Checkpoint
    survey: Survey
    records: Records
    objects: Sequence[Orphan] = ()
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

    def orphan_steps(self, decided: Collection[str]) -> list[Step]:
        """Return what is to be done about the keys and objects that no pending operation explains.

        Args:
            decided: the targets of the steps for pending operations.
        """
        keys = orphans(self.records.claim, self.listed, self.others)
        known = self.others.ids.union(decided)
        objects = [each for each in self.objects if is_unknown(each, self.records.claim, known, self.others.names)]
        return [
            *orphan_steps(self.records, [key for key in keys if key.hash not in decided], self.others.doubt),
            *orphan_object_steps(objects, self.records, self.others.doubt),
        ]

    def places(self, stack: str, around: Sources) -> list[Place]:
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
    open_client: Callable[[], ManagementClient], deployment: Checkpoint, records: Records, around: Sources
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
    objects = find_orphan_objects(
        open_client, list(survey.keys), lambda orphan: is_unknown(orphan, records.claim, ids, ())
    )
    scene = Scene(deployment, survey, records, objects)
    # After the account: what another stack made by then is in its state, or noted there.
    return replace(scene, others=around.others()) if scene.depends_on_others else scene


def _shares(claim: Claim, deployment: Checkpoint) -> bool:
    """Return whether a stack's state names anything under one of the prefixes."""
    begins = tuple(f"{prefix}/" for prefix in claim.prefixes)
    return any(name.startswith(begins) for name in _names(deployment))


def _names(deployment: Checkpoint) -> Iterator[str]:
    for resource in deployment.get("resources") or []:
        name = (resource.get("inputs") or {}).get("name")
        if isinstance(name, str):
            yield name


def look_around(
    open_client: Callable[[], ManagementClient], deployment: Checkpoint, operations: Sequence[PendingOperation]
) -> Survey:
    """Return the keys of every workspace, and of other things those of the names that the operations were to give.

    Args:
        open_client: opens the API.
        deployment: the exported state.
        operations: its pending operations.

    Raises:
        OpenRouterError: the API could not be read.
    """
    asked_for = {operation.workspace_id for operation in operations if operation.may_have_made_a_key}
    objects = [operation for operation in operations if operation.may_have_made_an_object]
    secrets = [operation for operation in operations if operation.may_have_made_a_secret]
    with open_client() as client:
        gone = {each for each in _workspaces(operations) if is_gone(client, each)}
        certain = {workspace: client.list_keys(workspace_id=workspace) for workspace in {None, *asked_for} - gone}
        others = workspaces_of(deployment).union(list_workspace_ids(client)) - asked_for
        return Survey(
            {**certain, **{workspace: keys_if_there(client, workspace) for workspace in others}},
            {
                operation.urn: find_secret(operation.physical_name, access_for(deployment, operation))
                for operation in secrets
            },
            {
                (operation.urn, operation.physical_name): find_objects(client, operation)
                for operation in objects
                if operation.workspace_id not in gone
            },
        )


def _workspaces(operations: Sequence[PendingOperation]) -> set[str]:
    made = [each for each in operations if each.may_have_made_a_key or each.may_have_made_an_object]
    return {each.workspace_id for each in made if each.workspace_id is not None}


def is_gone(client: ManagementClient, workspace_id: str) -> bool:
    """Return whether a workspace was deleted, with everything in it; only the API's own 404 says so."""
    try:
        client.get_workspace(workspace_id)
    except NotFound:
        return True
    except ResponseError:
        return False  # An account may list what is in a workspace that it may not read.
    return False
