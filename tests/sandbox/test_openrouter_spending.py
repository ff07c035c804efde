"""Limits, credits and workspaces of the simulator."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from sandbox.openrouter import Control

AsKey = Callable[[str], httpx.Client]
MakeKey = Callable[..., tuple[dict[str, Any], str]]
FREE, PAID = "sandbox/echo:free", "vendor/model"


def ask(client: httpx.Client, model: str = PAID) -> httpx.Response:
    """Ask for a completion."""
    return client.post("/chat/completions", json={"model": model, "messages": [{"role": "user", "content": "hi"}]})


def test_a_paid_completion_is_charged_everywhere(
    make_key: MakeKey, as_key: AsKey, api: httpx.Client, control: Control
) -> None:
    """A paid completion counts on the key's total and windows, its remaining limit, and the account's usage."""
    record, plaintext = make_key(limit=1)
    control.configure(paid_price=0.25)
    assert ask(as_key(plaintext)).json()["usage"]["cost"] == 0.25
    after = api.get(f"/keys/{record['hash']}").json()["data"]
    assert {after[name] for name in ("usage", "usage_daily", "usage_weekly", "usage_monthly")} == {0.25}
    assert (after["limit_remaining"], after["updated_at"]) == (0.75, None)
    assert after["last_used_at"]
    assert api.get("/credits").json()["data"] == {"total_credits": 100, "total_usage": 0.25}


@pytest.mark.default_answers
def test_spending_stops_exactly_at_the_limit(make_key: MakeKey, as_key: AsKey) -> None:
    """A key spends up to its limit and not beyond, and then still asks free models."""
    _, plaintext = make_key(limit=0.03)
    holder = as_key(plaintext)
    assert [ask(holder).status_code for _ in range(4)] == [200, 200, 200, 402]
    assert ask(holder, FREE).status_code == 200


@pytest.mark.default_answers
def test_a_limit_of_zero_spends_nothing(make_key: MakeKey, as_key: AsKey, control: Control) -> None:
    """With limit 0 a paid model is refused with the status set, a free one answers."""
    _, plaintext = make_key(limit=0)
    assert ask(as_key(plaintext)).status_code == 402
    control.configure(over_limit_status=403)
    assert ask(as_key(plaintext)).status_code == 403
    assert ask(as_key(plaintext), FREE).json()["usage"]["cost"] == 0


@pytest.mark.default_answers
@pytest.mark.parametrize(
    ("reset", "within", "beyond"),
    [
        ("daily", "2030-01-02T23:59:59Z", "2030-01-03T00:00:00Z"),
        ("weekly", "2030-01-06T23:59:59Z", "2030-01-07T00:00:00Z"),
        ("monthly", "2030-01-31T23:59:59Z", "2030-02-01T00:00:00Z"),
    ],
)
def test_a_limit_resets_with_its_window(
    make_key: MakeKey, as_key: AsKey, api: httpx.Client, control: Control, reset: str, within: str, beyond: str
) -> None:
    """A resetting limit is whole again at midnight UTC of the day, the Monday or the first after it was spent."""
    control.configure(now="2030-01-02T12:00:00Z", timestamp_style="seconds")
    record, plaintext = make_key(limit=0.01, limit_reset=reset)
    holder = as_key(plaintext)
    assert ask(holder).status_code == 200
    control.configure(now=within)
    assert ask(holder).status_code == 402
    assert holder.get("/key").json()["data"]["effective_budget"]["resets_at"] == beyond
    control.configure(now=beyond)
    fresh = api.get(f"/keys/{record['hash']}").json()["data"]
    assert (fresh["limit_remaining"], fresh["usage"]) == (0.01, 0.01)
    assert ask(holder).status_code == 200


def test_byok_counts_when_the_key_says_so(make_key: MakeKey, api: httpx.Client, control: Control) -> None:
    """BYOK usage takes from the limit only with include_byok_in_limit."""
    record, _ = make_key(limit=10)
    assert control.edit_key(record["hash"], byok_usage=4)["limit_remaining"] == 10
    changed = api.patch(f"/keys/{record['hash']}", json={"include_byok_in_limit": True}).json()["data"]
    assert (changed["limit_remaining"], changed["byok_usage"]) == (6, 4)


def test_an_account_without_credits_pays_nothing(make_key: MakeKey, as_key: AsKey, control: Control) -> None:
    """An account out of credits gets 402 for paid models; one that owes money gets it for free models too."""
    _, plaintext = make_key()
    holder = as_key(plaintext)
    assert ask(holder).status_code == 200
    control.configure(total_credits=0.01)
    assert [ask(holder).status_code, ask(holder, FREE).status_code] == [402, 200]
    control.configure(total_credits=0)
    assert ask(holder, FREE).status_code == 402


def test_a_management_key_completes_nothing(api: httpx.Client) -> None:
    """A management key is refused by completions."""
    assert ask(api, FREE).status_code == 403


@pytest.mark.parametrize(
    "wish", [{}, {"model": FREE}, {"model": FREE, "messages": []}, {"model": FREE, "messages": [{"role": "x"}]}]
)
def test_a_malformed_completion_is_refused(make_key: MakeKey, as_key: AsKey, wish: Any) -> None:
    """A completion needs a model and at least one message with a known role."""
    _, plaintext = make_key()
    assert as_key(plaintext).post("/chat/completions", json=wish).status_code == 400


@pytest.mark.default_answers
def test_out_of_band_edits_show_in_the_api(make_key: MakeKey, api: httpx.Client, control: Control) -> None:
    """The control endpoint edits, adds and removes keys as another user would; counters are no update."""
    record, _ = make_key(limit=5)
    path = f"/keys/{record['hash']}"
    used = control.edit_key(record["hash"], usage=2, usage_daily=1)
    assert (used["usage"], used["usage_daily"], used["limit_remaining"], used["updated_at"]) == (2, 1, 3, None)
    control.edit_key(record["hash"], limit=9, disabled=True, name="edited", expires_at="2000-01-01T00:00:00Z")
    seen = api.get(path).json()["data"]
    assert (seen["limit"], seen["disabled"], seen["name"], seen["expires_at"]) == (
        9,
        True,
        "edited",
        "2000-01-01T00:00:00.000000+00:00",
    )
    other, plaintext = control.create_key(name="other", limit=1)
    assert control.named("other") == [other]
    assert control.secrets()["keys"][other["hash"]] == plaintext
    control.delete_key(record["hash"])
    assert api.get(path).status_code == 404
    assert record["hash"] in control.secrets()["keys"]


@pytest.mark.default_answers
def test_workspaces_page_and_protect_their_keys(make_key: MakeKey, api: httpx.Client) -> None:
    """Workspaces are listed in pages with a total; one with keys can't be deleted."""
    made = api.post("/workspaces", json={"name": "A", "slug": "a"}).json()["data"]
    make_key(workspace_id=made["id"])
    page = api.get("/workspaces", params={"offset": 1, "limit": 1}).json()
    assert ([w["slug"] for w in page["data"]], page["total_count"]) == (["a"], 2)
    assert api.delete("/workspaces/a").status_code == 400
    assert api.get("/workspaces/nothing").status_code == 404


@pytest.mark.parametrize(
    "wish",
    [
        {"name": "A"},
        {"name": "", "slug": "a"},
        {"name": "A", "slug": "A b"},
        {"name": "A", "slug": "default"},
        {"name": "A" * 101, "slug": "a"},
    ],
)
def test_a_malformed_workspace_is_refused(api: httpx.Client, wish: Any) -> None:
    """A workspace needs a name of at most 100 characters and a slug of its own."""
    assert api.post("/workspaces", json=wish).status_code == 400
