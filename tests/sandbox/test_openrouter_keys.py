"""Keys over the simulator's API: life cycle, paging, validation, who may do what."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sandbox.openrouter import Control, SimulatorServer

AsKey = Callable[[str], httpx.Client]
MakeKey = Callable[..., tuple[dict[str, Any], str]]
UNKNOWN = "0" * 64
NOT_A_WORKSPACE = "00000000-0000-4000-8000-000000000000"
REQUIRED = {
    "hash", "name", "label", "disabled", "limit", "limit_remaining", "limit_reset", "include_byok_in_limit",
    "usage", "usage_daily", "usage_weekly", "usage_monthly", "byok_usage", "byok_usage_daily", "byok_usage_weekly",
    "byok_usage_monthly", "created_at", "updated_at", "expires_at", "creator_user_id", "workspace_id",
}  # fmt: skip


def names(answer: httpx.Response) -> list[str]:
    """Return the names on a page."""
    return [key["name"] for key in answer.json()["data"]]


def test_a_new_key_has_every_field_and_its_value_is_shown_once(make_key: MakeKey, api: httpx.Client) -> None:
    """A key's value is told on creation only; hash and label derive from it."""
    record, plaintext = make_key(name="first", limit=5)
    assert set(record) >= REQUIRED
    assert record["hash"] == sha256(plaintext.encode()).hexdigest()
    assert record["label"] == f"{plaintext[:12]}...{plaintext[-4:]}"
    assert plaintext not in api.get(f"/keys/{record['hash']}").text
    assert record["updated_at"] is None


def test_patch_leaves_what_it_does_not_name(make_key: MakeKey, api: httpx.Client) -> None:
    """An absent field of a PATCH stays as it was; null clears limit and limit_reset."""
    record, _ = make_key(limit=5, limit_reset="daily")
    path = f"/keys/{record['hash']}"
    renamed = api.patch(path, json={"name": "other", "unknown": 1}).json()["data"]
    assert (renamed["name"], renamed["limit"], renamed["limit_reset"]) == ("other", 5, "daily")
    assert renamed["updated_at"]
    cleared = api.patch(path, json={"limit": None, "limit_reset": None}).json()["data"]
    assert (cleared["limit"], cleared["limit_reset"], cleared["limit_remaining"]) == (None, None, None)


def test_a_deleted_key_is_gone(make_key: MakeKey, api: httpx.Client, as_key: AsKey) -> None:
    """After DELETE the key is not found, not listed, and authenticates nowhere."""
    record, plaintext = make_key()
    path = f"/keys/{record['hash']}"
    assert api.delete(path).json() == {"deleted": True}
    assert [api.get(path).status_code, api.delete(path).status_code, api.patch(path, json={}).status_code] == [404] * 3
    assert names(api.get("/keys", params={"include_disabled": "true"})) == []
    assert as_key(plaintext).get("/key").json()["error"] == {"code": 401, "message": "User not found."}


@pytest.mark.default_answers
def test_listing_pages_by_a_hundred_newest_first(control: Control, api: httpx.Client) -> None:
    """Pages hold exactly 100 keys, newest first, without gap or repetition."""
    for number in range(205):
        control.create_key(name=str(number))
    pages = [names(api.get("/keys", params={"offset": offset})) for offset in (0, 100, 200, 300)]
    assert [len(page) for page in pages] == [100, 100, 5, 0]
    assert [name for page in pages for name in page] == [str(number) for number in reversed(range(205))]


def test_listing_hides_disabled_keys_unless_asked(make_key: MakeKey, api: httpx.Client) -> None:
    """A disabled key is listed only with include_disabled=true."""
    make_key(name="on")
    record, _ = make_key(name="off")
    api.patch(f"/keys/{record['hash']}", json={"disabled": True})
    assert names(api.get("/keys")) == ["on"]
    assert names(api.get("/keys", params={"include_disabled": "false"})) == ["on"]
    assert names(api.get("/keys", params={"include_disabled": "true"})) == ["off", "on"]


def test_listing_covers_one_workspace(make_key: MakeKey, api: httpx.Client) -> None:
    """Without workspace_id only the default workspace's keys are listed; a key can be moved."""
    workspace = api.post("/workspaces", json={"name": "W", "slug": "w"}).json()["data"]["id"]
    record, _ = make_key(name="there", workspace_id=workspace)
    make_key(name="here")
    assert names(api.get("/keys")) == ["here"]
    assert names(api.get("/keys", params={"workspace_id": workspace})) == ["there"]
    api.patch(f"/keys/{record['hash']}", json={"workspace_id": api.get("/workspaces/default").json()["data"]["id"]})
    assert names(api.get("/keys")) == ["here", "there"]


