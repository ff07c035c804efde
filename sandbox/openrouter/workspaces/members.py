"""Routes under /workspaces/{id}/members.

OpenRouter's published description leaves open what happens to people outside the organization and to the default
workspace, whose members are all of the organization's. Chosen here: adding somebody unknown, and any change of the
default workspace's members, is a 400.
"""

import uuid
from collections.abc import Iterable

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from sandbox.openrouter.auth import manager
from sandbox.openrouter.errors import ApiError
from sandbox.openrouter.paging import Page, page_of
from sandbox.openrouter.store import Account
from sandbox.openrouter.validation import body_of, query_of
from sandbox.openrouter.workspaces.finding import workspace_of
from sandbox.openrouter.workspaces.records import Member, Workspace
from sandbox.openrouter.workspaces.requests import Members


async def list_page(request: Request) -> JSONResponse:
    """Show a page of a workspace's members."""
    account = manager(request)
    workspace = workspace_of(account, request)
    query = query_of(request, Page)
    style = account.settings.timestamp_style
    records = [member.record(style) for member in members_of(account, workspace)]
    return page_of(query, records, account.settings.short_pages)


async def add(request: Request) -> JSONResponse:
    """Let people of the organization into a workspace, with the role they have there."""
    account = manager(request)
    workspace = workspace_of(account, request)
    user_ids = (await body_of(request, Members)).user_ids
    _check_explicit(workspace)
    if unknown := [user for user in user_ids if user not in account.members]:
        raise ApiError(400, f"user_ids: not in the organization: {', '.join(unknown)}")
    joined = [join(account, workspace, user) for user in dict.fromkeys(user_ids)]
    style = account.settings.timestamp_style
    return JSONResponse({"data": [member.record(style) for member in joined], "added_count": len(joined)})


async def remove(request: Request) -> JSONResponse:
    """Put people out of a workspace in which they have no keys."""
    account = manager(request)
    workspace = workspace_of(account, request)
    user_ids = (await body_of(request, Members)).user_ids
    _check_explicit(workspace)
    _check_idle(account, workspace, user_ids)
    removed = [workspace.members.pop(user, None) for user in user_ids]
    return JSONResponse({"removed_count": sum(member is not None for member in removed)})


def members_of(account: Account, workspace: Workspace) -> list[Member]:
    """Return the members: the whole organization in the default workspace, elsewhere those who were let in."""
    if not workspace.is_default:
        return list(workspace.members.values())
    return [_member(account, workspace, user) for user in account.members]


def join(account: Account, workspace: Workspace, user_id: str) -> Member:
    """Let somebody of the organization into a workspace, or bring their role up to date."""
    member = workspace.members.get(user_id) or _member(account, workspace, user_id)
    member.fields["role"] = account.members[user_id]
    workspace.members[user_id] = member
    return member


def _member(account: Account, workspace: Workspace, user_id: str) -> Member:
    return Member(
        fields={"user_id": user_id, "role": account.members[user_id]},
        created_at=workspace.created_at if workspace.is_default else account.now(),
        workspace_id=workspace.id,
        id=str(uuid.uuid5(uuid.UUID(workspace.id), user_id)),
    )


def _check_explicit(workspace: Workspace) -> None:
    if workspace.is_default:
        raise ApiError(400, "The default workspace has the organization's members; change them there")


def _check_idle(account: Account, workspace: Workspace, user_ids: Iterable[str]) -> None:
    busy = {key.creator_user_id for key in account.keys.values() if key.workspace_id == workspace.id}
    if still := [user for user in user_ids if user in busy]:
        raise ApiError(400, f"user_ids: members with active API keys cannot be removed: {', '.join(still)}")


ROUTES = [
    Route("/workspaces/{id}/members", list_page, methods=["GET"]),
    Route("/workspaces/{id}/members/add", add, methods=["POST"]),
    Route("/workspaces/{id}/members/remove", remove, methods=["POST"]),
]
