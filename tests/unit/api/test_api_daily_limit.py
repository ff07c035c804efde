"""A limit on a day's changes ends a run at once, for all threads, and says when it may go on."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from pydantic import SecretStr

from openrouter_provider.api.errors import DailyLimitReached, RateLimited
from openrouter_provider.api.quota import Quota, parse_reset, quota_of
from tests.unit.api_fixtures import CANARY, NOON, Server, before, told, wanted

MIDNIGHT = datetime(2026, 1, 2, tzinfo=UTC)
DAILY = {"X-RateLimit-Limit": "500", "X-RateLimit-Remaining": "0"}
SPENT = {**DAILY, "X-RateLimit-Reset": str(int(MIDNIGHT.timestamp() * 1000))}
WORDS = {"error": {"code": 429, "message": "Rate limit exceeded: keys-modify-api-rpd-v2"}}


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("1767312000000", MIDNIGHT),
        ("1767312000", MIDNIGHT),
        ("1767312000.5", MIDNIGHT + timedelta(seconds=0.5)),
        ("30", NOON + timedelta(seconds=30)),
        ("0", NOON),
        ("2026-01-02T00:00:00Z", MIDNIGHT),
        ("2026-01-02T01:00:00+01:00", MIDNIGHT),
        ("2026-01-02T00:00:00", MIDNIGHT),
        ("", None),
        (None, None),
        ("soon", None),
        ("-1", None),
        ("9" * 400, None),
        ("²", None),
    ],
)
def test_a_reset_is_read_in_every_known_form(text: str | None, instant: datetime | None) -> None:
    """Milliseconds, seconds, seconds from now and ISO 8601 are read; anything else says nothing."""
    assert parse_reset(text, NOON) == instant


def test_the_headers_of_a_quota() -> None:
    """Names in any case are read, numbers that are none are left out, and no header is no quota."""
    assert quota_of(httpx.Headers({"x-ratelimit-limit": "5", "x-ratelimit-remaining": "many"}), NOON) == Quota(5)
    assert quota_of(httpx.Headers({}), NOON) is None


@pytest.mark.parametrize(("body", "headers"), [("", SPENT), (WORDS, {}), (WORDS, DAILY), ("", SPENT | {"Date": ""})])
def test_a_limit_that_resets_in_hours_is_not_waited_for(body: object, headers: dict[str, str]) -> None:
    """One call is made, no time passes, and the error says what was done and when it may go on."""
    server = Server()
    client = server.client()
    client.create_key(wanted("first"))
    server.spoil("POST", before(429, body, **headers))
    with pytest.raises(DailyLimitReached) as caught:
        client.create_key(wanted())
    error = caught.value
    assert isinstance(error, RateLimited)
    assert (server.count("POST"), server.clock.seconds, error.made) == (2, 0, 1)
    assert (error.quota and error.quota.resets_at, error.retry_after) == (MIDNIGHT, 12 * 3600)
    assert "made 1 of these and sends no more; it resets at 2026-01-02T00:00:00Z" in error.message
    assert ("of 500" in error.message) == bool(headers)
    assert CANARY not in told(error)


def test_no_thread_sends_another_change() -> None:
    """Creates, changes and deletions of all threads fail without a call; reads, and a service's own calls, go on."""
    server = Server()
    client = server.client()
    known = server.add("known")
    server.spoil("DELETE", before(429, **SPENT))
    with pytest.raises(DailyLimitReached):
        client.delete_key(known)
    sent = len(server.requests)

    def change(number: int) -> object:
        with pytest.raises(DailyLimitReached, match="not sent") as caught:
            client.update_key(known, {"limit": number}) if number % 2 else client.create_key(wanted(str(number)))
        return caught.value

    with ThreadPoolExecutor(8) as pool:
        assert len(list(pool.map(change, range(24)))) == 24
    assert len(server.requests) == sent
    assert client.get_key(known).name == "known"
    assert client.current_key(SecretStr("sk-or-v1-other")).label


def test_it_goes_on_by_itself_after_the_reset() -> None:
    """A process that lives past midnight sends changes again."""
    server = Server()
    client = server.client()
    server.spoil("POST", before(429, **SPENT))
    with pytest.raises(DailyLimitReached):
        client.create_key(wanted())
    server.clock.sleep(12 * 3600 - 1)
    with pytest.raises(DailyLimitReached, match="not sent"):
        client.create_key(wanted())
    server.clock.sleep(2)
    assert client.create_key(wanted()).record.name == wanted().name


def test_a_limit_that_resets_soon_is_waited_for() -> None:
    """Without Retry-After the reset says how long all wait; with it, that does."""
    for headers, seconds in ((DAILY | {"X-RateLimit-Reset": "40"}, 40), (SPENT | {"Retry-After": "7"}, 7)):
        server = Server()
        server.add("n")
        server.spoil("GET", before(429, **headers))
        server.client().get_key("hash0001")
        assert server.clock.seconds == seconds


def test_minutes_before_midnight_a_change_waits() -> None:
    """A daily limit that resets within the time a call may take is a pause like any other."""
    server = Server()
    server.clock.sleep(12 * 3600 - 90)
    server.spoil("POST", before(429, WORDS))
    assert server.client().create_key(wanted()).record.name == wanted().name
    assert server.clock.seconds == 12 * 3600


def test_what_is_left_is_known_where_an_answer_tells_it() -> None:
    """The headers of any answer to the client's own credential are kept."""
    server = Server()
    server.add("n")
    client = server.client()
    assert client.quota is None
    told_so = {"X-RateLimit-Limit": "500", "X-RateLimit-Remaining": "480"}
    server.spoil("GET", lambda _request, work: httpx.Response(200, content=work().content, headers=told_so))
    client.get_key("hash0001")
    assert client.quota == Quota(500, 480)