def in_days(days: int) -> str:
    """Return an instant so many days from now."""
    return (datetime.now(UTC) + timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")


@pytest.mark.parametrize(
    "wish",
    [
        {},
        {"name": ""},
        {"name": None},
        {"name": 5},
        {"name": "x", "limit": True},
        {"name": "x", "limit": "5"},
        {"name": "x", "limit": -1},
        {"name": "x", "limit_reset": "yearly"},
        {"name": "x", "limit_reset": ""},
        {"name": "x", "include_byok_in_limit": "true"},
        {"name": "x", "include_byok_in_limit": None},
        {"name": "x", "expires_at": "2999-01-01"},
        {"name": "x", "expires_at": "2999-01-01T00:00Z"},
        {"name": "x", "expires_at": "2999-01-01T00:00:00"},
        {"name": "x", "expires_at": "2999-01-01T00:00:00+02:00"},
        {"name": "x", "expires_at": "2999-13-01T00:00:00Z"},
        {"name": "x", "expires_at": in_days(-1)},
        {"name": "x", "creator_user_id": ""},
        {"name": "x", "workspace_id": "default"},
        {"name": "x", "workspace_id": NOT_A_WORKSPACE},
    ],
)
def test_create_refuses_what_the_description_forbids(api: httpx.Client, control: Control, wish: Any) -> None:
    """A wrong create is a 400 in OpenRouter's shape and makes nothing."""
    answer = api.post("/keys", json=wish)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, 400)
    assert answer.json()["error"]["message"]
    assert control.keys() == []


@pytest.mark.parametrize(
    "body",
    [
        "",
        "no json",
        "[]",
        "null",
        '{"name": "x", "limit": NaN}',
        '{"name": "x", "limit": 1e999}',
        '{"name": "x", "limit": 1' + "0" * 400 + "}",
        '{"name": "\\ud800"}',
    ],
)
def test_create_refuses_what_is_no_json_object(api: httpx.Client, control: Control, body: str) -> None:
    """A body that isn't a JSON object of finite numbers and real text is a 400."""
    assert api.post("/keys", content=body).status_code == 400
    assert control.keys() == []


@pytest.mark.default_answers
@pytest.mark.parametrize(
    "wish",
    [
        {"name": "x", "limit": 0},
        {"name": "x", "limit": None, "limit_reset": None, "expires_at": None, "creator_user_id": None},
        {"name": "x", "limit": 1.5, "limit_reset": "weekly", "include_byok_in_limit": True, "expires_at": in_days(1)},
        {"name": "x\n\u202e", "unknown": {}},
    ],
)
def test_create_accepts_what_the_description_allows(api: httpx.Client, control: Control, wish: Any) -> None:
    """A right create is a 201 whose record repeats the wish."""
    control.configure(timestamp_style="seconds")
    answer = api.post("/keys", json=wish)
    assert answer.status_code == 201
    sent = {name: value for name, value in wish.items() if name in REQUIRED and name != "creator_user_id"}
    assert answer.json()["data"].items() >= sent.items()


@pytest.mark.parametrize("wish", [{"limit": "1"}, {"disabled": None}, {"limit_reset": "never"}, {"name": None}])
def test_update_refuses_wrong_types(make_key: MakeKey, api: httpx.Client, wish: Any) -> None:
    """A wrong PATCH is a 400 and changes nothing."""
    record, _ = make_key(limit=1)
    path = f"/keys/{record['hash']}"
    assert api.patch(path, json=wish).status_code == 400
    assert api.get(path).json()["data"] == record


@pytest.mark.parametrize(
    "query",
    ["offset=-1", "offset=x", "offset=", "include_disabled=maybe", "workspace_id=x", f"workspace_id={NOT_A_WORKSPACE}"],
)
def test_listing_refuses_wrong_queries(api: httpx.Client, query: str) -> None:
    """A wrong query is a 400."""
    assert api.get(f"/keys?{query}").status_code == 400


