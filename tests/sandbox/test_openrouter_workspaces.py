"""Workspaces over the simulator's API: life cycle, budgets, members."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from sandbox.openrouter import Control

MakeKey = Callable[..., tuple[dict[str, Any], str]]


@pytest.fixture
def team(api: httpx.Client) -> dict[str, Any]:
    """Open a workspace."""
    record: dict[str, Any] = api.post("/workspaces", json={"name": "Team", "slug": "team"}).json()["data"]
    return record


def set_budget(api: httpx.Client, interval: str, limit_usd: Any, **more: Any) -> httpx.Response:
    """Ask for a budget of the workspace `team`."""
    return api.put(f"/workspaces/team/budgets/{interval}", json={"limit_usd": limit_usd, **more})


def test_patch_changes_what_it_names(team: dict[str, Any], api: httpx.Client) -> None:
    """A PATCH by slug changes the fields it names; null clears a description."""
    changed = api.patch("/workspaces/team", json={"description": "d", "default_text_model": "a/b"}).json()["data"]
    assert changed == team | {
        "description": "d",
        "default_text_model": "a/b",
        "updated_at": changed["updated_at"],
    }
    assert api.patch("/workspaces/team", json={"description": None}).json()["data"]["description"] is None


@pytest.mark.parametrize(
    "wish",
    [
        {"name": "n"},
        {"name": "", "slug": "s"},
        {"name": "n" * 101, "slug": "s"},
        {"name": "n", "slug": "Upper"},
        {"name": "n", "slug": "two--hyphens"},
        {"name": "n", "slug": "s" * 51},
        {"name": "n", "slug": "default"},
        {"name": "n", "slug": "s", "description": "d" * 501},
        {"name": "n", "slug": "s", "io_logging_sampling_rate": 0},
        {"name": "n", "slug": "s", "io_logging_api_key_ids": ["1"]},
    ],
)
def test_create_refuses_what_the_description_forbids(api: httpx.Client, control: Control, wish: Any) -> None:
    """A wrong create is a 400 and opens nothing."""
    assert api.post("/workspaces", json=wish).status_code == 400
    assert len(control.workspaces()) == 1


@pytest.mark.default_answers
def test_listing_pages_by_offset_and_limit(api: httpx.Client, control: Control) -> None:
    """A page holds `limit` entries from `offset` on; the total counts all."""
    for number in range(4):
        control.create_workspace(name="n", slug=f"s{number}")
    page = api.get("/workspaces?offset=2&limit=2").json()
    assert ([w["slug"] for w in page["data"]], page["total_count"]) == (["s1", "s2"], 5)


@pytest.mark.parametrize(
    "query", ["offset=-1", "offset=1.0", "offset=1_0", "limit=0", "limit=101", "limit=x", "limit="]
)
def test_listing_refuses_wrong_pages(api: httpx.Client, query: str) -> None:
    """An offset or a limit out of bounds is a 400."""
    assert api.get(f"/workspaces?{query}").status_code == 400


def test_a_workspace_with_keys_stays(team: dict[str, Any], api: httpx.Client, make_key: MakeKey) -> None:
    """Deleting a workspace that has a key is a 400 until the key is gone."""
    key, _ = make_key(workspace_id=team["id"])
    assert api.delete("/workspaces/team").status_code == 400
    api.delete(f"/keys/{key['hash']}")
    assert api.delete("/workspaces/team").json() == {"deleted": True}
    assert api.get("/workspaces/team").status_code == 404


def test_a_deleted_workspace_takes_its_things_with_it(
    team: dict[str, Any], api: httpx.Client, control: Control, make_key: MakeKey
) -> None:
    """Guardrails of a deleted workspace are gone, with their assignments, and so are its other vendors' keys."""
    guardrail = control.create_guardrail(name="g", workspace_id=team["id"])["id"]
    key = make_key(workspace_id=team["id"])[0]["hash"]
    control.assign_keys(guardrail, [key])
    control.delete_key(key)
    control.create_byok_key(provider="openai", key="k", workspace_id=team["id"])
    api.delete("/workspaces/team")
    assert (control.guardrails(), control.key_assignments(), control.byok_keys()) == ([], [], [])


