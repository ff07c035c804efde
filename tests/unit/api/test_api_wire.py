"""One request: every lower layer's error is mapped, odd answers are told from the API's, nothing secret is shown."""

import logging
import ssl
from collections.abc import Callable, Iterator
from datetime import timedelta

import httpx
import pytest
from pydantic import SecretStr

from openrouter_provider.api.client import ManagementClient
from openrouter_provider.api.errors import (
    ConfigurationError,
    ConnectionFailed,
    InvalidResponse,
    NotFound,
    OpenRouterError,
    RateLimited,
    ServerError,
)
from openrouter_provider.api.http import wire
from openrouter_provider.api.http.retry import RetryPolicy
from tests.unit.api_fixtures import CANARY, NOON, POLICY, Server, Spoiler, after, before, broken, logged, told

ONCE = RetryPolicy(max_attempts=1, throttled_deadline_seconds=0.5, jitter=lambda: 1.0)
KEY = {"hash": "h1", "name": "n", "label": "l", "disabled": False, "limit": None, "created_at": "2026-01-01T00:00:00Z"}


def _leaves(kind: type[Exception]) -> Iterator[type[Exception]]:
    yield kind
    for below in kind.__subclasses__():
        yield from _leaves(below)


def _lower_layer() -> list[type[Exception]]:
    kinds = [*_leaves(httpx.HTTPError), *_leaves(httpx.InvalidURL), *_leaves(httpx.StreamError), httpx.CookieConflict]
    return [kind for kind in kinds if kind is not httpx.HTTPStatusError]


def _make(kind: type[Exception]) -> Exception:
    try:
        return kind(f"failed near {CANARY}")
    except TypeError:
        return kind()


@pytest.mark.parametrize("kind", [*_lower_layer(), OSError], ids=lambda kind: kind.__name__)
def test_every_lower_error_is_mapped(kind: type[Exception], caplog: pytest.LogCaptureFixture) -> None:
    """Whatever httpx raises becomes ConnectionFailed, without the library's error or its request in its context."""
    caplog.set_level(logging.DEBUG)

    def fail(_request: httpx.Request) -> httpx.Response:
        raise _make(kind)

    server = Server()
    client = server.client(transport=httpx.MockTransport(fail), policy=ONCE)
    with pytest.raises(ConnectionFailed) as caught:
        client.get_key("h1")
    assert caught.value.__context__ is None
    assert caught.value.__cause__ is None
    assert CANARY not in told(caught.value) + logged(caplog.records)


@pytest.mark.parametrize(
    ("status", "body", "problem"),
    [
        (200, "", "empty"),
        (200, "   ", "empty"),
        (200, "<!doctype html><title>x</title>", "web page"),
        (200, '{"data": ', "not a JSON object"),
        (200, "[" * 100_000, "not a JSON object"),
        (200, "[]", "not a JSON object"),
        (200, '"text"', "not a JSON object"),
        (200, {"ok": True}, "data"),
        (200, {"data": {**KEY, "hash": "../key"}}, "data.hash"),
        (200, {"data": {**KEY, "hash": ""}}, "data.hash"),
        (200, {"data": {**KEY, "limit": float("nan")}}, "data.limit"),
        (200, {"data": {**KEY, "created_at": f"then {CANARY}"}}, "data.created_at"),
        (200, {"data": {**KEY, "created_at": 12}}, "data.created_at"),
        (301, "", "points elsewhere"),
        (304, "", "points elsewhere"),
        (404, "<html>nothing here</html>", "404"),
    ],
)
def test_odd_answers(status: int, body: object, problem: str) -> None:
    """An answer that isn't the API's is InvalidResponse, which says why and shows nothing of it."""
    server = Server()
    server.spoil("GET", *[before(status, body)] * 9)
    with pytest.raises(InvalidResponse, match=problem) as caught:
        server.client().get_key("h1")
    assert CANARY not in told(caught.value)


@pytest.mark.parametrize("field", ["hash", "name", "label", "disabled", "limit", "created_at"])
def test_required_fields(field: str) -> None:
    """A key without a field that is acted on is InvalidResponse, which names the field."""
    server = Server()
    body = {"data": {name: value for name, value in KEY.items() if name != field}}
    server.spoil("GET", *[before(200, body)] * 9)
    with pytest.raises(InvalidResponse, match=field):
        server.client().get_key("h1")


def test_unknown_fields() -> None:
    """New fields are tolerated and missing counters are zero."""
    server = Server()
    server.spoil("GET", before(200, {"data": {**KEY, "brand_new": [1]}, "more": 1}))
    record = server.client().get_key("h1")
    assert (record.usage, record.never_used, record.expires_at) == (0, True, None)


def test_redirect_is_not_followed() -> None:
    """A redirect to another host is asked for nothing; the credential stays."""
    server = Server()
    server.spoil("GET", *[before(302, Location="https://elsewhere.example/")] * 9)
    with pytest.raises(InvalidResponse):
        server.client().get_key("h1")
    assert {request.url.host for request in server.requests} == {"127.0.0.1"}


