"""Guardrails over the simulator's API: life cycle, what is kept of what is sent, who is under which."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from sandbox.openrouter import Control

MakeKey = Callable[..., tuple[dict[str, Any], str]]
UNKNOWN = "0" * 64
NOT_A_GUARDRAIL = "00000000-0000-4000-8000-000000000000"


def create(api: httpx.Client, **fields: Any) -> dict[str, Any]:
    """Create a guardrail and return its record."""
    answer = api.post("/guardrails", json={"name": "g"} | fields)
    assert answer.status_code == 201, answer.text
    record: dict[str, Any] = answer.json()["data"]
    return record


def assign(api: httpx.Client, guardrail_id: str, *hashes: str) -> httpx.Response:
    """Put keys under a guardrail."""
    return api.post(f"/guardrails/{guardrail_id}/assignments/keys", json={"key_hashes": list(hashes)})


def test_patch_leaves_what_it_does_not_name(api: httpx.Client) -> None:
    """An absent field of a PATCH stays as it was; null takes a restriction away; a list replaces the list."""
    made = create(api, limit_usd=5, reset_interval="daily", allowed_providers=["a", "b"], description="d")
    wish = {"allowed_providers": ["c"], "description": None}
    changed = api.patch(f"/guardrails/{made['id']}", json=wish).json()["data"]
    assert changed == made | wish | {"updated_at": changed["updated_at"]}


@pytest.mark.parametrize(
    "wish",
    [
        {"name": ""},
        {"name": "n" * 201},
        {"name": None},
        {"description": "d" * 1001},
        {"limit_usd": 5},
        {"reset_interval": "daily"},
        {"limit_usd": -1, "reset_interval": "daily"},
        {"limit_usd": "5", "reset_interval": "daily"},
        {"limit_usd": 5, "reset_interval": "lifetime"},
        {"allowed_models": []},
        {"ignored_models": "a/b"},
        {"allowed_providers": [1]},
        {"enforce_zdr_openai": "true"},
        {"content_filters": [{"pattern": "", "action": "block"}]},
        {"content_filters": [{"pattern": "(", "action": "block"}]},
        {"content_filters": [{"pattern": "a", "action": "delete"}]},
        {"content_filter_builtins": [{"slug": "iban", "action": "block"}]},
        {"content_filter_builtins": [{"slug": "email"}]},
        {"workspace_id": None},
        {"workspace_id": NOT_A_GUARDRAIL},
    ],
)
def test_create_refuses_what_the_description_forbids(api: httpx.Client, control: Control, wish: Any) -> None:
    """A wrong create is a 400 in OpenRouter's shape and makes nothing."""
    answer = api.post("/guardrails", json={"name": "g"} | wish)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, 400)
    assert control.guardrails() == []


def test_a_limit_keeps_its_interval(api: httpx.Client) -> None:
    """A PATCH that would leave a limit without a reset interval is a 400; both can go together."""
    path = f"/guardrails/{create(api, limit_usd=5, reset_interval='daily')['id']}"
    assert api.patch(path, json={"reset_interval": None}).status_code == 400
    assert api.patch(path, json={"limit_usd": 6}).status_code == 200
    assert api.patch(path, json={"limit_usd": None, "reset_interval": None}).status_code == 200


def test_models_are_kept_by_their_canonical_slugs(api: httpx.Client) -> None:
    """Slug and canonical slug of a model are one model; the record holds the canonical one, once."""
    made = create(api, allowed_models=["sandbox/echo", "sandbox/echo-2025-01-01", "openai/gpt-4o-mini"])
    assert made["allowed_models"] == ["sandbox/echo-2025-01-01", "openai/gpt-4o-mini"]


def test_zero_data_retention_reaches_every_vendor(api: httpx.Client) -> None:
    """The deprecated flag for all vendors is copied to those that the request doesn't name."""
    made = create(api, enforce_zdr=True, enforce_zdr_xai=False)
    flags = [made[f"enforce_zdr_{vendor}"] for vendor in ("anthropic", "google", "openai", "other", "xai")]
    assert flags == [True, True, True, True, False]


