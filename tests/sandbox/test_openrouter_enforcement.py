"""What guardrails and budgets do to a completion, over the simulator's API."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from sandbox.openrouter import Control
from sandbox.openrouter.enforcement import allows
from sandbox.openrouter.guardrails.requests import UNCONFIGURED

AsKey = Callable[[str], httpx.Client]
MakeKey = Callable[..., tuple[dict[str, Any], str]]
PAID = "sandbox/echo"
PRICE = 0.01


@pytest.fixture
def key(make_key: MakeKey) -> tuple[str, str]:
    """Create a key; return its hash and its value."""
    record, plaintext = make_key()
    return record["hash"], plaintext


@pytest.fixture
def holder(key: tuple[str, str], as_key: AsKey) -> httpx.Client:
    """Call the API as a service does, with the key."""
    return as_key(key[1])


def ask(holder: httpx.Client, model: str = PAID) -> httpx.Response:
    """Ask a model for a completion."""
    return holder.post("/chat/completions", json={"model": model, "messages": [{"role": "user", "content": "hi"}]})


def restrict(control: Control, key_hash: str, **fields: Any) -> str:
    """Put a key under a new guardrail and return the guardrail's id."""
    guardrail_id: str = control.create_guardrail(name="g", **fields)["id"]
    control.assign_keys(guardrail_id, [key_hash])
    return guardrail_id


@pytest.mark.parametrize(
    ("restrictions", "model", "passes"),
    [
        ({}, "a/b", True),
        ({"allowed_models": ["a/b"]}, "a/b", True),
        ({"allowed_models": ["a/b"]}, "a/b:free", False),
        ({"allowed_models": ["sandbox/echo-2025-01-01"]}, "sandbox/echo", True),
        ({"allowed_models": ["sandbox/echo-2025-01-01"]}, "sandbox/echo-2025-01-01", True),
        ({"ignored_models": ["a/b"]}, "a/b", False),
        ({"ignored_models": ["a/b"]}, "a/c", True),
        ({"allowed_providers": ["a"]}, "a/b", True),
        ({"allowed_providers": ["a"]}, "c/b", False),
        ({"ignored_providers": ["a"]}, "a/b", False),
    ],
)
def test_lists_decide_by_model_and_vendor(restrictions: dict[str, Any], model: str, passes: bool) -> None:
    """A model passes when no list that is set excludes it, by canonical slug, or its vendor."""
    assert allows(UNCONFIGURED | restrictions, model) is passes


@pytest.mark.parametrize("status", [403, 404])
def test_a_refused_model_costs_nothing(
    key: tuple[str, str], holder: httpx.Client, control: Control, status: int
) -> None:
    """A model that the key's guardrail doesn't allow gets the status that the account is set to, and no charge."""
    restrict(control, key[0], allowed_models=["openai/gpt-4o-mini"])
    control.configure(refused_model_status=status)
    answer = ask(holder)
    assert (answer.status_code, "guardrail restrictions" in answer.json()["error"]["message"]) == (status, True)
    assert ask(holder, "openai/gpt-4o-mini").status_code == 200
    assert control.keys()[0]["usage"] == PRICE


def test_a_released_key_is_free_again(key: tuple[str, str], holder: httpx.Client, control: Control) -> None:
    """A guardrail restricts nobody who isn't under it any more."""
    guardrail = restrict(control, key[0], allowed_models=["openai/gpt-4o-mini"])
    assert ask(holder).status_code == 404
    control.unassign_keys(guardrail, [key[0]])
    assert ask(holder).status_code == 200


def test_a_guardrail_s_budget_is_each_key_s_own(
    key: tuple[str, str], holder: httpx.Client, control: Control, make_key: MakeKey, as_key: AsKey
) -> None:
    """One key's spending leaves the budget of another key under the same guardrail whole."""
    guardrail = restrict(control, key[0], limit_usd=PRICE, reset_interval="daily")
    other, other_value = make_key()
    control.assign_keys(guardrail, [other["hash"]])
    assert [ask(holder).status_code, ask(holder).status_code] == [200, 403]
    assert ask(as_key(other_value)).status_code == 200


def test_a_member_s_budget_is_for_all_keys_of_the_member(
    holder: httpx.Client, control: Control, make_key: MakeKey, as_key: AsKey
) -> None:
    """What any key of a member spends counts for the guardrail that the member is under."""
    guardrail = control.create_guardrail(name="g", limit_usd=PRICE, reset_interval="daily")["id"]
    control.assign_members(guardrail, [control.account_id])
    assert ask(holder).status_code == 200
    assert ask(as_key(make_key()[1])).status_code == 403
    assert ask(as_key(make_key(creator_user_id="user_other")[1])).status_code == 200


def test_a_default_guardrail_holds_for_the_whole_workspace(holder: httpx.Client, control: Control) -> None:
    """A workspace's default guardrail restricts its keys without any assignment."""
    default = control.workspaces()[0]["default_guardrail_id"]
    control.edit_guardrail(default, ignored_models=[PAID])
    assert ask(holder).status_code == 404


def test_a_workspace_s_budget_is_for_all_of_its_keys(
    key: tuple[str, str], holder: httpx.Client, control: Control, make_key: MakeKey, as_key: AsKey
) -> None:
    """What any key of a workspace spends counts for its budget, also after the key was deleted."""
    control.edit_budget(control.default_workspace_id, "monthly", limit_usd=PRICE)
    assert ask(holder).status_code == 200
    control.delete_key(key[0])
    answer = ask(as_key(make_key()[1]))
    assert answer.status_code == 403
    assert (
        answer.json()["error"]["message"] == "Workspace monthly budget of $0.01 exceeded. Contact your workspace admin."
    )
    assert answer.json()["error"]["metadata"]["limit_source"] == "openrouter_workspace_budget"


def test_a_free_model_passes_every_budget(key: tuple[str, str], holder: httpx.Client, control: Control) -> None:
    """Something that costs nothing passes an exhausted budget."""
    restrict(control, key[0], limit_usd=0, reset_interval="daily")
    assert [ask(holder, "sandbox/echo:free").status_code, ask(holder).status_code] == [200, 403]


def test_a_key_sees_its_budgets_in_the_order_of_their_checks(
    key: tuple[str, str], holder: httpx.Client, control: Control
) -> None:
    """GET /key lists every budget that applies to the key; the effective one has the least left."""
    control.edit_key(key[0], limit=5)
    restrict(control, key[0], limit_usd=3, reset_interval="weekly")
    control.edit_budget(control.default_workspace_id, "lifetime", limit_usd=9)
    facts = holder.get("/key").json()["data"]
    assert [(b["scope"], b["remaining_usd"]) for b in facts["budgets"]] == [
        ("api_key", 3),
        ("workspace", 9),
        ("key_limit", 5),
    ]
    assert facts["effective_budget"] == facts["budgets"][0]