def test_trickle() -> None:
    """An answer that trickles for longer than the timeout is given up."""
    server = Server()

    def trickle(_request: httpx.Request) -> httpx.Response:
        def chunks() -> Iterator[bytes]:
            for _ in range(1000):
                server.clock.seconds += 1
                yield b" "

        return httpx.Response(200, content=chunks())

    client = server.client(transport=httpx.MockTransport(trickle), policy=ONCE, timeout_seconds=20)
    with pytest.raises(ConnectionFailed, match="in time"):
        client.get_key("h1")
    assert server.clock.seconds < 25


def test_too_large() -> None:
    """An endless answer is given up before it fills the memory."""
    server = Server()
    huge = httpx.MockTransport(lambda _request: httpx.Response(200, content=(b" " * 2**20 for _ in range(10**6))))
    with pytest.raises(ConnectionFailed):
        server.client(transport=huge, policy=ONCE).get_key("h1")


def test_credential_is_sent() -> None:
    """The credential is a bearer token, and another key's value replaces it where that is asked about."""
    server = Server()
    client = server.client()
    client.current_key()
    client.current_key(SecretStr("sk-or-v1-other"))
    sent = [request.headers["Authorization"] for request in server.requests]
    assert sent == [f"Bearer {CANARY}", "Bearer sk-or-v1-other"]


def test_repr_is_silent() -> None:
    """Neither repr nor str of a client shows the credential."""
    client = Server().client()
    assert CANARY not in f"{client!r} {client} {vars(client)}"


def test_update_sends_null() -> None:
    """A change sends the given fields only, and None as null."""
    server = Server()
    key = server.add("n", limit=5)
    record = server.client().update_key(key, {"limit": None})
    assert server.requests[-1].content == b'{"limit": null}'
    assert record.limit is None


@pytest.mark.parametrize("value", [float("nan"), object()])
def test_unwritable_change(value: object) -> None:
    """A value that JSON can't hold is refused before the call."""
    server = Server()
    with pytest.raises(ConfigurationError):
        server.client().update_key("h1", {"limit": value})
    assert not server.requests


@pytest.mark.parametrize("hash_", ["", "../key", "a/b", "a?b", "a" * 129, "é", "a\n"])
def test_bad_hashes(hash_: str) -> None:
    """What can't be a hash never becomes a path."""
    server = Server()
    with pytest.raises(ConfigurationError):
        server.client().get_key(hash_)
    assert not server.requests


@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
@pytest.mark.parametrize(
    "spoiler",
    [
        before(500),
        after(504),
        before(408),
        before(429),
        before(502, "<html>"),
        after(200),
        after(200, "{"),
        after(200, {"x": 1}),
        before(302, Location="/"),
        before(404, "<html>"),
        broken(httpx.ConnectError, works=False),
        broken(httpx.ReadTimeout, works=True),
        broken(httpx.RemoteProtocolError, works=True),
    ],
)
def test_repeated(method: str, spoiler: object) -> None:
    """Reads, changes and deletions outlast two passing faults."""
    server = Server()
    key = server.add("n")
    server.spoil(method, spoiler, spoiler)  # type: ignore[arg-type]  # parametrize loses the type
    client = server.client()
    calls: dict[str, Callable[[], object]] = {
        "GET": lambda: client.get_key(key),
        "DELETE": lambda: client.delete_key(key),
        "PATCH": lambda: client.update_key(key, {"limit": 1}),
    }
    calls[method]()
    assert (key in server.keys) is (method != "DELETE")


@pytest.mark.parametrize("spoiler", [after(204), after(200, {"deleted": True}), after(202, {})])
def test_delete_confirmed(spoiler: Spoiler) -> None:
    """A deletion may be confirmed in words or by an answer that has none."""
    server = Server()
    key = server.add("n")
    server.spoil("DELETE", spoiler)
    server.client().delete_key(key)
    assert (server.keys, server.count("DELETE")) == ({}, 1)


def test_an_api_that_answered_before_may_be_away_for_longer() -> None:
    """Once it was reached, refused connections are tried again for two minutes; before, only eight times."""
    server = Server()
    refused = [broken(httpx.ConnectError, works=False)] * 10
    key_hash = server.add("one")
    with server.client() as client:
        server.spoil("GET", *refused)
        with pytest.raises(ConnectionFailed):
            client.get_key(key_hash)
        server.plan.clear()
        client.get_key(key_hash)
        server.spoil("GET", *refused[:9])
        assert client.get_key(key_hash).name == "one"
    assert server.clock.seconds < 3 * POLICY.deadline_seconds


def test_delete_absent() -> None:
    """A key that is absent from the start is NotFound, also after a failure that can't have deleted it."""
    server = Server()
    server.spoil("DELETE", before(429), broken(httpx.ConnectError, works=False))
    with pytest.raises(NotFound):
        server.client().delete_key("h1")


