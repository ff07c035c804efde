"""What is to be done about each operation that an interrupted run left: pure decisions over what was found."""

import shlex
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum

from ...api.creating.creation import is_ours
from ...api.models import KeyRecord
from ...config.problems import config_step
from ...keys.state import family, name_at_creation
from ...keys.tokens import own_type
from ...resources.around import kinds
from ...settings import MANAGED_BY_TAG, PROJECT
from ...stores.aws.access import SECRET_TYPE
from ...stores.aws.recovery import FoundSecret
from ...stores.reading import READINGS
from ..stack.pending import (
    CREATING,
    UPDATING,
    Checkpoint,
    PendingOperation,
    known_hashes,
    pending_operations,
)

# By the ends of their type tokens: a dynamic resource's begins with what Pulumi calls its kind.
REPEATABLE_TYPES = (
    "openrouter:SupersededKeys",
    "openrouter:WorkspaceBudget",
    "openrouter:GuardrailAssignment",
    *(own_type(kind.__name__) for kind in kinds() if kind.provider_class.repeatable),
    *(kind for reading in READINGS for kind in reading.repeatable),
)


class Action(Enum):
    """What is done about something that an interrupted operation left."""

    DELETE_KEY = "delete the key"
    DELETE_SECRET = "delete the empty secret"  # noqa: S105 - not a credential
    DELETE_OBJECT = "delete it"
    DROP = "drop the entry"
    LEAVE = "left for you"


ENCRYPTED_NAME = "its name is encrypted in the state"
DELETING = frozenset({Action.DELETE_KEY, Action.DELETE_SECRET, Action.DELETE_OBJECT})


@dataclass(frozen=True)
class FoundObject:
    """An object beside the keys, of the very name that an operation was to give.

    Attributes:
        id: its id.
        use: what uses it, in a few words; empty where nothing is known to.
    """

    id: str
    use: str = ""


@dataclass(frozen=True)
class Survey:
    """What was found outside the state.

    Attributes:
        keys: by workspace.
        secrets: by URN; None where there is no such secret.
        objects: by URN and name, since an operation may have been cut off twice.
    """

    keys: Mapping[str | None, Sequence[KeyRecord]] = field(default_factory=dict)
    secrets: Mapping[str, FoundSecret | None] = field(default_factory=dict)
    objects: Mapping[tuple[str, str | None], Sequence[FoundObject]] = field(default_factory=dict)


@dataclass(frozen=True)
class Step:
    """One thing to do about one pending operation.

    Attributes:
        operation: the entry it belongs to.
        action: what is done.
        reason: why, in one line.
        target: the hash or ARN that is acted on or was found, empty where there is none.
    """

    operation: PendingOperation
    action: Action
    reason: str
    target: str = ""


def plan_recovery(
    deployment: Checkpoint, survey: Survey, elsewhere: Collection[str] = (), ids_elsewhere: Collection[str] = ()
) -> list[Step]:
    """Return what is to be done about each pending operation, at least one step for each.

    Args:
        deployment: the exported state.
        survey: what was found on OpenRouter and in AWS.
        elsewhere: the hashes that other stacks of the project know.
        ids_elsewhere: the ids of their resources.
    """
    known = known_hashes(deployment).union(elsewhere)
    ids = {str(resource.get("id")) for resource in deployment.get("resources") or []}.union(ids_elsewhere)
    return [
        step
        for operation in pending_operations(deployment)
        for step in _steps(operation, survey, known, frozenset(ids))
    ]


def _steps(operation: PendingOperation, survey: Survey, known: Collection[str], ids: Collection[str]) -> list[Step]:
    if operation.may_have_made_a_key:
        return _key_steps(operation, survey.keys.get(operation.workspace_id, ()), known)
    if operation.may_have_made_a_secret:
        return [secret_step(operation, survey.secrets.get(operation.urn), ids)]
    if operation.may_have_made_an_object:
        return _object_steps(operation, survey.objects.get((operation.urn, operation.physical_name), ()), ids)
    return [_harmless_step(operation)]


def _harmless_step(operation: PendingOperation) -> Step:
    """Return what is to be done where nothing needs to be looked for, or nobody knows how."""
    if operation.kind != CREATING:
        reason = "the state still has the resource; `pulumi up --refresh` sees how it is and goes on"
        return Step(operation, Action.DROP, reason)
    if operation.is_key or operation.inputs.get("adopt_id") is not None:
        reason = "it takes an existing object over and makes none; the next up does it again"
        return Step(operation, Action.DROP, reason)
    if operation.is_component:
        return Step(operation, Action.DROP, "it only groups others, and nothing was made outside the state")
    if operation.type.endswith(REPEATABLE_TYPES) or _is_provider(operation):
        return Step(operation, Action.DROP, "doing it twice is the same as once; the next up does it again")
    reason = "look whether it exists; import it with `pulumi import` or delete it, then run `pulumi refresh`"
    return Step(operation, Action.LEAVE, reason)


