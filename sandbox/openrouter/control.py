"""Control endpoint under /_sandbox: how tests steer an account and see what it was asked.

The account is the one whose management key is the bearer token; `/health` and `POST /accounts` need none.
Nothing here is delayed, limited or spoiled, and nothing here counts as a call.
"""

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from sandbox.openrouter.auth import bearer, store_of
from sandbox.openrouter.errors import ApiError
from sandbox.openrouter.faults import Fault
from sandbox.openrouter.keys import find
from sandbox.openrouter.records import WINDOWS, Key
from sandbox.openrouter.settings import Settings
from sandbox.openrouter.store import Account
from sandbox.openrouter.validation import EditKey, body_of, parse, set_fields
from sandbox.openrouter.workspaces.finding import check_workspace

_COUNTERS = {"": "total"} | {f"_{window}": window for window in WINDOWS}


def account_of(request: Request) -> Account:
    """Return the account a test steers."""
    account = store_of(request).managed_by(bearer(request.headers.get("authorization", "")) or "")
    if account is None:
        raise ApiError(401, "The control endpoint needs an account's management key")
    return account


async def health(_request: Request) -> JSONResponse:
    """Say that the simulator is up."""
    return JSONResponse({"status": "ok"})


async def open_account(request: Request) -> JSONResponse:
    """Open an account with a management key of its own."""
    account = store_of(request).open_account()
    facts = {"management_key": account.management_key, "account_id": account.id}
    return JSONResponse(facts | {"default_workspace_id": account.default_workspace.id}, 201)


async def settings(request: Request) -> JSONResponse:
    """Show the settings; a PUT first changes those it names."""
    account = account_of(request)
    if request.method == "PUT":
        wish = set_fields(await body_of(request, Settings))
        account.settings = parse(Settings, account.settings.model_dump() | wish)
    return JSONResponse(account.settings.model_dump(mode="json"))


async def faults(request: Request) -> JSONResponse:
    """Plan a fault, show all, or forget all."""
    account = account_of(request)
    if request.method == "POST":
        return JSONResponse(account.faults.add(await body_of(request, Fault)), 201)
    if request.method == "DELETE":
        account.faults.clear()
    return JSONResponse(account.faults.records())


async def calls(request: Request) -> JSONResponse:
    """Show the calls in order, or forget them."""
    account = account_of(request)
    if request.method == "DELETE":
        account.calls.clear()
    return JSONResponse(account.calls.records())


async def stats(request: Request) -> JSONResponse:
    """Show how many calls there were of each operation, and how many at once."""
    return JSONResponse(account_of(request).calls.stats())


async def keys(request: Request) -> JSONResponse:
    """Show every live key of every workspace, or create one out of band."""
    account = account_of(request)
    if request.method == "GET":
        return JSONResponse([account.record(key) for key in account.keys.values()])
    fields = set_fields(await body_of(request, EditKey))
    check_workspace(account, fields.get("workspace_id"))
    with account.lock:
        key = account.create_key(name=fields.pop("name", "made-out-of-band"))
        _edit(account, key, fields)
        key.updated_at = None
    return JSONResponse({"data": account.record(key), "key": key.plaintext}, 201)


async def key(request: Request) -> JSONResponse:
    """Edit or delete a key out of band."""
    account = account_of(request)
    chosen = find(account, request)
    if request.method == "DELETE":
        account.delete_key(chosen)
        return JSONResponse({"deleted": True})
    fields = set_fields(await body_of(request, EditKey))
    check_workspace(account, fields.get("workspace_id"))
    _edit(account, chosen, fields)
    return JSONResponse({"data": account.record(chosen)})


async def secrets(request: Request) -> JSONResponse:
    """Show every credential the account ever had, for searches after leaks."""
    account = account_of(request)
    known = {"management_key": account.management_key, "keys": account.issued}
    return JSONResponse(known | {"provider_keys": account.provider_keys})


def _edit(account: Account, edited: Key, fields: dict[str, Any]) -> None:
    spent = _counters(fields, "usage")
    byok = _counters(fields, "byok_usage")
    if spent or byok:
        account.set_usage(edited, spent, byok)
    if fields:
        account.update_key(edited, fields)


def _counters(fields: dict[str, Any], prefix: str) -> dict[str, float]:
    """Take a meter's counters out of the fields."""
    return {counter: fields.pop(prefix + suffix) for suffix, counter in _COUNTERS.items() if prefix + suffix in fields}


ROUTES = [
    Route("/health", health, methods=["GET"]),
    Route("/accounts", open_account, methods=["POST"]),
    Route("/settings", settings, methods=["GET", "PUT"]),
    Route("/faults", faults, methods=["GET", "POST", "DELETE"]),
    Route("/calls", calls, methods=["GET", "DELETE"]),
    Route("/stats", stats, methods=["GET"]),
    Route("/keys", keys, methods=["GET", "POST"]),
    Route("/keys/{hash}", key, methods=["PATCH", "DELETE"]),
    Route("/secrets", secrets, methods=["GET"]),
]
