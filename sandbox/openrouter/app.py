"""The simulator as an ASGI application."""

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.routing import Mount

from sandbox.openrouter import billing, control, errors, inference, keys, workspaces
from sandbox.openrouter.middleware import API_PREFIX, Traffic
from sandbox.openrouter.store import Store

CONTROL_PREFIX = "/_sandbox"


def make_app(store: Store) -> Starlette:
    """Return the application that serves a store."""
    api = [*keys.ROUTES, *workspaces.ROUTES, *billing.ROUTES, *inference.ROUTES]
    app = Starlette(
        routes=[Mount(API_PREFIX, routes=api), Mount(CONTROL_PREFIX, routes=control.ROUTES)],
        middleware=[Middleware(Traffic, store=store)],
        exception_handlers={
            errors.ApiError: errors.on_api_error,
            HTTPException: errors.on_http_exception,
            Exception: errors.on_crash,
        },
    )
    app.state.store = store
    return app
