"""Both ends of a call as ASGI messages: the request read to its end, the answer held back until it may go."""

import asyncio
import math
from dataclasses import dataclass, field

from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

_CUT = "sandbox.cut"
_SHORTEST_PAUSE = 0.01


class CuttableProtocol(H11Protocol):
    """HTTP/1.1 that hands each request a way to cut its TCP connection."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn has it
        """Offer the transport's abort to the requests that will come over it."""
        super().connection_made(transport)
        self.app_state = {**self.app_state, _CUT: transport.abort}


async def read_body(receive: Receive) -> bytes:
    """Return the whole body of a request."""
    body = b""
    while (message := await receive())["type"] == "http.request":
        body += message.get("body", b"")
        if not message.get("more_body", False):
            break
    return body


def replay(body: bytes, receive: Receive) -> Receive:
    """Return a receive that gives the body once more and then what really comes."""
    waiting: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def again() -> Message:
        return waiting.pop() if waiting else await receive()

    return again


@dataclass
class Answer:
    """A whole answer that hasn't been sent."""

    status: int
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)
    body: bytes = b""

    @classmethod
    def of(cls, response: Response) -> "Answer":
        """Take over a response made without the application."""
        return cls(response.status_code, list(response.raw_headers), bytes(response.body))


@dataclass
class Wire:
    """One call: lets the application work on it, and sends, delays or cuts the answer."""

    app: ASGIApp
    scope: Scope
    body: bytes
    receive: Receive
    send: Send
    extra_headers: dict[str, str] = field(default_factory=dict)

    async def work(self) -> Answer:
        """Let the application do its work and keep the answer."""
        answer = Answer(500)

        async def keep(message: Message) -> None:
            if message["type"] == "http.response.start":
                answer.status, answer.headers = message["status"], list(message["headers"])
            elif message["type"] == "http.response.body":
                answer.body += message.get("body", b"")

        await self.app(self.scope, replay(self.body, self.receive), keep)
        return answer

    async def reply(self, answer: Answer) -> None:
        """Send an answer."""
        await self._start(answer)
        await self.send({"type": "http.response.body", "body": answer.body})

    async def trickle(self, answer: Answer, seconds: float) -> None:
        """Send an answer in small pieces, down to a byte each, spread over some seconds."""
        await self._start(answer)
        count = max(1, min(len(answer.body), int(seconds / _SHORTEST_PAUSE)))
        size = math.ceil(len(answer.body) / count)
        starts = range(0, len(answer.body), size)
        for start in starts:
            if await self.gone(seconds / len(starts)):
                return
            piece = answer.body[start : start + size]
            await self.send({"type": "http.response.body", "body": piece, "more_body": True})
        await self.send({"type": "http.response.body", "body": b""})

    async def gone(self, seconds: float) -> bool:
        """Wait, but not longer than the client does; say whether it has hung up."""
        try:
            await asyncio.wait_for(self._hang_up(), seconds)
        except TimeoutError:
            return False
        return True

    async def cut(self) -> None:
        """Cut the TCP connection without an answer."""
        if abort := self.scope.get("state", {}).get(_CUT):
            abort()
        await self._hang_up()

    async def _hang_up(self) -> None:
        while (await self.receive())["type"] != "http.disconnect":
            pass

    async def _start(self, answer: Answer) -> None:
        extra = [(name.encode(), value.encode()) for name, value in self.extra_headers.items()]
        headers = [*answer.headers, *extra]
        await self.send({"type": "http.response.start", "status": answer.status, "headers": headers})
