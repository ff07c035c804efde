"""What each verb for workspaces, budgets, guardrails, assignments, BYOK keys and models sends, and what it returns."""

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from openrouter_provider.api.client import ManagementClient
from openrouter_provider.api.errors import ConfigurationError, InvalidResponse, NotFound, ResponseError
from tests.unit.api_fixtures import BASE_URL, CANARY, POLICY, Clock, told

VENDOR_KEY = "vendor canary, short and unlike others"
WORKSPACE = {"id": "w1", "name": "Payments", "slug": "payments", "created_at": "2026-01-01T12:00:00Z"}
BUDGET = {"workspace_id": "w1", "limit_usd": 500, "reset_interval": "monthly"}
MEMBER = {"id": "m1", "workspace_id": "w1", "user_id": "user_1", "role": "member"}
GUARDRAIL = {"id": "g1", "name": "cheap", "created_at": "2026-01-01T12:00:00Z", "workspace_id": "w1"}
KEY_ASSIGNMENT = {"guardrail_id": "g1", "key_hash": "aa", "key_name": "checkout"}
MEMBER_ASSIGNMENT = {"guardrail_id": "g1", "user_id": "user_1"}
BYOK = {"id": "b1", "provider": "openai", "label": "ven...ers", "created_at": "2026-01-01T12:00:00Z", "name": "ours"}
MODEL = {"id": "openai/gpt-4o-mini", "name": "GPT-4o-mini", "pricing": {"prompt": "0.00000015"}}
PROVIDER = {"slug": "openai", "name": "OpenAI", "datacenters": ["US"]}
PRESET = {"id": "p1", "slug": "triage", "name": "Triage", "status": "active", "workspace_id": "w1"}
ACTIVITY = {"date": "2027-01-31", "model": "openai/gpt-4o-mini", "requests": 3, "usage": 0.5}
ENDPOINT = {"provider_name": "OpenAI", "tag": "openai", "pricing": {"prompt": "0.00000015"}}
SECRET = SecretStr(VENDOR_KEY)


class Desk:
    """Answers each request with the next planned answer, the last one for ever, and keeps the requests."""

    def __init__(self, *answers: httpx.Response) -> None:
        self.requests: list[httpx.Request] = []
        self._answers = list(answers)

    def client(self) -> ManagementClient:
        """Return a client that never really sleeps."""
        clock = Clock()
        timed: dict[str, Any] = {"clock": clock.now, "monotonic": clock.monotonic, "sleep": clock.sleep}
        return ManagementClient(
            CANARY, base_url=BASE_URL, policy=POLICY, transport=httpx.MockTransport(self._answer), **timed
        )

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        return self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]

    def sent(self) -> list[str]:
        """Return method, path, query and body of each request."""
        return [
            f"{r.method} {r.url.path.removeprefix('/api/v1')}"
            + (f"?{r.url.query.decode()}" if r.url.query else "")
            + (f" {json.dumps(json.loads(r.content))}" if r.content else "")
            for r in self.requests
        ]


