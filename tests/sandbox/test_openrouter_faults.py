"""Faults, limits and delays that the control endpoint plans."""

import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from email.utils import parsedate_to_datetime
from typing import Any

import httpx
import pytest

from sandbox.openrouter import Control, SimulatorServer
from sandbox.openrouter.client import ControlError
from sandbox.openrouter.records import new_credential
from sandbox.openrouter.settings import Settings
from sandbox.openrouter.store import Account
from sandbox.openrouter.traffic import TokenBucket

AsKey = Callable[[str], httpx.Client]
MakeKey = Callable[..., tuple[dict[str, Any], str]]


def create(api: httpx.Client) -> httpx.Response:
    """Try to create a key."""
    return api.post("/keys", json={"name": "tried"})


@pytest.mark.parametrize(("kind", "made"), [("status_before", 0), ("status_after", 1)])
def test_a_status_comes_before_or_after_the_work(control: Control, api: httpx.Client, kind: str, made: int) -> None:
    """A planned status is answered in shape with its Retry-After, the work not done or done."""
    control.fault("create_key", kind, status=503, retry_after="7")
    answer = create(api)
    assert (answer.status_code, answer.json()["error"]["code"], answer.headers["retry-after"]) == (503, 503, "7")
    assert len(control.named("tried")) == made
    assert create(api).status_code == 201


@pytest.mark.parametrize(("kind", "made"), [("drop_before", 0), ("drop_after", 1)])
def test_a_dropped_connection_is_really_cut(control: Control, api: httpx.Client, kind: str, made: int) -> None:
    """A drop cuts the TCP connection without an answer, the work not done or done."""
    control.fault("create_key", kind)
    with pytest.raises(httpx.RemoteProtocolError):
        create(api)
    assert len(control.named("tried")) == made
    assert control.calls("create_key")[0]["status"] is None


@pytest.mark.parametrize("after", [False, True])
def test_a_hang_outlasts_the_clients_patience(control: Control, api: httpx.Client, *, after: bool) -> None:
    """A hang keeps silent until the client gives up; the work is done only when planned so."""
    control.fault("create_key", "hang", after=after)
    with pytest.raises(httpx.ReadTimeout):
        api.post("/keys", json={"name": "tried"}, timeout=0.1)
    assert len(control.named("tried")) == int(after)


def test_a_hang_that_ends_answers_work_that_was_done(control: Control, api: httpx.Client) -> None:
    """A hang shorter than the client's patience ends in the real answer, or cut when nothing was done."""
    control.fault("create_key", "hang", seconds=0.02, after=True)
    assert create(api).status_code == 201
    control.fault("create_key", "hang", seconds=0.02)
    with pytest.raises(httpx.RemoteProtocolError):
        create(api)


def test_a_trickled_answer_arrives_whole_in_the_end(control: Control, api: httpx.Client) -> None:
    """A trickle sends the real answer in many pieces."""
    control.fault("create_key", "trickle", seconds=0.1)
    with api.stream("POST", "/keys", json={"name": "tried"}) as answer:
        pieces = list(answer.iter_raw())
    assert len(pieces) > 5
    assert json.loads(b"".join(pieces))["data"]["name"] == "tried"


def test_a_trickle_lasts_as_long_as_planned(control: Control, api: httpx.Client, make_key: MakeKey) -> None:
    """An answer of few more bytes than pauses is spread over the whole time, so that a timeout below it is met."""
    made, _ = make_key()
    control.fault("delete_key", "trickle", seconds=0.15)
    began = time.monotonic()
    assert api.delete(f"/keys/{made['hash']}").json() == {"deleted": True}
    assert time.monotonic() - began >= 0.15


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize(
    ("kind", "status"), [("broken_json", 201), ("wrong_shape", 201), ("empty", 201), ("html", 502)]
)
def test_a_spoiled_answer_hides_whether_work_was_done(
    control: Control, api: httpx.Client, kind: str, status: int, *, after: bool
) -> None:
    """A spoiled answer carries no key; the work is done only when planned so."""
    control.fault("create_key", kind, after=after)
    answer = create(api)
    assert answer.status_code == status
    assert "sk-or-" not in answer.text
    assert len(control.named("tried")) == int(after)
    if kind in {"broken_json", "empty"}:
        with pytest.raises(ValueError, match=r"Expecting|Unterminated"):
            answer.json()
    if kind == "html":
        assert answer.headers["content-type"].startswith("text/html")


def test_a_redirect_points_where_it_was_told_to(control: Control, api: httpx.Client) -> None:
    """A redirect answers its status and location verbatim."""
    control.fault("any", "redirect", location="http://127.0.0.2:9/elsewhere")
    answer = api.get("/keys")
    assert (answer.status_code, answer.headers["location"]) == (307, "http://127.0.0.2:9/elsewhere")


@pytest.mark.default_answers
@pytest.mark.parametrize(("shift", "first"), [(1, "98"), (-1, "100")])
def test_a_shifted_page_misses_or_repeats_an_entry(control: Control, api: httpx.Client, shift: int, first: str) -> None:
    """A page after the first can begin one entry late or early; the first page never shifts."""
    for number in range(200):
        control.create_key(name=str(number))
    control.fault("list_keys", "shift_page", shift=shift)
    firsts = [api.get("/keys", params={"offset": offset}).json()["data"][0]["name"] for offset in (0, 100, 100)]
    assert firsts == ["199", first, "99"]


def test_skip_and_count_choose_which_calls_are_spoiled(control: Control, api: httpx.Client) -> None:
    """A fault lets `skip` matching calls pass, spoils `count`, and then is over."""
    control.fault("create_key", "status_before", status=500, skip=1, count=2)
    api.get("/keys")
    assert [create(api).status_code for _ in range(5)] == [201, 500, 500, 201, 201]
    assert control.faults()[0]["fired"] == 2


