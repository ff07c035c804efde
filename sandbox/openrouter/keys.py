"""Routes under /keys: the life of a standard key."""

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from sandbox.openrouter.auth import manager
from sandbox.openrouter.errors import ApiError
from sandbox.openrouter.paging import living, with_dead_rows
from sandbox.openrouter.records import Key
from sandbox.openrouter.store import PAGE_SIZE, Account
from sandbox.openrouter.validation import CreateKey, ListKeys, UpdateKey, body_of, query_of, set_fields
from sandbox.openrouter.workspaces.finding import check_workspace


async def create(request: Request) -> JSONResponse:
    """Issue a key; this answer alone carries its value."""
    account = manager(request)
    wish = await body_of(request, CreateKey)
    if wish.expires_at and wish.expires_at <= account.now():
        raise ApiError(400, "expires_at: must be in the future")
    check_workspace(account, wish.workspace_id or account.default_workspace.id)
    key = account.create_key(**wish.model_dump())
    return JSONResponse({"data": account.record(key), "key": key.plaintext}, 201)


async def list_page(request: Request) -> JSONResponse:
    """Show up to one page of a workspace's keys from an offset on, newest first."""
    account = manager(request)
    query = query_of(request, ListKeys)
    check_workspace(account, query.workspace_id)
    shown = account.listing(
        query.workspace_id or account.default_workspace.id,
        include_disabled=query.include_disabled == "true",
        include_expired=query.include_expired == "true",
    )
    offset = max(0, query.offset + getattr(request.state, "shift", 0))
    page = with_dead_rows(shown, account.settings.short_pages)[offset : offset + PAGE_SIZE]
    return JSONResponse({"data": [account.record(key) for key in living(page)]})


async def get(request: Request) -> JSONResponse:
    """Show one key."""
    account = manager(request)
    return JSONResponse({"data": account.record(find(account, request))})


async def update(request: Request) -> JSONResponse:
    """Change the fields given and show the key."""
    account = manager(request)
    key = find(account, request)
    fields = set_fields(await body_of(request, UpdateKey))
    if not fields:
        raise ApiError(400, "No update fields provided")
    check_workspace(account, fields.get("workspace_id"))
    account.update_key(key, fields)
    return JSONResponse({"data": account.record(key)})


async def delete(request: Request) -> JSONResponse:
    """Delete a key for good."""
    account = manager(request)
    account.delete_key(find(account, request))
    return JSONResponse({"deleted": True})


def find(account: Account, request: Request) -> Key:
    """Return the key a path names; raise ApiError 404 when the account has none such."""
    key = account.keys.get(request.path_params["hash"])
    if key is None:
        raise ApiError(404, "API key not found")
    return key


ROUTES = [
    Route("/keys", create, methods=["POST"]),
    Route("/keys", list_page, methods=["GET"]),
    Route("/keys/{hash}", get, methods=["GET"]),
    Route("/keys/{hash}", update, methods=["PATCH"]),
    Route("/keys/{hash}", delete, methods=["DELETE"]),
]
