"""What beside the keys an interrupted run may have left, with or without a pending operation.

Pulumi forgets a creation that failed because the provider itself died, whatever the creation had made by then.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from ...api.client import ManagementClient
from ...api.errors import InvalidResponse, NotFound, ResponseError
from ...api.models import NamedRecord
from ...stores.aws.access import PROVIDER_TYPE, SECRET_TYPE
from ..stack.orphans import Claim, drawn_for
from ..stack.pending import FORGOTTEN, SERVICE_TYPE, Checkpoint, PendingOperation, pending_operations
from .named_kinds import NamedKind, kind_of, named_kinds
from .orphan_keys import Records
from .steps import Action, FoundObject, Step, adopt_command

NOT_LISTED = (400, 401, 403, 404)


@dataclass(frozen=True)
class Orphan:
    """One of them, and what uses it, in a few words; empty where nothing is known to."""

    id: str
    name: str
    kind: NamedKind
    use: str = ""


def find_orphan_objects(
    open_client: Callable[[], ManagementClient],
    workspaces: Collection[str | None],
    is_orphan: Callable[[Orphan], bool],
) -> list[Orphan]:
    """Return the orphan ones in these workspaces, with what uses each.

    Args:
        open_client: opens the API.
        workspaces: where to look.
        is_orphan: decides of each.
    """
    with open_client() as client:
        listed = {each.id: each for workspace in workspaces for each in _listed(client, workspace)}
        return [replace(each, use=each.kind.use(client, each.id)) for each in listed.values() if is_orphan(each)]


def _listed(client: ManagementClient, workspace_id: str | None) -> Iterator[Orphan]:
    """Yield a workspace's objects of every kind; what is gone or may not be listed has none to be found."""
    for kind in named_kinds():
        try:
            yield from (Orphan(each.id, name_of(each), kind) for each in kind.listed(client, workspace_id))
        except (ResponseError, InvalidResponse) as error:
            if error.status not in NOT_LISTED:
                raise


def name_of(record: NamedRecord) -> str:
    """Return the name that an object bears; empty where it has none."""
    return str(getattr(record, "name", None) or "")


def is_unknown(orphan: Orphan, claim: Claim, ids: Collection[str], names: Collection[str]) -> bool:
    """Return whether an object is named as the stack draws its names, and nothing knows it.

    Args:
        orphan: the object.
        claim: what the stack calls its own.
        ids: those that a state of the project knows, or that were decided about.
        names: those that another stack of the project is making.
    """
    return orphan.id not in ids and orphan.name not in names and _drawn_for(orphan.name, claim) is not None


def _drawn_for(name: str, claim: Claim) -> str | None:
    found = (drawn_for(name, prefix) for prefix in sorted(claim.prefixes))
    return next(filter(None, found), None)


def orphan_object_steps(orphans: Sequence[Orphan], records: Records, doubt: str = "") -> list[Step]:
    """Return what is to be done about each.

    One that nobody uses is deleted if the note of its creation says that it is this project's. A BYOK key is left: any
    request of its workspace may use it, and nothing shows whether somebody keeps it on purpose.

    Args:
        orphans: what find_orphan_objects returned.
        records: what tells whose they are.
        doubt: which of the project's stacks could not be read; empty where all could.
    """
    return [_step(orphan, records, doubt) for orphan in orphans]


def _step(orphan: Orphan, records: Records, doubt: str) -> Step:
    service = _drawn_for(orphan.name, records.claim)
    operation = PendingOperation(FORGOTTEN, f"::{service}", orphan.kind.type, {"name": orphan.name})
    note = records.note_of(orphan.name)
    lost = note is not None and not note.is_going_on
    if lost and not orphan.use and not doubt and not orphan.kind.may_be_meant:
        reason = "its creation was noted in this folder and never answered; nothing uses it"
        return Step(operation, Action.DELETE_OBJECT, reason, orphan.id)
    why = orphan.use or doubt or ("it may be used" if lost else "nothing proves that this stack made it")
    reason = f"no state knows it, but {why}: delete it on OpenRouter, or {adopt_command(operation, orphan.id)}"
    return Step(operation, Action.LEAVE, reason, orphan.id)


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
        operation: the pending creation of an object beside the keys.
    """
    name, kind = operation.physical_name, kind_of(operation.type)
    if name is None:
        return []
    if kind:
        named = [each for each in kind.listed(client, operation.workspace_id) if name_of(each) == name]
        return [FoundObject(each.id, kind.use(client, each.id)) for each in named]
    try:
        return [FoundObject(client.get_workspace(name).id)]
    except NotFound:
        return []


def delete_unused_object(client: ManagementClient, operation: PendingOperation, id_: str) -> str:
    """Delete an object after one more look; return what uses it by now, empty where it was deleted."""
    kind = kind_of(operation.type)
    if kind is None:
        return "a workspace is deleted by a person alone"
    use = kind.use(client, id_)
    if not use:
        with suppress(NotFound):  # Somebody else deleted it, which is what was wanted.
            kind.delete(client, id_)
    return use
