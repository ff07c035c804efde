"""Routes under /workspaces: list, create, and one by id or slug."""

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from sandbox.openrouter.auth import manager
from sandbox.openrouter.errors import ApiError
from sandbox.openrouter.records import Workspace
from sandbox.openrouter.store import Account
from sandbox.openrouter.validation import (
    CreateWorkspace,
    ListWorkspaces,
    UpdateWorkspace,
    body_of,
    query_of,
    set_fields,
)


async def create(request: Request) -> JSONResponse:
    """Open a workspace."""
    account = manager(request)
    fields = set_fields(await body_of(request, CreateWorkspace))
    with account.lock:
        _check_slug(account, fields["slug"])
        workspace = Workspace(fields, account.now(), account.id)
        account.workspaces[workspace.id] = workspace
    return _show(account, workspace, 201)


async def list_page(request: Request) -> JSONResponse:
    """Show a page of workspaces in the order they were opened, and how many there are."""
    account = manager(request)
    query = query_of(request, ListWorkspaces)
    everything = list(account.workspaces.values())
    page = everything[query.offset : query.offset + query.limit]
    style = account.settings.timestamp_style
    return JSONResponse({"data": [w.record(style) for w in page], "total_count": len(everything)})


async def get(request: Request) -> JSONResponse:
    """Show one workspace."""
    account = manager(request)
    return _show(account, _find(account, request))


async def update(request: Request) -> JSONResponse:
    """Change the fields given and show the workspace."""
    account = manager(request)
    workspace = _find(account, request)
    fields = set_fields(await body_of(request, UpdateWorkspace))
    with account.lock:
        if fields.get("slug", workspace.slug) != workspace.slug:
            _check_slug(account, fields["slug"])
        workspace.fields |= fields
        workspace.updated_at = account.now()
    return _show(account, workspace)


async def delete(request: Request) -> JSONResponse:
    """Close a workspace that is empty and isn't the default one."""
    account = manager(request)
    workspace = _find(account, request)
    if workspace.is_default:
        raise ApiError(403, "The default workspace cannot be deleted")
    with account.lock:
        if any(key.workspace_id == workspace.id for key in account.keys.values()):
            raise ApiError(400, "Workspaces with active API keys cannot be deleted; remove the keys first")
        del account.workspaces[workspace.id]
    return JSONResponse({"deleted": True})


def _find(account: Account, request: Request) -> Workspace:
    workspace = account.workspace(request.path_params["id"])
    if workspace is None:
        raise ApiError(404, "Workspace not found")
    return workspace


def _check_slug(account: Account, slug: str) -> None:
    if any(workspace.slug == slug for workspace in account.workspaces.values()):
        raise ApiError(400, "slug: already in use")


def _show(account: Account, workspace: Workspace, status: int = 200) -> JSONResponse:
    return JSONResponse({"data": workspace.record(account.settings.timestamp_style)}, status)


ROUTES = [
    Route("/workspaces", create, methods=["POST"]),
    Route("/workspaces", list_page, methods=["GET"]),
    Route("/workspaces/{id}", get, methods=["GET"]),
    Route("/workspaces/{id}", update, methods=["PATCH"]),
    Route("/workspaces/{id}", delete, methods=["DELETE"]),
]