def _is_provider(operation: PendingOperation) -> bool:
    return operation.type.startswith("pulumi:providers:")


def _key_steps(operation: PendingOperation, listed: Sequence[KeyRecord], known: Collection[str]) -> list[Step]:
    if operation.physical_name is None:
        return [Step(operation, Action.LEAVE, f"{ENCRYPTED_NAME}: look for the key by hand")]
    # A key whose name the program gives is made under a drawn one, and gets its own afterwards.
    names = {operation.physical_name, name_at_creation(operation.inputs)}
    found = [record for record in listed if record.name in names and record.hash not in known]
    if found:
        return [_key_step(operation, record, known) for record in found]
    reason = "no change was lost" if operation.kind == UPDATING else "no key was made"
    return [Step(operation, Action.DROP, f"{reason}: there is no key of this name that the state does not know")]


def _key_step(operation: PendingOperation, record: KeyRecord, known: Collection[str]) -> Step:
    if not is_ours(record, record.name, known, None):
        reason = "it was used, so somebody has its value: delete it, or `openrouter-keys adopt` it; then recover again"
        return Step(operation, Action.LEAVE, reason, record.hash)
    if record.name not in family(operation.inputs, operation.inputs):
        reason = "its name was given, not drawn, so it may be another stack's: delete it if it is nobody's"
        return Step(operation, Action.LEAVE, reason, record.hash)
    return Step(operation, Action.DELETE_KEY, "its value was lost and it was never used", record.hash)


def _object_steps(operation: PendingOperation, found: Sequence[FoundObject], ids: Collection[str]) -> list[Step]:
    if operation.physical_name is None:
        return [Step(operation, Action.LEAVE, f"{ENCRYPTED_NAME}; delete it, or {adopt_command(operation, 'ID')}")]
    lost = [_object_step(operation, each) for each in found if each.id not in ids]
    nothing = "none was made: there is none of this name that the state does not know"
    return lost or [Step(operation, Action.DROP, nothing)]


def _object_step(operation: PendingOperation, found: FoundObject) -> Step:
    doubt = found.use
    if not operation.inputs.get("name_seed"):
        doubt = "its name was given, not drawn, so it may be somebody else's"
    if doubt:
        reason = f"{doubt}: delete it on OpenRouter, or {adopt_command(operation, found.id)}"
        return Step(operation, Action.LEAVE, reason, found.id)
    return Step(operation, Action.DELETE_OBJECT, "no state knows it, nothing uses it; the next up makes it", found.id)


def secret_step(operation: PendingOperation, found: FoundSecret | None, ids: Collection[str]) -> Step:
    """Return what is to be done about a secret that a creation may have made.

    Args:
        operation: the creation.
        found: what AWS says of its name.
        ids: the ids of the resources in the state.
    """
    if found is None:
        return Step(operation, Action.DROP, "no secret was made")
    if found.problem:
        return Step(operation, Action.LEAVE, found.problem)
    if found.arn in ids:
        return Step(operation, Action.DROP, "the state has the secret", found.arn)
    if found.is_being_deleted:
        reason = (
            "it is scheduled for deletion: restore and import it, or delete it with --force-delete-without-recovery"
        )
        return Step(operation, Action.LEAVE, reason, found.arn)
    if found.has_value or not is_our_secret(operation, found.tags):
        why = "it has a value" if found.has_value else "its tags are not this stack's"
        return Step(operation, Action.LEAVE, f"{why}; to keep it: {import_command(operation, found.arn)}", found.arn)
    return Step(operation, Action.DELETE_SECRET, "it has no value and the next up makes it again", found.arn)


def is_our_secret(operation: PendingOperation, tags: Mapping[str, str]) -> bool:
    """Return whether a secret's tags say that this very operation made it: ours, and each tag that it was to get."""
    wanted = {**(operation.inputs.get("tags") or {}), **MANAGED_BY_TAG}
    return "Service" in wanted and all(tags.get(tag) == value for tag, value in wanted.items())


def import_command(operation: PendingOperation, arn: str) -> str:
    """Return the command that takes an existing secret into the state, where the program expects it."""
    parent = f" --parent {operation.parent.rpartition('::')[2]}='{operation.parent}'" if operation.parent else ""
    return f"pulumi import {SECRET_TYPE} {operation.service} '{arn}'{parent} --protect=false, then recover again"


def adopt_command(operation: PendingOperation, id_: str) -> str:
    """Return how an existing object of OpenRouter's comes into the state, where the program expects it."""
    if not operation.config_section:
        return "take it over: `pulumi import`, or adopt_id in your own program, up, recover again"
    path = shlex.quote(f"{PROJECT}:{operation.config_section}{config_step(operation.service)}.adopt")
    return f"take it over: pulumi config set --path {path} {id_} (adopt_id in your own program), up, recover again"


def is_settled(steps: Sequence[Step]) -> bool:
    """Return whether no step is left for a person, so that the entries may be dropped once the others are done."""
    return all(step.action is not Action.LEAVE for step in steps)
