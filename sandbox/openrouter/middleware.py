"""What happens to a call before and after its work: it is counted, limited, delayed, spoiled."""

import json
import math
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from sandbox.openrouter.auth import bearer
from sandbox.openrouter.errors import error_response
from sandbox.openrouter.faults import Fault
from sandbox.openrouter.operations import operation_of
from sandbox.openrouter.respelling import respell
from sandbox.openrouter.settings import Settings
from sandbox.openrouter.store import Account, Store
from sandbox.openrouter.traffic import Call
from sandbox.openrouter.wire import Answer, Wire, read_body

API_PREFIX = "/api/v1"
_GATEWAY_PAGE = (
    "<!DOCTYPE html><html><head><title>502 Bad Gateway</title></head><body><h1>Bad Gateway</h1></body></html>"
)
_MESSAGES = {
    408: "Request timed out",
    429: "Rate limit exceeded",
    500: "Internal Server Error",
    502: "Bad Gateway",
    503: "Service Unavailable",
    504: "Gateway Timeout",
}


class Traffic:
    """ASGI layer around the API; the control endpoint and calls of no account's pass untouched."""

    def __init__(self, app: ASGIApp, store: Store) -> None:
        self.app = app
        self.store = store

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one call."""
        account = self._account(scope)
        if account is None:
            await self.app(scope, receive, send)
            return
        body = await read_body(receive)
        call = _call(scope, body)
        account.calls.begin(call)
        try:
            await _serve(account, call, Wire(self.app, scope, body, receive, _noting(call, send)))
        finally:
            account.calls.end()

    def _account(self, scope: Scope) -> Account | None:
        if scope["type"] != "http" or not scope["path"].startswith(f"{API_PREFIX}/"):
            return None
        credential = bearer(dict(scope["headers"]).get(b"authorization", b"").decode("latin-1"))
        return self.store.account_of(credential) if credential else None


async def _serve(account: Account, call: Call, wire: Wire) -> None:
    settings = account.settings
    wait = account.bucket.take(settings.rate_limit_per_second, settings.rate_limit_burst)
    if wait is not None:
        await wire.reply(_too_many(wait, http_date=settings.retry_after_http_date))
        return
    limit, changes = settings.daily_change_limit, call.method != "GET" and call.operation != "chat"
    if limit is not None:
        now = account.now().astimezone(UTC)
        if changes and not account.changes.take(now, limit):
            await wire.reply(_day_is_over(now, limit))
            return
        if settings.rate_limit_headers == "always":
            wire.extra_headers = _quota(now, limit, account.changes.left(now, limit))
    if settings.latency_ms and await wire.gone(settings.latency_ms / 1000):
        return
    fault = account.faults.pick(call.operation, call.query)
    if fault is None:
        await wire.reply(respell(await wire.work(), settings))
    else:
        await _spoil(fault, call, wire, settings)


async def _spoil(fault: Fault, call: Call, wire: Wire, settings: Settings) -> None:
    """Let a call meet its fault."""
    if fault.kind == "shift_page":
        wire.scope["state"]["shift"] = fault.shift
    done = respell(await wire.work(), settings) if fault.works_first else None
    match fault.kind:
        case "drop_before" | "drop_after":
            await wire.cut()
        case "hang":
            await _hang(fault, done, wire)
        case "trickle" if done:
            await wire.trickle(done, fault.seconds)
        case "shift_page" if done:
            await wire.reply(done)
        case _:
            await wire.reply(_spoiled(fault, done.status if done else _success(call.operation)))


async def _hang(fault: Fault, done: Answer | None, wire: Wire) -> None:
    """Say nothing for a while; then send the answer of work that was done, or hang up without doing any."""
    if await wire.gone(fault.seconds):
        return
    await (wire.reply(done) if done else wire.cut())


def _spoiled(fault: Fault, success: int) -> Answer:
    """Return what is answered in place of the real thing."""
    headers = _retry_after(fault)
    response: Response
    match fault.kind:
        case "status_before" | "status_after":
            status = fault.status or 500
            response = error_response(status, _MESSAGES.get(status, f"Status {status}"), headers)
        case "html":
            response = HTMLResponse(_GATEWAY_PAGE, fault.status or 502, headers)
        case "redirect":
            response = RedirectResponse(fault.location or "", fault.status or 307, headers)
        case "empty":
            response = Response(b"", fault.status or success, headers)
        case "wrong_shape":
            body = json.dumps({"data": {"unexpected": True}})
            response = Response(body, fault.status or success, headers, "application/json")
        case _:
            response = Response(b'{"data": {"hash": "', fault.status or success, headers, "application/json")
    return Answer.of(response)


def _retry_after(fault: Fault) -> dict[str, str]:
    if fault.retry_after_date_in is not None:
        return {"retry-after": _http_date_in(fault.retry_after_date_in)}
    return {"retry-after": fault.retry_after} if fault.retry_after is not None else {}


def _http_date_in(seconds: float) -> str:
    return format_datetime(datetime.now(UTC) + timedelta(seconds=seconds), usegmt=True)


def _too_many(wait: float, *, http_date: bool) -> Answer:
    """Return a 429 that says when to come back, rounded up to whole seconds."""
    seconds = max(1, math.ceil(wait))
    retry_after = _http_date_in(seconds) if http_date else str(seconds)
    return Answer.of(error_response(429, "Rate limit exceeded", {"retry-after": retry_after}))


def _day_is_over(now: datetime, limit: int) -> Answer:
    """Return the 429 of an account whose changes of today are used up."""
    text = "Rate limit exceeded: keys-modify-api-rpd-v2. Please wait until the limit resets"
    return Answer.of(error_response(429, text, _quota(now, limit, 0)))


def _quota(now: datetime, limit: int, left: int) -> dict[str, str]:
    """Return the headers that tell of the daily limit; the instant is in milliseconds."""
    midnight = datetime.combine(now.date() + timedelta(days=1), datetime.min.time(), UTC)
    reset = str(int(midnight.timestamp() * 1000))
    return {"x-ratelimit-limit": str(limit), "x-ratelimit-remaining": str(left), "x-ratelimit-reset": reset}


def _success(operation: str) -> int:
    return 201 if operation.startswith("create_") else 200


def _call(scope: Scope, body: bytes) -> Call:
    path = scope["path"].removeprefix(API_PREFIX)
    call = Call(operation_of(scope["method"], path), scope["method"], path, scope["query_string"].decode("latin-1"))
    call.name = _name_in(body)
    return call


def _name_in(body: bytes) -> str | None:
    try:
        sent = json.loads(body)
    except ValueError:
        return None
    name = sent.get("name") if isinstance(sent, dict) else None
    return name if isinstance(name, str) else None


def _noting(call: Call, send: Send) -> Send:
    async def noted(message: Any) -> None:
        if message["type"] == "http.response.start":
            call.status = message["status"]
        await send(message)

    return noted
