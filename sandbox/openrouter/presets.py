"""Routes under /presets. The sandbox has them by its settings: on OpenRouter they are made from a request."""

import uuid
from datetime import UTC, datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from sandbox.openrouter.auth import manager
from sandbox.openrouter.errors import ApiError
from sandbox.openrouter.paging import Page, page_of
from sandbox.openrouter.records import stamp
from sandbox.openrouter.store import Account
from sandbox.openrouter.validation import query_of

_MADE = datetime(2026, 1, 1, tzinfo=UTC)


async def list_all(request: Request) -> JSONResponse:
    """Show every preset, without its version."""
    account = manager(request)
    records = [_record(account, slug) for slug in account.settings.presets]
    return page_of(query_of(request, Page), records, account.settings.short_pages)


async def show(request: Request) -> JSONResponse:
    """Show one preset with the version that counts."""
    account, slug = manager(request), request.path_params["slug"]
    if slug not in account.settings.presets:
        raise ApiError(404, "Preset not found")
    return JSONResponse({"data": _record(account, slug) | {"designated_version": _version(account, slug)}})


def _record(account: Account, slug: str) -> dict[str, Any]:
    made = stamp(_MADE, account.settings.timestamp_style)
    return {
        "id": _id(account, slug),
        "slug": slug,
        "name": slug.capitalize(),
        "description": None,
        "status": "active",
        "status_updated_at": None,
        "creator_user_id": account.id,
        "designated_version_id": _id(account, f"{slug}/1"),
        "workspace_id": account.default_workspace.id,
        "created_at": made,
        "updated_at": made,
    }


def _version(account: Account, slug: str) -> dict[str, Any]:
    made = stamp(_MADE, account.settings.timestamp_style)
    return {
        "id": _id(account, f"{slug}/1"),
        "preset_id": _id(account, slug),
        "version": 1,
        "config": account.settings.presets[slug],
        "system_prompt": None,
        "creator_id": account.id,
        "created_at": made,
        "updated_at": made,
    }


def _id(account: Account, name: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{account.id}/{name}"))


ROUTES = [
    Route("/presets", list_all, methods=["GET"]),
    Route("/presets/{slug}", show, methods=["GET"]),
]