def test_definite_refusals_are_not_repeated() -> None:
    """A 404 is one call."""
    server = Server()
    with pytest.raises(NotFound, match="reading key h1"):
        server.client().get_key("h1")
    assert len(server.requests) == 1


def test_deadline() -> None:
    """A fault that stays ends within attempts and deadline, as the error it was."""
    server = Server()
    server.spoil("GET", *[before(503, **{"Retry-After": "50"})] * 99)
    with pytest.raises(ServerError):
        server.client().get_key("h1")
    assert server.clock.seconds <= POLICY.deadline_seconds
    assert server.count("GET") == 4


def test_long_throttle() -> None:
    """A 429 that asks for more time than a call may take fails at once and names the time asked for."""
    server = Server()
    server.spoil("GET", before(429, **{"Retry-After": "3600"}))
    with pytest.raises(RateLimited, match="asks for a wait of 3600 s") as caught:
        server.client().get_key("h1")
    assert (caught.value.retry_after, server.clock.seconds) == (3600, 0)


def test_throttle_as_date() -> None:
    """A Retry-After date is measured by the server's own clock."""
    server = Server()
    skewed = NOON + timedelta(hours=5)
    form = "%a, %d %b %Y %H:%M:%S GMT"
    headers = {"Date": skewed.strftime(form), "Retry-After": (skewed + timedelta(seconds=7)).strftime(form)}
    server.spoil("GET", before(429, **headers))
    server.add("n")
    server.client().get_key("hash0001")
    assert server.clock.seconds == 7


def test_chat_is_not_repeated() -> None:
    """A prompt that may have been charged is sent once."""
    server = Server()
    server.spoil("POST", *[before(502)] * 2)
    with pytest.raises(ServerError):
        server.client().chat(SecretStr("sk-or-v1-other"), "m:free", "hello")
    assert server.count("POST") == 1


def test_chat() -> None:
    """A prompt is sent with the service's key and the application's name, and its reply is read."""
    server = Server()
    server.spoil("POST", before(200, {"model": "m", "choices": [{"message": {"content": "hi"}}]}))
    reply = server.client().chat(SecretStr("sk-or-v1-other"), "m", "hello", referer="https://a.example", title="Ä")
    headers = server.requests[0].headers
    assert reply.text == "hi"
    assert headers["HTTP-Referer"] == "https://a.example"
    assert headers["Authorization"] == "Bearer sk-or-v1-other"


def test_names_in_logs_are_printable(caplog: pytest.LogCaptureFixture) -> None:
    """At DEBUG, logs hold method, path and status, and neither names nor values."""
    caplog.set_level(logging.DEBUG)
    server = Server()
    server.add("evil\x1b[31m")
    server.client().list_keys()
    text = logged(caplog.records)
    assert "GET /keys: answered" in text
    assert "\x1b" not in text
    assert CANARY not in text


@pytest.mark.parametrize("method", ["get_key", "delete_key", "list_keys", "get_credits", "list_workspaces"])
@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 408, 429, 500, 503])
def test_no_secrets_in_refusals(method: str, status: int, caplog: pytest.LogCaptureFixture) -> None:
    """A server that repeats the credential doesn't get it into an error or a log."""
    caplog.set_level(logging.DEBUG)
    server = Server()
    echo = before(status, {"error": {"message": f"no: {CANARY} {CANARY[:30]}\x1b[1m"}}, **{"X-Echo": CANARY})
    server.spoil("GET", *[echo] * 99)
    server.spoil("DELETE", *[echo] * 99)
    client = server.client(policy=ONCE)
    arguments = ["h1"] if method in {"get_key", "delete_key"} else []
    with pytest.raises(OpenRouterError) as caught:
        getattr(client, method)(*arguments)
    everything = told(caught.value) + logged(caplog.records)
    assert CANARY not in everything
    assert CANARY[:30] not in everything
    assert "\x1b" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_authorities_are_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A thousand keys are asked by a client each; another SSL_CERT_FILE counts all the same."""
    read: list[bool] = []
    context = httpx.create_ssl_context()

    def counted(*, trust_env: bool) -> ssl.SSLContext:
        read.append(trust_env)
        return context

    monkeypatch.setattr(httpx, "create_ssl_context", counted)
    wire._authorities.cache_clear()
    for _ in range(3):
        ManagementClient(CANARY, base_url="https://openrouter.example/api/v1").close()
    assert len(read) == 1
    monkeypatch.setenv("SSL_CERT_FILE", "/elsewhere.pem")
    ManagementClient(CANARY, base_url="https://openrouter.example/api/v1").close()
    assert len(read) == 2
    wire._authorities.cache_clear()


def test_missing_authorities(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that isn't there is one line that names the variable, also after a client that needed none."""
    ManagementClient(CANARY, base_url="https://openrouter.example/api/v1").close()
    monkeypatch.setenv("SSL_CERT_FILE", "/nowhere/authorities.pem")
    with pytest.raises(ConfigurationError, match="SSL_CERT_FILE"):
        ManagementClient(CANARY, base_url="https://openrouter.example/api/v1")