@pytest.mark.parametrize("header", [None, "", "Bearer", "Basic eA=="])
def test_a_call_without_credential_says_so(simulator: SimulatorServer, header: str | None) -> None:
    """A missing bearer token is a 401 "No auth credentials found"."""
    headers = {} if header is None else {"authorization": header}
    answer = httpx.get(f"{simulator.url}/keys", headers=headers, trust_env=False)
    assert answer.json() == {"error": {"code": 401, "message": "No auth credentials found"}}


@pytest.mark.parametrize("status", [401, 403])
def test_a_standard_key_manages_nothing(make_key: MakeKey, as_key: AsKey, control: Control, status: int) -> None:
    """A standard key on a management route gets the status that the account is set to."""
    _, plaintext = make_key()
    control.configure(standard_key_status=status)
    holder = as_key(plaintext)
    answers = [holder.get("/keys"), holder.get("/credits"), holder.get("/workspaces"), holder.post("/keys", json={})]
    assert [answer.status_code for answer in answers] == [status] * 4


def test_a_listing_hides_expired_keys_unless_asked(control: Control, api: httpx.Client) -> None:
    """Only include_expired=true shows them; a single read shows them always."""
    record, _ = control.create_key(name="old", expires_at="2020-01-01T00:00:00Z")
    assert [names(api.get("/keys", params=params)) for params in ({}, {"include_expired": "true"})] == [[], ["old"]]
    assert api.get(f"/keys/{record['hash']}").status_code == 200


@pytest.mark.default_answers
def test_disabled_and_expired_keys_are_told_apart(make_key: MakeKey, as_key: AsKey, control: Control) -> None:
    """A disabled key gets 403 with its reason, or what an expired one gets: 401 and the words for an unknown one."""
    off, off_value = make_key()
    control.edit_key(off["hash"], disabled=True)
    _, old_value = make_key(expires_at=in_days(1))
    control.configure(now=in_days(2))
    assert as_key(off_value).get("/key").json()["error"] == {"code": 403, "message": "API key is disabled"}
    assert as_key(old_value).get("/key").json()["error"] == {"code": 401, "message": "User not found."}
    control.configure(disabled_key_status=401)
    assert as_key(off_value).get("/key").json()["error"] == {"code": 401, "message": "User not found."}


def test_current_key_tells_the_kinds_apart(make_key: MakeKey, api: httpx.Client, as_key: AsKey) -> None:
    """GET /key says whether the credential is a management key, under both names."""
    record, plaintext = make_key(limit=3)
    kinds = [client.get("/key").json()["data"] for client in (api, as_key(plaintext))]
    assert [k["is_management_key"] for k in kinds] == [k["is_provisioning_key"] for k in kinds] == [True, False]
    assert (kinds[1]["label"], kinds[1]["limit"], kinds[1]["rate_limit"]["requests"]) == (record["label"], 3, -1)


def test_accounts_do_not_see_each_other(make_key: MakeKey, simulator: SimulatorServer, as_key: AsKey) -> None:
    """A key of another account is unknown to list, get, patch and delete."""
    record, _ = make_key()
    path = f"/keys/{record['hash']}"
    with simulator.open_account() as other:
        stranger = as_key(other.management_key)
        assert names(stranger.get("/keys")) == []
        answers = [stranger.get(path), stranger.patch(path, json={}), stranger.delete(path)]
    assert [answer.status_code for answer in answers] == [404] * 3


def test_unknown_paths_and_methods_are_answered_in_shape(api: httpx.Client) -> None:
    """A 404 or 405 of the router has OpenRouter's error shape too."""
    for answer, status in ((api.get("/nothing"), 404), (api.put("/keys"), 405), (api.get(f"/keys/{UNKNOWN}"), 404)):
        assert (answer.status_code, answer.json()["error"]["code"]) == (status, status)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=3,
)
FIELDS = ["name", "limit", "limit_reset", "expires_at", "disabled", "include_byok_in_limit", "workspace_id"]


@given(wish=st.dictionaries(st.sampled_from(FIELDS), JSON))
@settings(
    max_examples=25,
    suppress_health_check=[HealthCheck.function_scoped_fixture],  # one account serves every example
)
def test_whatever_is_sent_is_created_or_refused(api: httpx.Client, wish: dict[str, Any]) -> None:
    """Any JSON object is either a key made or a 400, never a crash."""
    body = json.dumps(wish, allow_nan=True)
    assert api.post("/keys", content=body).status_code in {201, 400}
