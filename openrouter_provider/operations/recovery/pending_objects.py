"""Workspaces, guardrails and BYOK keys that an interrupted run may have made: looked up by their exact names."""

from ...api.client import ManagementClient
from ...api.errors import NotFound
from ..stack.pending import BYOK_TYPE, GUARDRAIL_TYPE, PendingOperation
from .steps import FoundObject


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
