"""What only a real socket can do to an answer: cut, reset, trickle, compress and frame it in other ways."""

import gzip
import itertools
import json
import socket
import struct
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress

import httpx
import pytest

from openrouter_provider.api.client import ManagementClient
from openrouter_provider.api.errors import ConnectionFailed
from openrouter_provider.api.http.deadline import Deadline, bound
from openrouter_provider.api.http.retry import RetryPolicy
from tests.unit.api_fixtures import CANARY, POLICY, Clock

KEY = {"hash": "h1", "name": "n", "label": "l", "disabled": False, "limit": None, "created_at": "2026-01-01T00:00:00Z"}
BODY = json.dumps({"data": KEY}).encode()
ONCE = RetryPolicy(max_attempts=1, jitter=lambda: 1.0)

Script = Callable[[socket.socket], object]
"""Answers one request on its connection."""


def answer(body: bytes = BODY, status: str = "200 OK", *headers: str, version: str = "1.1") -> bytes:
    """Return an answer as it goes over the wire."""
    lines = [f"HTTP/{version} {status}", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


def says(content: bytes) -> Script:
    """Send this and keep the connection."""
    return lambda connection: connection.sendall(content)


def says_last(content: bytes) -> Script:
    """Send this and close the connection, without a word that it will be."""

    def script(connection: socket.socket) -> None:
        connection.sendall(content)
        connection.shutdown(socket.SHUT_RDWR)

    return script


def resets(connection: socket.socket) -> None:
    """Break the connection with RST instead of FIN."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


GOOD = says(answer())
TOLERATED: dict[str, Script] = {
    "informational answers first": says(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\n" + answer()),
    "HTTP/1.0 without a length": says_last(b"HTTP/1.0 200 OK\r\n\r\n" + BODY),
    "gzip": says(answer(gzip.compress(BODY), "200 OK", "Content-Encoding: gzip")),
    "a byte order mark": says(answer(b"\xef\xbb\xbf" + BODY)),
    "a Date that is none": says(answer(BODY, "200 OK", "Date: \N{LATIN SMALL LETTER E WITH ACUTE}")),
}
REPEATED: dict[str, Script] = {
    "reset": resets,
    "closed before the answer": says_last(b""),
    "a chunked body cut": says_last(b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n50\r\n{"data":'),
    "a body cut short of its length": says_last(answer()[:-9]),
    "gzip that is none": says(answer(b"plain", "200 OK", "Content-Encoding: gzip")),
    "an unknown encoding": says(answer(b"\x1b\x0f", "200 OK", "Content-Encoding: br")),
    "two lengths": says_last(answer(BODY, "200 OK", "Content-Length: 7")),
    "no HTTP": says_last(b"\x00\x01 what is this\r\n\r\n"),
    "an endless header": says_last(b"HTTP/1.1 200 OK\r\nX: " + b"a" * 200_000),
    "an error in a 200": says(answer(b'{"error": {"code": 500, "message": "x"}}')),
    "202 without a body": says(answer(b"", "202 Accepted")),
    "101": says(answer(b"", "101 Switching Protocols")),
    **{
        str(status): says(answer(b"<html>", f"{status} x"))
        for status in (408, 409, 423, 425, 500, 502, 503, 504, 520, 521, 522, 523, 524, 599)
    },
    **{
        f"{status}, Retry-After {wait}": says(answer(b"", f"{status} x", f"Retry-After: {wait}"))
        for status in (429, 503)
        for wait in ("0", "0.25", "-1", "soon", "")
    },
    "429 alone": says(answer(b"", "429 x")),
}


@contextmanager
def served(scripts: Sequence[Script]) -> Iterator[tuple[str, list[bytes]]]:
    """Answer each request by the next script, on whatever connection it comes; the last one goes on for ever.

    Yields the base URL and the heads of the requests that came.
    """
    coming = itertools.chain(scripts, itertools.repeat(scripts[-1]))
    heads: list[bytes] = []

    def talk(connection: socket.socket) -> None:
        with connection, suppress(OSError):
            while head := connection.recv(65536):
                heads.append(head)
                next(coming)(connection)

    def accept(listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                threading.Thread(target=talk, args=(listener.accept()[0],), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=accept, args=(listener,), daemon=True).start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/api/v1", heads
        # Closing alone doesn't end an accept in another thread.
        listener.shutdown(socket.SHUT_RDWR)


def client_of(url: str, clock: Clock, policy: RetryPolicy = POLICY) -> ManagementClient:
    """Return a client that never really sleeps."""
    return ManagementClient(
        CANARY, base_url=url, policy=policy, clock=clock.now, monotonic=clock.monotonic, sleep=clock.sleep
    )


@pytest.mark.parametrize("script", TOLERATED)
def test_tolerated(script: str) -> None:
    """An answer that is framed in another way is read at once, and so is the next one."""
    with served([TOLERATED[script]]) as (url, heads), client_of(url, Clock()) as client:
        assert [client.get_key("h1").hash for _ in range(2)] == ["h1", "h1"]
    assert len(heads) == 2


def test_closed_between_requests() -> None:
    """A connection that the server closes after each answer, unannounced, costs another attempt at the most."""
    with served([says_last(answer())]) as (url, heads), client_of(url, Clock()) as client:
        assert [client.get_key("h1").hash for _ in range(5)] == ["h1"] * 5
    assert 5 <= len(heads) <= 9


@pytest.mark.parametrize("script", REPEATED)
def test_repeated(script: str) -> None:
    """A broken answer, twice in a row, is asked for again and costs the caller nothing but time."""
    with served([REPEATED[script]] * 2 + [GOOD]) as (url, heads), client_of(url, Clock()) as client:
        assert client.get_key("h1").hash == "h1"
    assert len(heads) == 3


@pytest.mark.parametrize("start", [b"HTTP/1.1 200 ", b"HTTP/1.1 200 OK\r\nX-Slow: ", answer(b"a" * 999)[:-999]])
def test_trickle(start: bytes) -> None:
    """An answer that trickles is given up at the timeout, wherever in it that happens."""
    clock = Clock()

    def trickle(connection: socket.socket) -> None:
        connection.sendall(start)
        while True:
            clock.seconds += 1
            connection.sendall(b"a")

    given_up = pytest.raises(ConnectionFailed, match="no complete answer in time")
    with served([trickle]) as (url, heads), client_of(url, clock, ONCE) as client, given_up:
        client.get_key("h1")
    assert len(heads) == 1


def test_each_exchange_has_its_own_deadline() -> None:
    """A connection that is used again long after its first exchange isn't taken for late."""
    clock = Clock()
    with served([GOOD]) as (url, heads), client_of(url, clock, ONCE) as client:
        for _ in range(3):
            assert client.get_key("h1").hash == "h1"
            clock.seconds += 1000
    assert len(heads) == 3


def test_deadline_reaches_every_transport(monkeypatch: pytest.MonkeyPatch) -> None:
    """The pools that the deadline is set on are where this httpx keeps them, proxies' too."""
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    with httpx.Client() as client:
        assert len(client._mounts) >= 1
        assert bound(client, Deadline(Clock().monotonic))


def test_deadline_that_cannot_be_set() -> None:
    """Without those private pools the client works as before."""
    with httpx.Client(transport=httpx.MockTransport(lambda _request: httpx.Response(200))) as client:
        assert not bound(client, Deadline(Clock().monotonic))
        assert client.get("http://127.0.0.1:9/").status_code == 200
