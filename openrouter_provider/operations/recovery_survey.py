"""What there is outside the state that an interrupted run may have made: reads alone."""

from collections.abc import Callable, Sequence

from ..api.client import ManagementClient
from ..api.errors import NotFound, ResponseError
from .deployment import keys_if_there, list_workspace_ids
from .lost_objects import find_objects
from .lost_secrets import find_secret
from .pending import Deployment, PendingOperation, workspaces_of
from .recovery_plan import Survey


def look_around(
    open_client: Callable[[], ManagementClient], deployment: Deployment, operations: Sequence[PendingOperation]
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
            {operation.urn: find_secret(deployment, operation) for operation in secrets},
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