def test_labels_of_builtin_filters_are_the_system_s(api: httpx.Client) -> None:
    """A label sent for a builtin filter is ignored; only the injection filter has a scope."""
    sent = [{"slug": "credit-card", "action": "redact", "label": "mine"}]
    sent += [{"slug": "regex-prompt-injection", "action": "block"}]
    assert create(api, content_filter_builtins=sent)["content_filter_builtins"] == [
        {"slug": "credit-card", "action": "redact", "label": "[CREDIT_CARD]"},
        {
            "slug": "regex-prompt-injection",
            "action": "block",
            "label": "[PROMPT_INJECTION]",
            "scan_scope": "all_messages",
        },
    ]


def test_listing_covers_one_workspace(api: httpx.Client, control: Control) -> None:
    """Without workspace_id the default workspace's guardrails are listed."""
    workspace = control.create_workspace(name="W", slug="w")["id"]
    here, there = create(api)["id"], create(api, workspace_id=workspace)["id"]
    listings = [api.get("/guardrails").json(), api.get(f"/guardrails?workspace_id={workspace}").json()]
    assert [[g["id"] for g in listing["data"]] for listing in listings] == [[here], [there]]


def test_a_default_guardrail_appears_by_its_first_change(api: httpx.Client) -> None:
    """A workspace's default guardrail is not found until a PATCH configures it; its name can't be changed."""
    path = f"/guardrails/{api.get('/workspaces/default').json()['data']['default_guardrail_id']}"
    assert [api.get(path).status_code, api.patch(path, json={"name": "mine"}).status_code] == [404, 400]
    assert api.get(path).status_code == 404
    assert api.patch(path, json={"allowed_providers": ["openai"]}).status_code == 200
    assert api.get(path).json()["data"]["allowed_providers"] == ["openai"]


@pytest.mark.default_answers
def test_assigning_twice_counts_once(api: httpx.Client, make_key: MakeKey) -> None:
    """`assigned_count` counts the keys that weren't under the guardrail before."""
    guardrail, first, second = create(api)["id"], make_key()[0]["hash"], make_key()[0]["hash"]
    counts = [assign(api, guardrail, first, first).json(), assign(api, guardrail, first, second).json()]
    assert counts == [{"assigned_count": 1}, {"assigned_count": 1}]
    assert api.get(f"/guardrails/{guardrail}/assignments/keys").json()["total_count"] == 2


def test_a_key_is_under_one_guardrail(api: httpx.Client, make_key: MakeKey, control: Control) -> None:
    """Assigning a key to another guardrail replaces the first assignment."""
    first, second, key = create(api)["id"], create(api)["id"], make_key()[0]["hash"]
    assign(api, first, key)
    assert assign(api, second, key).json() == {"assigned_count": 1}
    assert [a["guardrail_id"] for a in control.key_assignments()] == [second]


def test_an_unknown_key_is_passed_over(api: httpx.Client, make_key: MakeKey, control: Control) -> None:
    """Only a lower `assigned_count` tells of an unknown hash; an unknown guardrail is a 404."""
    guardrail, key = create(api)["id"], make_key()[0]["hash"]
    assert assign(api, NOT_A_GUARDRAIL, key).status_code == 404
    assert assign(api, guardrail, key, UNKNOWN).json() == {"assigned_count": 1}
    assert [each["key_hash"] for each in control.key_assignments()] == [key]


def test_an_unknown_key_or_member_can_be_refused(api: httpx.Client, make_key: MakeKey, control: Control) -> None:
    """With the setting for it, one unknown hash or one stranger is a 400 for all."""
    control.configure(unknown_assignee="refused")
    guardrail, key = create(api)["id"], make_key()[0]["hash"]
    path = f"/guardrails/{guardrail}/assignments/members"
    assert assign(api, guardrail, key, UNKNOWN).status_code == 400
    assert api.post(path, json={"member_user_ids": [control.account_id, "user_stranger"]}).status_code == 400
    assert control.key_assignments() + control.member_assignments() == []


def test_a_guardrail_binds_keys_of_its_own_workspace(api: httpx.Client, make_key: MakeKey, control: Control) -> None:
    """A key of another workspace is a 400, and nobody is assigned."""
    there = control.create_workspace(name="W", slug="w")["id"]
    guardrail, here, away = create(api)["id"], make_key()[0]["hash"], make_key(workspace_id=there)[0]["hash"]
    refused = assign(api, guardrail, here, away)
    assert (refused.status_code, "same workspace as the guardrail" in refused.text) == (400, True)
    assert control.key_assignments() == []


