"""A create leaves exactly one key, or none and a clear error, whatever becomes of its answer."""

import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from openrouter_provider.api.client import DEFAULT_TIMEOUT_SECONDS
from openrouter_provider.api.creating.creation import is_ours
from openrouter_provider.api.errors import (
    AuthenticationError,
    ConnectionFailed,
    InsufficientCredits,
    InvalidResponse,
    OpenRouterError,
    OutcomeUnknown,
    ResponseError,
    ServerError,
)
from openrouter_provider.api.models import KeyRecord
from tests.unit.api_fixtures import CANARY, NOON, POLICY, Server, Spoiler, after, before, broken, logged, told, wanted

HTML = "<html><body>Bad Gateway</body></html>"
DOUBTFUL: dict[str, Spoiler] = {
    "500 before": before(500),
    "500 after": after(500),
    "502 HTML": before(502, HTML),
    "503 with Retry-After": before(503, **{"Retry-After": "2"}),
    "504 after": after(504),
    "408": before(408),
    "409 after": after(409),
    "425 after": after(425),
    "error in a 200": after(200, {"error": {"code": 500, "message": "x"}}),
    "hang before": broken(httpx.ReadTimeout, works=False),
    "hang after": broken(httpx.ReadTimeout, works=True),
    "dropped before": broken(httpx.RemoteProtocolError, works=False),
    "dropped after": broken(httpx.RemoteProtocolError, works=True),
    "reset while reading": broken(httpx.ReadError, works=True),
    "broken JSON": after(201, '{"data": {'),
    "wrong shape": after(201, {"ok": True}),
    "no value": after(201, {"data": {"hash": "x"}}),
    "empty": after(201),
    "no content": after(204),
    "HTML": after(200, HTML),
    "redirect": before(307, Location="https://elsewhere.example/keys"),
    "redirect after": after(302, Location="https://elsewhere.example/keys"),
}
DEFINITE: dict[str, tuple[Spoiler, type[OpenRouterError]]] = {
    "400": (before(400, {"error": {"code": 400, "message": "bad name"}}), ResponseError),
    "401": (before(401, {"error": {"code": 401, "message": "User not found."}}), AuthenticationError),
    "402": (before(402, {"error": {"code": 402, "message": "Insufficient credits"}}), InsufficientCredits),
    "422": (before(422), ResponseError),
    "404 HTML": (before(404, HTML), InvalidResponse),
}


@pytest.mark.parametrize("times", [1, 2])
@pytest.mark.parametrize("fault", DOUBTFUL)
@pytest.mark.parametrize("stale_seconds", [0.0, 2.0])
def test_one_key(fault: str, times: int, stale_seconds: float) -> None:
    """A doubtful answer, also twice in a row and with a listing that lags, leaves exactly the key returned."""
    server = Server(stale_seconds=stale_seconds)
    server.spoil("POST", *[DOUBTFUL[fault]] * times)
    created = server.client().create_key(wanted())
    assert list(server.keys) == [created.record.hash]
    assert server.count("POST") == times + 1


def hung(server: Server) -> Spoiler:
    """Do the work and let the client's time-out pass."""

    def spoiler(request: httpx.Request, work: Callable[[], httpx.Response]) -> httpx.Response:
        server.clock.seconds += DEFAULT_TIMEOUT_SECONDS
        return broken(httpx.ReadTimeout, works=True)(request, work)

    return spoiler


def test_slow_search() -> None:
    """The time that the search for a lost key takes isn't charged to the create, which goes on to its end."""
    server = Server()
    server.spoil("POST", hung(server), hung(server))
    server.spoil("GET", hung(server), hung(server))
    server.spoil("DELETE", hung(server), hung(server))
    created = server.client().create_key(wanted())
    assert list(server.keys) == [created.record.hash]
    assert server.clock.seconds > POLICY.deadline_seconds


