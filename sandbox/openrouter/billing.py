"""Routes /key and /credits: what the calling key is, and what the account has left."""

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from sandbox.openrouter.auth import caller, manager
from sandbox.openrouter.layers import layers_of
from sandbox.openrouter.records import Key, Meter, label_of
from sandbox.openrouter.store import Account

_ABSENT = {"hash", "name", "disabled", "created_at", "updated_at", "last_used_at", "external_user"}
_FREE_REQUESTS_A_DAY = 1000
_RATE_LIMIT = {"requests": -1, "interval": "10s", "note": "This field is deprecated and safe to ignore."}


async def current_key(request: Request) -> JSONResponse:
    """Show the calling credential, of whichever kind."""
    account, key = caller(request)
    facts = _standard(account, key) if key else _management(account)
    budgets = [layer.record(account) for layer in layers_of(account, key)] if key else []
    used = int(account.free_requests.within("daily", account.now()))
    facts |= {
        "is_free_tier": account.settings.total_credits == 0,
        "is_management_key": key is None,
        "is_provisioning_key": key is None,
        "rate_limit": _RATE_LIMIT,
        "budgets": budgets,
        "effective_budget": min(budgets, key=lambda budget: budget["remaining_usd"], default=None),
        "allowed_data_regions": ["global"],
        "organization_id": None,
        "free_model_daily_requests": {
            "limit": _FREE_REQUESTS_A_DAY,
            "remaining": _FREE_REQUESTS_A_DAY - used,
            "used": used,
        },
    }
    return JSONResponse({"data": facts})


async def credits_left(request: Request) -> JSONResponse:
    """Show the credits bought and used."""
    account = manager(request)
    used = {"total_credits": account.settings.total_credits, "total_usage": account.total_usage}
    return JSONResponse({"data": used})


def _standard(account: Account, key: Key) -> dict[str, Any]:
    return {name: value for name, value in account.record(key).items() if name not in _ABSENT}


def _management(account: Account) -> dict[str, Any]:
    """Return the facts of a management key, which spends nothing and has no limit."""
    unused, now = Meter(account.created_at), account.now()
    return {
        "label": label_of(account.management_key),
        "limit": None,
        "limit_remaining": None,
        "limit_reset": None,
        "include_byok_in_limit": False,
        **unused.fields("usage", now),
        **unused.fields("byok_usage", now),
        "expires_at": None,
        "creator_user_id": account.id,
        "workspace_id": None,
    }


ROUTES = [
    Route("/key", current_key, methods=["GET"]),
    Route("/credits", credits_left, methods=["GET"]),
]