def test_a_default_guardrail_stays_and_takes_nobody(api: httpx.Client, make_key: MakeKey) -> None:
    """It can't be deleted, nobody can be put under it, and its name is the workspace's."""
    workspace = api.get("/workspaces/default").json()["data"]
    path = f"/guardrails/{workspace['default_guardrail_id']}"
    made = api.patch(path, json={"limit_usd": 5, "reset_interval": "daily"}).json()["data"]
    assert made["name"] == f"Workspace {workspace['id']} Default"
    assert [api.delete(path).status_code, assign(api, made["id"], make_key()[0]["hash"]).status_code] == [400, 400]
    assert api.get(path).status_code == 200


@pytest.mark.default_answers
def test_rows_of_deleted_keys_are_counted_and_not_shown(api: httpx.Client, make_key: MakeKey) -> None:
    """A page is cut before they are left out: it is short, or empty, before the end."""
    guardrail, hashes = create(api)["id"], [make_key()[0]["hash"] for _ in range(5)]
    assign(api, guardrail, *hashes)
    for hash_ in hashes[:3]:
        api.delete(f"/keys/{hash_}")
    path = f"/guardrails/{guardrail}/assignments/keys"
    pages = [api.get(path, params={"limit": 2, "offset": offset}).json() for offset in (0, 2, 4)]
    assert [[each["key_hash"] for each in page["data"]] for page in pages] == [[], [hashes[3]], [hashes[4]]]
    assert {page["total_count"] for page in pages} == {5}


@pytest.mark.parametrize("path", ["/keys", "/guardrails", "/byok", "/workspaces", "/workspaces/default/members"])
def test_pages_of_every_listing_can_be_short(path: str, api: httpx.Client, control: Control, make_key: MakeKey) -> None:
    """With the setting for it, each second row is one that nobody is shown, and the counted end is further away."""
    make_key()
    create(api)
    control.create_byok_key(provider="openai", key="k" * 20, name="x")
    control.configure(short_pages=1)
    first, second = (api.get(path, params={"offset": offset}).json() for offset in (0, 1))
    assert [len(first["data"]), len(second["data"])] == [1, 1]
    assert first.get("total_count", 2) == 2


def test_releasing_counts_who_was_assigned(api: httpx.Client, make_key: MakeKey) -> None:
    """Releasing a key that isn't under the guardrail, or that doesn't exist, is no error."""
    guardrail, key = create(api)["id"], make_key()[0]["hash"]
    assign(api, guardrail, key)
    path = f"/guardrails/{guardrail}/assignments/keys/remove"
    counts = [api.post(path, json={"key_hashes": [key, UNKNOWN]}).json()["unassigned_count"] for _ in range(2)]
    assert counts == [1, 0]


@pytest.mark.parametrize("body", [{}, {"key_hashes": []}, {"key_hashes": [""]}, {"key_hashes": "x"}])
def test_assignments_need_somebody(api: httpx.Client, body: Any) -> None:
    """A body without a single name is a 400, to assign and to release."""
    path = f"/guardrails/{create(api)['id']}/assignments/keys"
    assert [api.post(path, json=body).status_code, api.post(f"{path}/remove", json=body).status_code] == [400] * 2


def test_assignments_end_with_the_key_or_the_guardrail(api: httpx.Client, make_key: MakeKey, control: Control) -> None:
    """Deleting a key, or a guardrail, deletes its assignments."""
    guardrail, first, second = create(api)["id"], make_key()[0]["hash"], make_key()[0]["hash"]
    assign(api, guardrail, first, second)
    api.delete(f"/keys/{first}")
    assert [a["key_hash"] for a in control.key_assignments()] == [second]
    api.delete(f"/guardrails/{guardrail}")
    assert control.key_assignments() == []


@pytest.mark.default_answers
def test_assignments_are_paged(api: httpx.Client, make_key: MakeKey) -> None:
    """Assignments are listed by offset and limit, to one guardrail and to all."""
    guardrail, hashes = create(api)["id"], [make_key()[0]["hash"] for _ in range(3)]
    assign(api, guardrail, *hashes)
    for path in (f"/guardrails/{guardrail}/assignments/keys", "/guardrails/assignments/keys"):
        page = api.get(f"{path}?offset=1&limit=1").json()
        assert ([a["key_hash"] for a in page["data"]], page["total_count"]) == ([hashes[1]], 3)