Verb = Callable[[ManagementClient], Any]
OBJECTS: list[tuple[Verb, str, dict[str, Any]]] = [
    (
        lambda c: c.create_workspace({"name": "Payments", "slug": "payments"}),
        'POST /workspaces {"name": "Payments", "slug": "payments"}',
        WORKSPACE,
    ),
    (lambda c: c.get_workspace("payments"), "GET /workspaces/payments", WORKSPACE),
    (
        lambda c: c.update_workspace("w1", {"description": None}),
        'PATCH /workspaces/w1 {"description": null}',
        WORKSPACE,
    ),
    (lambda c: c.get_budget("w1", "monthly"), "GET /workspaces/w1/budgets/monthly", BUDGET),
    (
        lambda c: c.put_budget("w1", "monthly", {"limit_usd": 500}),
        'PUT /workspaces/w1/budgets/monthly {"limit_usd": 500}',
        BUDGET,
    ),
    (lambda c: c.create_guardrail({"name": "cheap"}), 'POST /guardrails {"name": "cheap"}', GUARDRAIL),
    (lambda c: c.get_guardrail("g1"), "GET /guardrails/g1", GUARDRAIL),
    (
        lambda c: c.update_guardrail("g1", {"allowed_models": ["a", "b"]}),
        'PATCH /guardrails/g1 {"allowed_models": ["a", "b"]}',
        GUARDRAIL,
    ),
    (
        lambda c: c.create_byok_key({"name": "ours", "provider": "openai"}, SECRET),
        f'POST /byok {{"name": "ours", "provider": "openai", "key": "{VENDOR_KEY}"}}',
        BYOK,
    ),
    (lambda c: c.get_byok_key("b1"), "GET /byok/b1", BYOK),
    (lambda c: c.update_byok_key("b1", {"disabled": True}), 'PATCH /byok/b1 {"disabled": true}', BYOK),
    (lambda c: c.update_byok_key("b1", {}, SECRET), f'PATCH /byok/b1 {{"key": "{VENDOR_KEY}"}}', BYOK),
    (lambda c: c.get_preset("triage"), "GET /presets/triage", PRESET),
]
LISTINGS: list[tuple[Verb, str, dict[str, Any]]] = [
    (lambda c: c.list_workspaces(), "GET /workspaces?offset=0&limit=100", WORKSPACE),
    (lambda c: c.list_members("payments"), "GET /workspaces/payments/members?offset=0&limit=100", MEMBER),
    (lambda c: c.list_budgets("w1"), "GET /workspaces/w1/budgets", BUDGET),
    (lambda c: c.list_guardrails(), "GET /guardrails?offset=0&limit=100", GUARDRAIL),
    (
        lambda c: c.list_guardrails(workspace_id="w1"),
        "GET /guardrails?workspace_id=w1&offset=0&limit=100",
        GUARDRAIL,
    ),
    (
        lambda c: c.list_key_assignments("g1"),
        "GET /guardrails/g1/assignments/keys?offset=0&limit=100",
        KEY_ASSIGNMENT,
    ),
    (
        lambda c: c.list_member_assignments("g1"),
        "GET /guardrails/g1/assignments/members?offset=0&limit=100",
        MEMBER_ASSIGNMENT,
    ),
    (
        lambda c: c.list_byok_keys(workspace_id="w1", provider="openai"),
        "GET /byok?workspace_id=w1&provider=openai&offset=0&limit=100",
        BYOK,
    ),
    (lambda c: c.list_models(), "GET /models?output_modalities=all", MODEL),
    (lambda c: c.list_providers(), "GET /providers", PROVIDER),
    (lambda c: c.list_presets(), "GET /presets?offset=0&limit=100", PRESET),
    (
        lambda c: c.get_activity(key_hash="aa", workspace_id="w1", date="2027-01-31"),
        "GET /activity?api_key_hash=aa&workspace_id=w1&date=2027-01-31",
        ACTIVITY,
    ),
]
DELETIONS: list[tuple[Verb, str]] = [
    (lambda c: c.delete_workspace("w1"), "DELETE /workspaces/w1"),
    (lambda c: c.delete_budget("w1", "daily"), "DELETE /workspaces/w1/budgets/daily"),
    (lambda c: c.delete_guardrail("g1"), "DELETE /guardrails/g1"),
    (lambda c: c.delete_byok_key("b1"), "DELETE /byok/b1"),
]
ASSIGNMENTS: list[tuple[Verb, str]] = [
    (lambda c: c.assign_keys("g1", ["aa"]), 'POST /guardrails/g1/assignments/keys {"key_hashes": ["aa"]}'),
    (lambda c: c.unassign_keys("g1", ["aa"]), 'POST /guardrails/g1/assignments/keys/remove {"key_hashes": ["aa"]}'),
    (lambda c: c.assign_members("g1", ["u"]), 'POST /guardrails/g1/assignments/members {"member_user_ids": ["u"]}'),
    (
        lambda c: c.unassign_members("g1", ["u"]),
        'POST /guardrails/g1/assignments/members/remove {"member_user_ids": ["u"]}',
    ),
]


@pytest.mark.parametrize(("verb", "request_line", "data"), OBJECTS, ids=[line[:40] for _, line, _ in OBJECTS])
def test_a_verb_is_one_request_and_returns_the_object(verb: Verb, request_line: str, data: dict[str, Any]) -> None:
    """Exactly what was given is sent, once, and the object in the answer is returned."""
    desk = Desk(httpx.Response(200, json={"data": data}))
    record = verb(desk.client())
    assert desk.sent() == [request_line]
    assert {name: value for name, value in record.model_dump(mode="json").items() if name in data} == data


@pytest.mark.parametrize(("verb", "request_line", "data"), LISTINGS, ids=[line[:40] for _, line, _ in LISTINGS])
def test_a_listing_is_read_to_its_end(verb: Verb, request_line: str, data: dict[str, Any]) -> None:
    """A listing that ends on its first page is one request and returns its items."""
    desk = Desk(httpx.Response(200, json={"data": [data], "total_count": 1}))
    (record,) = verb(desk.client())
    assert desk.sent() == [request_line]
    assert {name: value for name, value in record.model_dump(mode="json").items() if name in data} == data


@pytest.mark.parametrize("model", ["openai/gpt-4.1-mini", "~anthropic/claude-opus-latest", "deepseek/deepseek-r1:free"])
def test_the_endpoints_of_a_model_are_one_request(model: str) -> None:
    """A slug is two parts of the path, and what serves it stands within the model's record."""
    desk = Desk(httpx.Response(200, json={"data": {"id": model, "endpoints": [ENDPOINT]}}))
    (record,) = desk.client().list_endpoints(model)
    assert desk.sent() == [f"GET /models/{model}/endpoints"]
    assert {name: value for name, value in record.model_dump(mode="json").items() if name in ENDPOINT} == ENDPOINT