@pytest.mark.parametrize("stale_seconds", [4.0, 10.0, 25.0])
def test_listing_that_lags_for_long(stale_seconds: float) -> None:
    """What a lost attempt made is found however late the listing shows it, by waiting for the key made after it."""
    server = Server(stale_seconds=stale_seconds)
    server.spoil("POST", *[after(504)] * 2)
    created = server.client().create_key(wanted())
    assert list(server.keys) == [created.record.hash]
    assert server.clock.seconds < stale_seconds + 10


def test_listing_that_never_catches_up() -> None:
    """A listing that doesn't show the new key either is waited for so long and no longer."""
    server = Server(stale_seconds=10_000)
    server.spoil("POST", after(504))
    created = server.client().create_key(wanted())
    assert created.record.hash in server.keys
    assert server.clock.seconds < POLICY.settle_seconds + POLICY.catch_up_seconds + 5


@pytest.mark.parametrize("fault", DOUBTFUL)
def test_none_after_the_last(fault: str) -> None:
    """When every attempt ends in doubt, the last one is undone as well and the error says so."""
    server = Server()
    server.spoil("POST", *[DOUBTFUL[fault]] * 50)
    with pytest.raises(OpenRouterError, match="no key of that name is left behind"):
        server.client().create_key(wanted())
    assert not server.keys


@pytest.mark.parametrize("fault", DEFINITE)
def test_definite_failure(fault: str) -> None:
    """A refusal is one POST and no search."""
    server = Server()
    spoiler, kind = DEFINITE[fault]
    server.spoil("POST", spoiler)
    with pytest.raises(kind):
        server.client().create_key(wanted())
    assert server.count("POST") == 1
    assert not any(request.url.path.endswith("/keys") for request in server.requests if request.method == "GET")


@pytest.mark.parametrize("kind", [httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError])
def test_nothing_sent(kind: type[httpx.HTTPError]) -> None:
    """A POST that never left is repeated without a search."""
    server = Server()
    server.spoil("POST", broken(kind, works=False))
    server.client().create_key(wanted())
    assert (server.count("POST"), server.count("GET")) == (2, 0)


def test_ordinary_case() -> None:
    """Without faults a create is one POST and nothing else, and the value is shown to nobody."""
    server = Server()
    created = server.client().create_key(wanted(limit=5))
    assert [request.method for request in server.requests] == ["POST"]
    assert created.key.get_secret_value().startswith("sk-or-")
    assert created.key.get_secret_value() not in repr(created) + str(created) + created.model_dump_json()


def test_created_with_200() -> None:
    """A key that is answered with 200 instead of 201 is as good."""
    server = Server()
    server.spoil("POST", lambda _request, work: httpx.Response(200, content=work().content))
    created = server.client().create_key(wanted())
    assert (list(server.keys), server.count("POST")) == ([created.record.hash], 1)


def test_listing_without_an_order() -> None:
    """What a lost attempt made is found wherever in several pages the listing has it."""
    server = Server()
    for number in range(150):
        server.add(f"stranger {number}")
    server.spoil("POST", after(504))
    created = server.client().create_key(wanted())
    assert len(server.keys) == 151
    assert created.record.hash in server.keys


def test_throttled() -> None:
    """A 429 is waited out and then repeated, without a search and without using up attempts."""
    server = Server()
    server.spoil("POST", *[before(429, **{"Retry-After": "3"})] * 20)
    server.client().create_key(wanted())
    assert (server.count("POST"), server.count("GET")) == (21, 0)
    assert server.clock.seconds >= 60


@pytest.mark.parametrize("fields", [{"usage": 0.5}, {"byok_usage": 1}, {"created_at": "2025-12-31T00:00:00Z"}])
def test_others_are_left(fields: dict[str, object]) -> None:
    """A key of the same name that was used or is older is reported with its hash and left."""
    server = Server()
    found = server.add(wanted().name, **fields)
    server.spoil("POST", before(500))
    with pytest.raises(OutcomeUnknown, match="openrouter-keys drift") as caught:
        server.client().create_key(wanted())
    assert caught.value.hashes == (found,)
    assert list(server.keys) == [found]


