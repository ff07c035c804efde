"""Route /chat/completions: a model whose name ends with `:free` costs nothing, any other does."""

import time
import uuid
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from sandbox.openrouter.auth import spender
from sandbox.openrouter.enforcement import check_funds, check_model
from sandbox.openrouter.errors import ApiError
from sandbox.openrouter.spending import COMPLETION_TOKENS, PROMPT_TOKENS, PROVIDER
from sandbox.openrouter.validation import Completion, body_of


async def chat(request: Request) -> JSONResponse:
    """Answer a conversation and charge the key for it, unless that passes a limit."""
    account, key = spender(request)
    wish = await body_of(request, Completion)
    if wish.stream:
        raise ApiError(400, "stream: the sandbox answers in one piece only")
    price = 0.0 if wish.model.endswith(":free") else account.settings.paid_price
    with account.lock:
        check_model(account, key, wish.model)
        check_funds(account, key, price)
        account.charge(key, wish.model, price)
    return JSONResponse(_answer(wish.model, price))


def _answer(model: str, price: float) -> dict[str, Any]:
    message = {"role": "assistant", "content": "Hello from the sandbox.", "refusal": None, "reasoning": None}
    return {
        "id": f"gen-{uuid.uuid4().hex}",
        "object": "chat.completion",
        "created": int(time.time()),
        "model": model,
        "provider": PROVIDER,
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
        "usage": {
            "prompt_tokens": PROMPT_TOKENS,
            "completion_tokens": COMPLETION_TOKENS,
            "total_tokens": PROMPT_TOKENS + COMPLETION_TOKENS,
            "cost": price,
        },
    }


ROUTES = [
    Route("/chat/completions", chat, methods=["POST"]),
]