def test_the_default_workspace_can_go(api: httpx.Client) -> None:
    """Then a key, a guardrail or a provider key that names no workspace is a 400."""
    assert api.delete("/workspaces/default").json() == {"deleted": True}
    made = [
        api.post("/keys", json={"name": "n"}),
        api.post("/guardrails", json={"name": "n"}),
        api.post("/byok", json={"provider": "openai", "key": "k" * 20}),
    ]
    assert [answer.status_code for answer in made] == [400, 400, 400]


@pytest.mark.usefixtures("team")
def test_put_makes_a_budget_and_changes_it(api: httpx.Client) -> None:
    """A second PUT changes the same budget; the workspace-wide flag left out stays."""
    made = set_budget(api, "weekly", 5, include_byok_in_budgets=True).json()
    changed = set_budget(api, "weekly", 6).json()
    assert changed["data"]["id"] == made["data"]["id"]
    assert (changed["data"]["limit_usd"], changed["include_byok_in_budgets"]) == (6, True)
    assert api.get("/workspaces/team").json()["data"]["include_byok_in_budgets"] is True


@pytest.mark.usefixtures("team")
def test_budgets_narrow_with_their_interval(api: httpx.Client) -> None:
    """A budget must be strictly lower than that of any wider interval."""
    assert set_budget(api, "monthly", 10).status_code == 200
    assert [set_budget(api, interval, 10).status_code for interval in ("daily", "lifetime")] == [400, 400]
    assert [set_budget(api, "daily", 9).status_code, set_budget(api, "lifetime", 11).status_code] == [200, 200]
    assert set_budget(api, "monthly", 9).status_code == 400


@pytest.mark.usefixtures("team")
@pytest.mark.parametrize("limit_usd", [0, -1, None, "5", True])
def test_a_budget_is_more_than_nothing(api: httpx.Client, limit_usd: Any) -> None:
    """A limit that isn't a number above 0 is a 400 and makes no budget."""
    assert set_budget(api, "daily", limit_usd).status_code == 400
    assert api.get("/workspaces/team/budgets").status_code == 404


@pytest.mark.usefixtures("team")
def test_there_are_four_intervals(api: httpx.Client) -> None:
    """An unknown interval is a 400 to put, get and delete."""
    answers = [
        set_budget(api, "yearly", 5),
        *(api.request(m, "/workspaces/team/budgets/yearly") for m in ("GET", "DELETE")),
    ]
    assert [answer.status_code for answer in answers] == [400] * 3


@pytest.mark.usefixtures("team")
def test_deleting_no_budget_is_no_error(api: httpx.Client) -> None:
    """A budget that doesn't exist can be deleted, but not in a workspace that doesn't exist."""
    assert api.delete("/workspaces/team/budgets/daily").json() == {"deleted": True}
    assert api.delete("/workspaces/other/budgets/daily").status_code == 404


@pytest.mark.default_answers
def test_everybody_is_in_the_default_workspace(api: httpx.Client, control: Control) -> None:
    """The default workspace lists the whole organization, and its members can't be changed there."""
    control.add_member("user_alice")
    listed = api.get("/workspaces/default/members").json()
    assert ([m["user_id"] for m in listed["data"]], listed["total_count"]) == ([control.account_id, "user_alice"], 2)
    assert api.post("/workspaces/default/members/add", json={"user_ids": ["user_alice"]}).status_code == 400


@pytest.mark.usefixtures("team")
@pytest.mark.parametrize("user_ids", [[], ["user_stranger"], [5], None, ["u"] * 101])
def test_only_the_organization_gets_in(api: httpx.Client, user_ids: Any) -> None:
    """Adding nobody, more than a hundred, or somebody unknown is a 400."""
    assert api.post("/workspaces/team/members/add", json={"user_ids": user_ids}).status_code == 400


def test_who_has_a_key_cannot_be_removed(
    team: dict[str, Any], api: httpx.Client, control: Control, make_key: MakeKey
) -> None:
    """A member with a key in the workspace stays; the count tells who was really removed."""
    key, _ = make_key(workspace_id=team["id"])
    body = {"user_ids": [control.account_id, "user_stranger"]}
    assert api.post("/workspaces/team/members/remove", json=body).status_code == 400
    control.delete_key(key["hash"])
    assert api.post("/workspaces/team/members/remove", json=body).json() == {"removed_count": 1}