@pytest.mark.parametrize("model", ["", "gpt-4o", "openai/", "openai/../keys", "../keys", "openai/x?y", "a/b/c"])
def test_what_is_no_slug_is_no_part_of_a_path(model: str) -> None:
    """It is refused before a request."""
    desk = Desk(httpx.Response(200, json={"data": {"endpoints": []}}))
    with pytest.raises(ConfigurationError, match="can't be a model's slug"):
        desk.client().list_endpoints(model)
    assert desk.sent() == []


@pytest.mark.parametrize(("verb", "request_line"), DELETIONS)
def test_a_deletion_is_one_request(verb: Verb, request_line: str) -> None:
    """A confirmed deletion returns; one of nothing says so."""
    desk = Desk(httpx.Response(200, json={"deleted": True}))
    verb(desk.client())
    assert desk.sent() == [request_line]
    absent = Desk(httpx.Response(404, json={"error": {"code": 404, "message": "not found"}}))
    with pytest.raises(NotFound):
        verb(absent.client())


@pytest.mark.parametrize(("verb", "request_line"), DELETIONS)
def test_a_deletion_whose_answer_was_lost_is_repeated(verb: Verb, request_line: str) -> None:
    """After a 502 the object's absence is success: the first attempt may have deleted it."""
    desk = Desk(httpx.Response(502), httpx.Response(404, json={"error": {"code": 404, "message": "not found"}}))
    verb(desk.client())
    assert desk.sent() == [request_line] * 2


@pytest.mark.parametrize(("verb", "request_line"), ASSIGNMENTS)
def test_an_assignment_is_repeated_like_a_change(verb: Verb, request_line: str) -> None:
    """Though a POST, it may be made twice: after a 502 it is."""
    desk = Desk(httpx.Response(502), httpx.Response(200, json={"assigned_count": 1}))
    verb(desk.client())
    assert desk.sent() == [request_line] * 2


def test_a_budget_is_put_again_after_a_passing_failure() -> None:
    """PUT is idempotent."""
    desk = Desk(httpx.Response(503), httpx.Response(200, json={"data": BUDGET}))
    assert desk.client().put_budget("w1", "monthly", {"limit_usd": 500}).limit_usd == 500
    assert len(desk.requests) == 2


def test_the_budgets_setting_stands_beside_the_data() -> None:
    """Whether external usage counts is one setting of the workspace, and each of its budgets shows it."""
    desk = Desk(httpx.Response(200, json={"data": BUDGET, "include_byok_in_budgets": True}))
    assert desk.client().get_budget("w1", "monthly").include_byok_in_budgets is True
    listed = Desk(httpx.Response(200, json={"data": [BUDGET], "include_byok_in_budgets": True}))
    assert [budget.include_byok_in_budgets for budget in listed.client().list_budgets("w1")] == [True]


def test_a_budget_without_an_interval_is_for_a_lifetime() -> None:
    """What records call null, paths call lifetime."""
    desk = Desk(httpx.Response(200, json={"data": {**BUDGET, "reset_interval": None}}))
    assert desk.client().get_budget("w1", "lifetime").interval == "lifetime"


@pytest.mark.parametrize("data", [None, [], {}, {"workspace_id": "w1"}, "text"])
def test_another_shape_of_a_budget_is_an_invalid_response(data: object) -> None:
    """Whatever stands where the budget should be is an error of ours, not a crash."""
    desk = Desk(httpx.Response(200, json={"data": data, "include_byok_in_budgets": True}))
    with pytest.raises(InvalidResponse):
        desk.client().get_budget("w1", "monthly")


def test_a_builtin_filter_s_own_label_is_left_out() -> None:
    """The label that the API assigns is nothing that a program could wish for."""
    builtin = {"slug": "email", "action": "redact", "label": "[EMAIL]"}
    desk = Desk(httpx.Response(200, json={"data": {**GUARDRAIL, "content_filter_builtins": [builtin]}}))
    (shown,) = desk.client().get_guardrail("g1").content_filter_builtins or []
    assert shown.model_dump(exclude_none=True) == {"slug": "email", "action": "redact"}


@pytest.mark.parametrize("verb", [OBJECTS[8][0], OBJECTS[11][0]], ids=["create", "update"])
def test_a_vendor_s_key_is_in_no_error(verb: Verb) -> None:
    """Even where the API repeats the key in its refusal, the error doesn't."""
    said = {"error": {"code": 400, "message": f"the key {VENDOR_KEY} is no key of openai"}}
    with pytest.raises(ResponseError) as caught:
        verb(Desk(httpx.Response(400, json=said)).client())
    assert "is no key of openai" in str(caught.value)
    assert VENDOR_KEY not in told(caught.value)


@pytest.mark.parametrize("bad", ["../keys", "a/b", "", "a b", "ü"])
def test_an_identifier_can_t_change_the_path(bad: str) -> None:
    """What isn't an identifier is refused before a call is made."""
    desk = Desk(httpx.Response(200, json={"data": {}}))
    client = desk.client()
    verbs: list[Callable[[str], object]] = [client.get_workspace, client.get_guardrail, client.get_byok_key]
    for verb in verbs:
        with pytest.raises(Exception, match="can't identify"):
            verb(bad)
    assert desk.requests == []
