"""A small OpenRouter behind httpx.MockTransport, and a clock that only moves when somebody waits."""

import json
import logging
import traceback
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from openrouter_provider.api.client import ManagementClient
from openrouter_provider.api.errors import OpenRouterError
from openrouter_provider.api.http.retry import RetryPolicy
from openrouter_provider.api.models import CreateKeyRequest, wire_time

CANARY = "sk-or-v1-" + "canary0" * 9
BASE_URL = "http://127.0.0.1:1/api/v1"
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
POLICY = RetryPolicy(jitter=lambda: 1.0)

Spoiler = Callable[[httpx.Request, Callable[[], httpx.Response]], httpx.Response]
"""Answers a request; may have the work done by calling its second argument."""


class Clock:
    """Time that passes only in sleep."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.sleeps: list[float] = []

    def monotonic(self) -> float:
        """Return the seconds slept."""
        return self.seconds

    def now(self) -> datetime:
        """Return noon and the seconds slept."""
        return NOON + timedelta(seconds=self.seconds)

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.sleeps.append(seconds)
        self.seconds += seconds


@dataclass
class Server:
    """Keeps keys in memory; spoils the next answers as planned by method."""

    clock: Clock = field(default_factory=Clock)
    keys: dict[str, dict[str, Any]] = field(default_factory=dict)
    plan: dict[str, deque[Spoiler]] = field(default_factory=dict)
    requests: list[httpx.Request] = field(default_factory=list)
    stale_seconds: float = 0.0
    skew: timedelta = timedelta(0)
    current: dict[str, Any] = field(default_factory=lambda: {"label": "sk-or-…", "is_management_key": True})
    deleted: list[tuple[float, dict[str, Any]]] = field(default_factory=list)
    made: int = 0

    def spoil(self, method: str, *spoilers: Spoiler) -> None:
        """Plan what becomes of the next requests of this method."""
        self.plan.setdefault(method, deque()).extend(spoilers)

    def count(self, method: str) -> int:
        """Return how many requests of this method came."""
        return sum(request.method == method for request in self.requests)

    def add(self, name: str, **fields: Any) -> str:
        """Put a key on the account and return its hash."""
        self.made += 1
        made = self.clock.now() + self.skew
        record = {"hash": f"hash{self.made:04}", "name": name, "label": "sk-or-v1-0e6...1c96", "disabled": False}
        record |= {"limit": None, "created_at": wire_time(made), "usage": 0} | fields
        self.keys[str(record["hash"])] = {**record, "_at": self.clock.seconds}
        return str(record["hash"])

    def handle(self, request: httpx.Request) -> httpx.Response:
        """Answer one request."""
        self.requests.append(request)
        planned = self.plan.get(request.method)
        if planned and not request.url.path.endswith("/key"):
            return planned.popleft()(request, lambda: self._work(request))
        return self._work(request)

    def _work(self, request: httpx.Request) -> httpx.Response:
        tail = request.url.path.removeprefix("/api/v1/").split("/")
        if request.method == "POST":
            found = self.keys[self.add(**json.loads(request.content))]
            return self._answer(201, {"data": found, "key": "sk-or-v1-" + "a1" * 32})
        if tail == ["key"]:
            return self._answer(200, {"data": self.current})
        if tail == ["keys"]:
            offset = int(request.url.params.get("offset", "0"))
            return self._answer(200, {"data": self._listed()[offset : offset + 100]})
        if tail[0] != "keys":
            return self._answer(404, {"error": {"code": 404, "message": "Not found"}})
        return self._one(request, tail[1])

    def _listed(self) -> list[dict[str, Any]]:
        now = self.clock.seconds
        fresh = [key for key in self.keys.values() if key["_at"] + self.stale_seconds <= now]
        return fresh + [key for at, key in self.deleted if now < at + self.stale_seconds]

    def _one(self, request: httpx.Request, key_hash: str) -> httpx.Response:
        if key_hash not in self.keys:
            return self._answer(404, {"error": {"code": 404, "message": "API key not found"}})
        if request.method == "DELETE":
            self.deleted.append((self.clock.seconds, self.keys.pop(key_hash)))
            return self._answer(200, {"deleted": True})
        if request.method == "PATCH":
            self.keys[key_hash] |= json.loads(request.content)
        return self._answer(200, {"data": self.keys[key_hash]})

    def _answer(self, status: int, body: object) -> httpx.Response:
        return httpx.Response(status, json=body)

    def client(self, **options: Any) -> ManagementClient:
        """Return a client of this server that never really sleeps."""
        settings = {"base_url": BASE_URL, "policy": POLICY, "transport": httpx.MockTransport(self.handle)}
        settings |= {"clock": self.clock.now, "monotonic": self.clock.monotonic, "sleep": self.clock.sleep}
        return ManagementClient(CANARY, **{**settings, **options})


def before(status: int, body: object = "", **headers: str) -> Spoiler:
    """Answer so without doing the work."""
    content = body if isinstance(body, str) else json.dumps(body)
    return lambda _request, _work: httpx.Response(status, text=content, headers=headers)


def after(status: int, body: object = "", **headers: str) -> Spoiler:
    """Do the work and answer so."""

    def spoiler(request: httpx.Request, work: Callable[[], httpx.Response]) -> httpx.Response:
        work()
        return before(status, body, **headers)(request, work)

    return spoiler


def broken(kind: type[httpx.HTTPError], *, works: bool) -> Spoiler:
    """Break the connection before or after the work."""

    def spoiler(request: httpx.Request, work: Callable[[], httpx.Response]) -> httpx.Response:
        if works:
            work()
        raise kind(f"broken near {CANARY}", request=request)  # type: ignore[call-arg]  # HTTPError itself takes none

    return spoiler


def told(error: OpenRouterError) -> str:
    """Return everything that an error may show to anyone."""
    shown = "".join(traceback.format_exception(error))
    return f"{error} {error!r} {error.args} {vars(error)} {shown} {error.__context__!r} {error.__cause__!r}"


def logged(records: list[logging.LogRecord]) -> str:
    """Return everything that log records hold."""
    return " ".join(f"{record.getMessage()} {vars(record)}" for record in records)


def wanted(name: str = "acme/dev/checkout-1a2b3c4", **fields: Any) -> CreateKeyRequest:
    """Return a request for a key."""
    return CreateKeyRequest(name=name, **fields)