def test_cleared_faults_do_nothing(control: Control, api: httpx.Client) -> None:
    """After DELETE no fault is left."""
    control.fault("any", "drop_before", count=9)
    control.clear_faults()
    assert control.faults() == []
    assert create(api).status_code == 201


def test_a_fault_meets_only_its_account(control: Control, simulator: SimulatorServer, as_key: AsKey) -> None:
    """Faults and delays of one account leave every other alone."""
    control.fault("any", "drop_before", count=9)
    control.configure(rate_limit_per_second=0.001)
    with simulator.open_account() as other:
        assert [as_key(other.management_key).get("/keys").status_code for _ in range(3)] == [200] * 3


@pytest.mark.parametrize(
    "plan",
    [
        {"operation": "nothing", "kind": "hang"},
        {"operation": "any", "kind": "nothing"},
        {"operation": "any", "kind": "redirect"},
        {"operation": "get_key", "kind": "shift_page"},
        {"operation": "any", "kind": "hang", "typo": 1},
        {"operation": "any", "kind": "status_before", "retry_after": "1", "retry_after_date_in": 1},
    ],
)
def test_a_misspelt_fault_is_refused(control: Control, plan: dict[str, Any]) -> None:
    """A fault that could never fire is an error of the test that plans it."""
    with pytest.raises(ControlError, match="400"):
        control.fault(**plan)


def test_the_rate_limit_answers_429(control: Control, api: httpx.Client) -> None:
    """A burst passes; the call after it is a 429 with Retry-After in whole seconds, and is still counted."""
    control.configure(rate_limit_per_second=0.1, rate_limit_burst=3)
    answers = [api.get("/key") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert answers[-1].headers["retry-after"] in {"9", "10"}
    assert control.stats()["by_operation"] == {"current_key": 4}


def test_tokens_come_back_at_the_rate() -> None:
    """A bucket lets its burst through, then one call for each token that has dripped in."""
    clock = [0.0]
    bucket = TokenBucket(lambda: clock[0])
    assert [bucket.take(2, None) for _ in range(3)] == [None, None, 0.5]
    clock[0] += 0.5
    assert [bucket.take(2, None) for _ in range(2)] == [None, 0.5]
    clock[0] += 60
    assert [bucket.take(2, None) for _ in range(3)] == [None, None, 0.5]


def test_retry_after_can_be_a_date(control: Control, api: httpx.Client) -> None:
    """A 429 can carry its Retry-After as an HTTP date."""
    control.configure(rate_limit_per_second=0.1, rate_limit_burst=1, retry_after_http_date=True)
    api.get("/key")
    assert parsedate_to_datetime(api.get("/key").headers["retry-after"]).tzinfo is not None


def test_a_faults_date_is_counted_from_its_answer(control: Control, api: httpx.Client) -> None:
    """A planned 429 can name a moment so many seconds after the answer that carries it."""
    control.fault("list_keys", "status_before", status=429, retry_after_date_in=90)
    answer = api.get("/keys")
    ahead = parsedate_to_datetime(answer.headers["retry-after"]) - parsedate_to_datetime(answer.headers["date"])
    assert 88 <= ahead.total_seconds() <= 91


def test_a_stale_listing_misses_a_young_key(control: Control, api: httpx.Client, make_key: MakeKey) -> None:
    """A stale listing misses a key that GET by hash already shows."""
    control.configure(stale_listing_seconds=60)
    made, _ = make_key()
    assert api.get("/keys").json()["data"] == []
    assert api.get(f"/keys/{made['hash']}").status_code == 200
    control.configure(stale_listing_seconds=0)
    assert len(api.get("/keys").json()["data"]) == 1


def test_a_stale_listing_lags_behind_every_write() -> None:
    """A stale listing shows a key before its change and after its deletion, and then catches up."""
    clock = [0.0]
    account = Account(new_credential(), lambda: clock[0])
    account.settings = Settings.model_validate({"stale_listing_seconds": 2})
    changed, deleted = account.create_key(name="old"), account.create_key(name="deleted")
    clock[0] = 3
    account.update_key(changed, {"name": "new"})
    account.delete_key(deleted)

    def listed() -> list[str]:
        return [key.name for key in account.listing(account.default_workspace.id, include_disabled=False)]

    assert listed() == ["deleted", "old"]
    clock[0] = 5
    assert listed() == ["new"]


def test_calls_are_counted_and_hold_no_credential(control: Control, api: httpx.Client, make_key: MakeKey) -> None:
    """Every call is listed once in order, with name and status, without any credential."""
    record, _ = make_key(name="one")
    api.get("/keys", params={"offset": 0})
    api.delete(f"/keys/{record['hash']}")
    calls = control.calls()
    assert [(c["operation"], c["status"], c.get("name")) for c in calls] == [
        ("create_key", 201, "one"),
        ("list_keys", 200, None),
        ("delete_key", 200, None),
    ]
    assert calls[1]["query"] == "offset=0"
    assert not [secret for secret in control.all_secrets() if secret in json.dumps(calls)]
    assert control.stats()["by_operation"] == {"create_key": 1, "list_keys": 1, "delete_key": 1}
    control.clear_calls()
    assert control.calls() == []


def test_latency_makes_calls_overlap(control: Control, api: httpx.Client) -> None:
    """With latency, simultaneous calls are counted as such."""
    control.configure(latency_ms=100)
    began = time.monotonic()
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: api.get("/keys"), range(4)))
    assert time.monotonic() - began >= 0.1
    assert control.stats()["max_concurrent"] >= 2