def test_known_keys_are_left() -> None:
    """A key that the state holds is no obstacle and is not touched, even under the same name."""
    server = Server()
    known = server.add(wanted().name)
    server.spoil("POST", after(504))
    created = server.client().create_key(wanted(), known_hashes=[known])
    assert set(server.keys) == {known, created.record.hash}


@pytest.mark.parametrize("hours", [-3, 3])
def test_server_clock_differs(hours: int) -> None:
    """A server's clock that is hours off is allowed for by its Date header."""
    server = Server(skew=timedelta(hours=hours))
    date = (NOON + timedelta(hours=hours)).strftime("%a, %d %b %Y %H:%M:%S GMT")
    server.spoil("POST", after(504, Date=date))
    server.client().create_key(wanted())
    assert len(server.keys) == 1


def test_listing_never_answers(caplog: pytest.LogCaptureFixture) -> None:
    """When the search fails too, the error names the key and the command, and no second POST is made."""
    caplog.set_level(logging.DEBUG)
    server = Server()
    server.spoil("POST", after(504, {"error": {"message": CANARY}}))
    server.spoil("GET", *[broken(httpx.ReadTimeout, works=False)] * 50)
    with pytest.raises(OutcomeUnknown, match=r"acme/dev/checkout-1a2b3c4.*openrouter-keys recover") as caught:
        server.client().create_key(wanted())
    assert caught.value.name == wanted().name
    assert server.count("POST") == 1
    assert CANARY not in told(caught.value) + logged(caplog.records)


def test_deletion_fails() -> None:
    """When what was made can't be deleted, the outcome is unknown."""
    server = Server()
    server.spoil("POST", after(504))
    server.spoil("DELETE", before(403))
    with pytest.raises(OutcomeUnknown):
        server.client().create_key(wanted())


def test_interrupt() -> None:
    """Ctrl-C in a create goes through at once."""

    def interrupt(_request: httpx.Request, _work: object) -> httpx.Response:
        raise KeyboardInterrupt

    server = Server()
    server.spoil("POST", interrupt)
    with pytest.raises(KeyboardInterrupt):
        server.client().create_key(wanted())
    assert server.count("POST") == 1


@pytest.mark.parametrize(
    ("changes", "ours"),
    [
        ({}, True),
        ({"name": "a-"}, False),
        ({"hash": "known"}, False),
        ({"usage": 0.01}, False),
        ({"byok_usage_monthly": 0.01}, False),
        ({"created_at": NOON - timedelta(seconds=1)}, False),
        ({"disabled": True}, True),
    ],
)
def test_is_ours(changes: dict[str, object], ours: bool) -> None:
    """Only an unused, unknown key of exactly this name that is not too old may be deleted."""
    facts: dict[str, object] = {"hash": "h", "name": "a", "label": "l", "disabled": False, "limit": None}
    record = KeyRecord.model_validate(facts | {"created_at": NOON} | changes)
    assert is_ours(record, "a", {"known"}, NOON) is ours


def test_is_ours_without_time() -> None:
    """An earlier run's remains may be of any age."""
    old = datetime(2020, 1, 1, tzinfo=UTC)
    record = KeyRecord(hash="h", name="a", label="l", disabled=False, limit=None, created_at=old)
    assert is_ours(record, "a", (), None)


def test_failure_kinds_survive() -> None:
    """After a clean search the error still says what failed."""
    for spoiler, kind in ((before(503), ServerError), (broken(httpx.ReadError, works=False), ConnectionFailed)):
        server = Server()
        server.spoil("POST", *[spoiler] * 50)
        with pytest.raises(kind):
            server.client().create_key(wanted())
