"""Other vendors' keys over the simulator's API: life cycle, and that their values stay hidden."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from sandbox.openrouter import Control

MakeKey = Callable[..., tuple[dict[str, Any], str]]
CANARY = "sk-canary-0123456789abcdef"


def create(api: httpx.Client, **fields: Any) -> dict[str, Any]:
    """Bring a key and return its record."""
    answer = api.post("/byok", json={"provider": "openai", "key": CANARY} | fields)
    assert answer.status_code == 201, answer.text
    record: dict[str, Any] = answer.json()["data"]
    return record


def test_the_value_is_never_answered(api: httpx.Client) -> None:
    """No answer holds the value; the label is a masked snippet of it."""
    path = f"/byok/{create(api)['id']}"
    answers = [api.get(path), api.get("/byok"), api.patch(path, json={"name": "n"}), api.delete(path)]
    assert not [answer.text for answer in answers if CANARY in answer.text]
    assert answers[0].json()["data"]["label"] == "sk-...cdef"


@pytest.mark.parametrize("short", ["k", "0123456789abcde"])
def test_a_short_value_has_no_snippet(api: httpx.Client, short: str) -> None:
    """The label of a short value shows nothing of it."""
    assert create(api, key=short)["label"] == "..."


def test_a_new_value_gives_a_new_label(api: httpx.Client, control: Control) -> None:
    """A PATCH of the key regenerates the label; both values stay known to searches after leaks."""
    path = f"/byok/{create(api)['id']}"
    assert api.patch(path, json={"name": "n"}).json()["data"]["label"] == "sk-...cdef"
    assert api.patch(path, json={"key": "other-0123456789"}).json()["data"]["label"] == "oth...6789"
    assert set(control.all_secrets()) >= {CANARY, "other-0123456789"}


def test_patch_leaves_what_it_does_not_name(api: httpx.Client) -> None:
    """An absent field of a PATCH stays as it was; null takes a restriction away."""
    made = create(api, allowed_models=["a/b"], name="n")
    changed = api.patch(f"/byok/{made['id']}", json={"allowed_models": None, "disabled": True}).json()["data"]
    assert changed == made | {"allowed_models": None, "disabled": True}


@pytest.mark.parametrize(
    "wish",
    [
        {"provider": "nobody"},
        {"provider": None},
        {"key": ""},
        {"key": None},
        {"name": "n" * 256},
        {"disabled": "true"},
        {"allowed_models": ["m"] * 101},
        {"allowed_api_key_hashes": []},
        {"allowed_api_key_hashes": ["not a hash"]},
        {"allowed_api_key_hashes": ["0" * 64]},
        {"workspace_id": "default"},
        {"is_byok_only": True, "is_fallback": True},
    ],
)
def test_create_refuses_what_the_description_forbids(api: httpx.Client, control: Control, wish: Any) -> None:
    """A wrong create is a 400 that doesn't repeat the value, and takes nothing in."""
    answer = api.post("/byok", json={"provider": "openai", "key": CANARY} | wish)
    assert (answer.status_code, CANARY in answer.text) == (400, False)
    assert control.byok_keys() == []


def test_a_restriction_names_the_account_s_own_keys(api: httpx.Client, make_key: MakeKey) -> None:
    """A live key of the account can be named in allowed_api_key_hashes."""
    key_hash = make_key()[0]["hash"]
    assert create(api, allowed_api_key_hashes=[key_hash])["allowed_api_key_hashes"] == [key_hash]


def test_listing_covers_one_workspace_and_one_provider(api: httpx.Client, control: Control) -> None:
    """Keys are listed by workspace and, if asked for, by provider, in the order they are tried."""
    workspace = control.create_workspace(name="W", slug="w")["id"]
    first, second = create(api), create(api)
    other, there = create(api, provider="anthropic"), create(api, workspace_id=workspace)
    queries = {"provider=openai": [first, second], "": [first, other, second], f"workspace_id={workspace}": [there]}
    listings = {query: api.get(f"/byok?{query}").json() for query in queries}
    assert {query: listing["data"] for query, listing in listings.items()} == queries
    assert api.get("/byok?provider=nobody").status_code == 400


def test_a_deleted_key_is_gone(api: httpx.Client) -> None:
    """After DELETE the key is not found by get, patch and delete."""
    path = f"/byok/{create(api)['id']}"
    assert api.delete(path).json() == {"deleted": True}
    answers = [api.get(path), api.patch(path, json={}), api.delete(path)]
    assert [answer.status_code for answer in answers] == [404] * 3
