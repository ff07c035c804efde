"""Workspaces, guardrails and BYOK keys that an interrupted run may have left, with or without a pending operation.

Pulumi forgets a creation that failed because the provider itself died, whatever the creation had made by then.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ...api.byok import ByokRecord
from ...api.client import ManagementClient
from ...api.errors import InvalidResponse, NotFound, ResponseError
from ...api.guardrails import GuardrailRecord
from ...stores.aws.access import PROVIDER_TYPE, SECRET_TYPE
from ..stack.orphans import Claim, drawn_for
from ..stack.pending import (
    BYOK_TYPE,
    FORGOTTEN,
    GUARDRAIL_TYPE,
    SERVICE_TYPE,
    Checkpoint,
    PendingOperation,
    pending_operations,
)
from .orphan_keys import Records
from .steps import Action, FoundObject, Step, adopt_command

NOT_LISTED = (400, 401, 403, 404)
Listed = GuardrailRecord | ByokRecord


@dataclass(frozen=True)
class Orphan:
    """One of them, and what uses it, in a few words; empty where nothing is known to."""

    record: Listed
    use: str = ""


def find_orphan_objects(
    open_client: Callable[[], ManagementClient],
    workspaces: Collection[str | None],
    is_orphan: Callable[[Listed], bool],
) -> list[Orphan]:
    """Return the orphan ones in these workspaces, with what uses each.

    Args:
        open_client: opens the API.
        workspaces: where to look.
        is_orphan: decides of each.
    """
    with open_client() as client:
        listed = {record.id: record for workspace in workspaces for record in _listed(client, workspace)}
        return [
            Orphan(record, use_of_guardrail(client, record.id) if isinstance(record, GuardrailRecord) else "")
            for record in listed.values()
            if is_orphan(record)
        ]


def _listed(client: ManagementClient, workspace_id: str | None) -> list[Listed]:
    """Return a workspace's guardrails and BYOK keys; what is gone or may not be listed has none to be found."""
    found: list[Listed] = []
    for listing in (client.list_guardrails, client.list_byok_keys):
        try:
            found += listing(workspace_id=workspace_id)
        except (ResponseError, InvalidResponse) as error:
            if error.status not in NOT_LISTED:
                raise
    return found


def is_unknown(record: Listed, claim: Claim, ids: Collection[str], names: Collection[str]) -> bool:
    """Return whether an object is named as the stack draws its names, and nothing knows it.

    Args:
        record: the object.
        claim: what the stack calls its own.
        ids: those that a state of the project knows, or that were decided about.
        names: those that another stack of the project is making.
    """
    name = record.name or ""
    return record.id not in ids and name not in names and _drawn_for(name, claim) is not None


def _drawn_for(name: str, claim: Claim) -> str | None:
    found = (drawn_for(name, prefix) for prefix in sorted(claim.prefixes))
    return next(filter(None, found), None)


def orphan_object_steps(orphans: Sequence[Orphan], records: Records, doubt: str = "") -> list[Step]:
    """Return what is to be done about each.

    A guardrail that is assigned to nobody is deleted if the note of its creation says that it is this project's. A
    BYOK key is left: any request of its workspace may use it, and nothing shows whether somebody keeps it on purpose.

    Args:
        orphans: what find_orphan_objects returned.
        records: what tells whose they are.
        doubt: which of the project's stacks could not be read; empty where all could.
    """
    return [_step(orphan, records, doubt) for orphan in orphans]


def _step(orphan: Orphan, records: Records, doubt: str) -> Step:
    record, name = orphan.record, orphan.record.name or ""
    kind = GUARDRAIL_TYPE if isinstance(record, GuardrailRecord) else BYOK_TYPE
    operation = PendingOperation(FORGOTTEN, f"::{_drawn_for(name, records.claim)}", kind, {"name": name})
    note = records.note_of(name)
    lost = note is not None and not note.is_going_on
    if lost and not orphan.use and not doubt and kind == GUARDRAIL_TYPE:
        reason = "its creation was noted in this folder and never answered; it is assigned to nobody"
        return Step(operation, Action.DELETE_OBJECT, reason, record.id)
    why = orphan.use or doubt or ("it may be used" if lost else "nothing proves that this stack made it")
    reason = f"no state knows it, but {why}: delete it on OpenRouter, or {adopt_command(operation, record.id)}"
    return Step(operation, Action.LEAVE, reason, record.id)


def missing_secrets(deployment: Checkpoint, prefix: str) -> list[PendingOperation]:
    """Return, for each service in the state without a secret, the creation that may have made one and failed.

    None where the state has no provider of AWS: the secrets are elsewhere, or none was ever tried.

    Args:
        deployment: the exported state.
        prefix: the stack's name prefix; a secret whose name the config chooses otherwise is not looked for.
    """
    resources = deployment.get("resources") or []
    providers = [f"{each.get('urn')}::{each.get('id')}" for each in resources if each.get("type") == PROVIDER_TYPE]
    if not providers:
        return []
    noted = {operation.urn for operation in pending_operations(deployment)}
    known = noted | {str(each.get("urn")) for each in resources}
    wanted = [_creation(each, prefix, providers[0]) for each in resources if each.get("type") == SERVICE_TYPE]
    return [operation for operation in wanted if operation.urn not in known]


def _creation(component: Mapping[str, Any], prefix: str, provider: str) -> PendingOperation:
    parent = str(component.get("urn"))
    path, _, service = parent.rpartition("::")
    stack = path.removeprefix("urn:pulumi:").partition("::")[0]
    inputs = {"name": f"{prefix}/{service}/openrouter", "tags": {"Service": service, "Environment": stack}}
    return PendingOperation(FORGOTTEN, f"{path}${SECRET_TYPE}::{service}", SECRET_TYPE, inputs, parent, provider)


def find_objects(client: ManagementClient, operation: PendingOperation) -> list[FoundObject]:
    """Return the objects of exactly the name that the operation was to give, known to the state or not.

    Args:
        client: opens the API.
        operation: the pending creation of a workspace, a guardrail or a BYOK key.
    """
    name, workspace_id = operation.physical_name, operation.workspace_id
    if name is None:
        return []
    if operation.type.endswith(GUARDRAIL_TYPE):
        guardrails = client.list_guardrails(workspace_id=workspace_id)
        return [FoundObject(each.id, use_of_guardrail(client, each.id)) for each in guardrails if each.name == name]
    if operation.type.endswith(BYOK_TYPE):
        return [FoundObject(each.id) for each in client.list_byok_keys(workspace_id=workspace_id) if each.name == name]
    try:
        return [FoundObject(client.get_workspace(name).id)]
    except NotFound:
        return []


def use_of_guardrail(client: ManagementClient, guardrail_id: str) -> str:
    """Return whom a guardrail applies to; a guardrail that was just deleted applies to nobody."""
    try:
        assigned = [*client.list_key_assignments(guardrail_id), *client.list_member_assignments(guardrail_id)]
    except NotFound:
        return ""
    return f"it is assigned to {len(assigned)} keys or members" if assigned else ""


def delete_unused_object(client: ManagementClient, operation: PendingOperation, id_: str) -> str:
    """Delete a guardrail or a BYOK key after one more look; return what uses it by now, empty where it was deleted."""
    try:
        if operation.type.endswith(BYOK_TYPE):
            client.delete_byok_key(id_)
            return ""
        use = use_of_guardrail(client, id_)
        if not use:
            client.delete_guardrail(id_)
    except NotFound:
        return ""  # Somebody else deleted it, which is what was wanted.
    return use
