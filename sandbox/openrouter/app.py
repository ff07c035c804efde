"""The simulator as an ASGI application."""

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.routing import Mount, Route

from sandbox.openrouter import (
    activity,
    around,
    billing,
    control,
    control_items,
    errors,
    inference,
    keys,
    offering,
    presets,
)
from sandbox.openrouter.byok import routes as byok
from sandbox.openrouter.dates import Dated
from sandbox.openrouter.guardrails import assignments
from sandbox.openrouter.guardrails import routes as guardrails
from sandbox.openrouter.middleware import API_PREFIX, Traffic
from sandbox.openrouter.store import Store
from sandbox.openrouter.workspaces import budgets, members
from sandbox.openrouter.workspaces import routes as workspaces

CONTROL_PREFIX = "/_sandbox"


def make_app(store: Store) -> Starlette:
    """Return the application that serves a store."""
    app = Starlette(
        routes=[
            Mount(API_PREFIX, routes=_api()),
            Mount(CONTROL_PREFIX, routes=[*control.ROUTES, *control_items.ROUTES]),
        ],
        middleware=[Middleware(Dated, store=store), Middleware(Traffic, store=store)],
        exception_handlers={
            errors.ApiError: errors.on_api_error,
            HTTPException: errors.on_http_exception,
            Exception: errors.on_crash,
        },
    )
    app.state.store = store
    return app


def _api() -> list[Route]:
    managed = (keys, workspaces, budgets, members, assignments, guardrails, byok)
    told = (activity, billing, offering, presets)
    return [*(route for area in (*managed, *told, inference) for route in area.ROUTES), *around.routes()]
