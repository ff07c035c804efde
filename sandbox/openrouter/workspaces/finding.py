"""Which workspace a request means."""

from starlette.requests import Request

from sandbox.openrouter.errors import ApiError
from sandbox.openrouter.store import Account
from sandbox.openrouter.workspaces.records import Workspace


def workspace_of(account: Account, request: Request) -> Workspace:
    """Return the workspace that a path names by id or slug; raise ApiError 404 when there is none such."""
    workspace = account.workspace(request.path_params["id"])
    if workspace is None:
        raise ApiError(404, "Workspace not found")
    return workspace


def check_workspace(account: Account, workspace_id: str | None) -> None:
    """Raise ApiError 400 for a workspace the account doesn't have; none given is fine."""
    if workspace_id is not None and workspace_id not in account.workspaces:
        raise ApiError(400, "workspace_id: workspace not found")
