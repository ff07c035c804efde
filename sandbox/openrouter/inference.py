"""Routes /chat/completions and /models: a model that costs nothing, and any other that does."""

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

FREE_MODEL = "sandbox/echo:free"
PAID_MODEL = "sandbox/echo"
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


async def models(_request: Request) -> JSONResponse:
    """Show one free and one paid model; this needs no credential."""
    known = [_model(FREE_MODEL, "0"), _model(PAID_MODEL, "0.00001")]
    return JSONResponse({"data": known, "total_count": len(known), "links": {"next": None}})


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


def _model(name: str, price: str) -> dict[str, Any]:
    return {
        "id": name,
        "canonical_slug": name,
        "name": name,
        "created": 1735689600,
        "description": "Answers every conversation with the same sentence.",
        "context_length": 8192,
        "architecture": {
            "modality": "text->text",
            "input_modalities": ["text"],
            "output_modalities": ["text"],
            "tokenizer": "Other",
            "instruct_type": None,
        },
        "pricing": {"prompt": price, "completion": price, "request": "0", "image": "0"},
        "top_provider": {"context_length": 8192, "max_completion_tokens": 4096, "is_moderated": False},
        "per_request_limits": None,
        "supported_parameters": [],
        "supported_voices": None,
        "default_parameters": None,
        "links": {"details": f"/api/v1/models/{name}/endpoints"},
    }


ROUTES = [
    Route("/chat/completions", chat, methods=["POST"]),
    Route("/models", models, methods=["GET"]),
]
