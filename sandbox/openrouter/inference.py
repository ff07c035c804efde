"""Route /chat/completions: a model whose name ends with `:free` costs nothing, any other does."""

import time
import uuid
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from sandbox.openrouter.auth import spender
from sandbox.openrouter.errors import ApiError
from sandbox.openrouter.records import Key
from sandbox.openrouter.store import Account
from sandbox.openrouter.validation import Completion, body_of

_ROUNDING = 1e-9


async def chat(request: Request) -> JSONResponse:
    """Answer a conversation and charge the key for it, unless that passes a limit."""
    account, key = spender(request)
    wish = await body_of(request, Completion)
    if wish.stream:
        raise ApiError(400, "stream: the sandbox answers in one piece only")
    price = 0.0 if wish.model.endswith(":free") else account.settings.paid_price
    with account.lock:
        _check_funds(account, key, price)
        account.charge(key, price)
    return JSONResponse(_answer(wish.model, price))


def _check_funds(account: Account, key: Key, price: float) -> None:
    """Raise ApiError when the account or the key may not spend the price.

    Something free passes even at a limit of 0, but not on an account that owes money.
    """
    if account.total_usage + price > account.settings.total_credits + _ROUNDING:
        raise ApiError(402, "Insufficient credits")
    remaining = key.remaining(account.now())
    if price and remaining is not None and price > remaining + _ROUNDING:
        raise ApiError(account.settings.over_limit_status, "Key limit exceeded: the key's limit leaves too little")


def _answer(model: str, price: float) -> dict[str, Any]:
    message = {"role": "assistant", "content": "Hello from the sandbox.", "refusal": None, "reasoning": None}
    return {
        "id": f"gen-{uuid.uuid4().hex}",
        "object": "chat.completion",
        "created": int(time.time()),
        "model": model,
        "provider": "Sandbox",
        "system_fingerprint": None,
        "choices": [
            {
                "index": 0,
                "message": message,
                "finish_reason": "stop",
                "native_finish_reason": "stop",
                "logprobs": None,
            }
        ],
        "usage": {"prompt_tokens": 5, "completion_tokens": 5, "total_tokens": 10, "cost": price},
    }


ROUTES = [
    Route("/chat/completions", chat, methods=["POST"]),
]
