"""What every table-driven resource sends and keeps, seen on the real requests of its provider."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from pulumi.dynamic import ResourceProvider
from pulumi.runtime.rpc import UNKNOWN

from openrouter_provider.api.client import ManagementClient
from openrouter_provider.api.errors import ConfigurationError, NotFound, OpenRouterError
from openrouter_provider.resources.base import Session
from openrouter_provider.resources.byok_key import ByokKeyProvider
from openrouter_provider.resources.guardrail import GuardrailProvider
from openrouter_provider.resources.reads import KeyReader
from openrouter_provider.resources.record import RecordProvider
from openrouter_provider.resources.workspace import WorkspaceProvider
from openrouter_provider.resources.workspace_budget import WorkspaceBudgetProvider
from sandbox.openrouter import Control
from tests.provider.lives import LIVES, Ground
from tests.unit.account_fixtures import START
from tests.unit.resource_fixtures import Started

pytest_plugins = ("resource_fixtures",)

Props = dict[str, Any]
Sent = list[tuple[str, str, Props]]
Up = Callable[[ResourceProvider, Props, Props], Props]
CANARY = "vendor-canary-" + "z" * 20
GUARDRAIL: Props = {"name_prefix": "acme/dev/cheap"}


@pytest.mark.parametrize(
    ("kind", "change", "body"),
    [
        ("Workspace", {"description": None}, {"description": None}),
        ("Workspace", {"name": "Pay"}, {"name": "Pay"}),
        ("WorkspaceBudget", {"limit_usd": 600}, {"limit_usd": 600}),
        ("WorkspaceBudget", {"include_byok_in_budgets": True}, {"limit_usd": 500, "include_byok_in_budgets": True}),
        ("Guardrail", {"limit_usd": 20}, {"limit_usd": 20}),
        ("Guardrail", {"limit_usd": None, "reset_interval": None}, {"limit_usd": None, "reset_interval": None}),
        ("Guardrail", {"allowed_models": ["b", "a"]}, {"allowed_models": ["a", "b"]}),
        ("Guardrail", {"content_filter_builtins": None}, {"content_filter_builtins": None}),
        ("Guardrail", {"enforce_zdr_openai": False}, {"enforce_zdr_openai": False}),
        ("ByokKey", {"disabled": True}, {"disabled": True}),
        ("ByokKey", {"key": CANARY}, {"key": CANARY}),
        ("ByokKey", {"allowed_api_key_hashes": None}, {"allowed_api_key_hashes": None}),
    ],
)
def test_a_change_sends_the_changed_fields_and_no_others(
    kind: str, change: Props, body: Props, started: Started, up: Up, control: Control, sent: Sent
) -> None:
    """A cleared field is sent as null, a list whole, and a budget with its limit, without which it can't be set."""
    life, ground = LIVES[kind], Ground.of(control)
    provider, wish = started(life.provider), life.wish(ground)
    state = up(provider, {}, wish)
    sent.clear()
    assert up(provider, state, {**wish, **change})["did"] == "update"
    assert [each for _, _, each in sent] == [body]


def test_the_order_of_a_list_is_no_change(started: Started, up: Up) -> None:
    """Allow-lists are sets."""
    provider = started(GuardrailProvider)
    state = up(provider, {}, {**GUARDRAIL, "allowed_models": ["b", "a"], "allowed_providers": ["x", "y", "x"]})
    assert up(provider, state, {**GUARDRAIL, "allowed_models": ["a", "b"], "allowed_providers": ["y", "x"]})["did"] == (
        "same"
    )


def test_a_model_that_the_api_spells_otherwise_is_no_drift(started: Started, up: Up, control: Control) -> None:
    """The wish is kept as long as the API answers what it answered to the last write of it."""
    provider = started(GuardrailProvider)
    wish = {**GUARDRAIL, "allowed_models": ["sandbox/echo"]}
    state = up(provider, {}, wish)
    (record,) = control.guardrails()
    assert record["allowed_models"] == ["sandbox/echo-2025-01-01"]
    read = provider.read(state["id"], state["outs"])
    assert (read.outs, read.inputs) == (state["outs"], state["inputs"])
    again = up(provider, state, {**wish, "description": "another field was written"})
    assert (provider.read(again["id"], again["outs"]).outs or {})["allowed_models"] == ["sandbox/echo"]


def test_another_model_is_drift(started: Started, up: Up, control: Control) -> None:
    """What somebody put there by hand shows, also beside another change of ours."""
    provider = started(GuardrailProvider)
    state = up(provider, {}, {**GUARDRAIL, "allowed_models": ["sandbox/echo"]})
    control.edit_guardrail(state["id"], allowed_models=["openai/gpt-4o-mini"])
    read = provider.read(state["id"], state["outs"])
    assert read.outs is not None
    assert read.outs["allowed_models"] == ["openai/gpt-4o-mini"]


def test_an_undeclared_field_is_the_api_s_choice(started: Started, up: Up, control: Control) -> None:
    """What the program leaves open may change without being drift."""
    provider = started(GuardrailProvider)
    state = up(provider, {}, GUARDRAIL)
    control.edit_guardrail(state["id"], enforce_zdr_xai=True)
    assert provider.read(state["id"], state["outs"]).outs == state["outs"]


@pytest.mark.parametrize(
    ("kind", "make"),
    [
        (WorkspaceProvider, lambda control: control.create_workspace(name="x", slug="by-hand", default_text_model="m")),
        (GuardrailProvider, lambda control: control.create_guardrail(name="x", enforce_zdr_xai=True)),
        (ByokKeyProvider, lambda control: control.create_byok_key(name="x", provider="openai", key=CANARY)),
    ],
)
def test_an_object_known_by_its_id_alone_can_be_read(
    kind: type[RecordProvider], make: Callable[[Control], Props], started: Started, control: Control
) -> None:
    """`get` has nothing but the id, and learns everything that the API shows, undeclared fields too."""
    record = make(control)
    outs = started(kind).read(record["id"], {}).outs
    assert outs is not None
    shown = {field.name for field in kind.fields} & set(record)
    assert {name: outs[name] for name in shown if record[name] not in (None, [])} == {
        name: record[name] for name in shown if record[name] not in (None, [])
    }
    assert CANARY not in repr(outs)


def test_a_budget_known_by_its_id_alone_can_be_read(started: Started, control: Control) -> None:
    """Its id names the workspace and the interval."""
    workspace = control.create_workspace(name="x", slug="x")["id"]
    control.edit_budget(workspace, "lifetime", limit_usd=7)
    outs = started(WorkspaceBudgetProvider).read(f"{workspace}/lifetime", {}).outs
    assert outs == {
        "workspace_id": workspace,
        "interval": "lifetime",
        "limit_usd": 7,
        "include_byok_in_budgets": False,
    }


def test_adopting_brings_the_differences_in_one_patch(started: Started, up: Up, control: Control, sent: Sent) -> None:
    """What differs from the wish is set; what the wish leaves open stays."""
    made = control.create_guardrail(name="by hand", description="old", enforce_zdr_xai=True)
    state = up(started(GuardrailProvider), {}, {"adopt_id": made["id"], "description": "new"})
    assert state["id"] == made["id"]
    assert sent[1:] == [("PATCH", f"/guardrails/{made['id']}", {"description": "new"})]
    (record,) = control.guardrails()
    assert (record["name"], record["enforce_zdr_xai"]) == ("by hand", True)


@pytest.mark.parametrize("kind", ["Workspace", "Guardrail", "ByokKey"])
def test_adopting_what_is_not_there_says_so(kind: str, started: Started, up: Up, control: Control) -> None:
    """An id that the account does not have adopts nothing and makes nothing."""
    life, ground = LIVES[kind], Ground.of(control)
    before = life.records(ground)
    with pytest.raises(ConfigurationError, match="adopt_id nowhere: the account has no such"):
        up(started(life.provider), {}, {**life.wish(ground), "adopt_id": "nowhere"})
    assert life.records(ground) == before


def test_adopting_cannot_change_what_only_creation_takes(started: Started, up: Up, control: Control) -> None:
    """An object in another workspace than the wished one is refused, and the field is named."""
    made, other = control.create_guardrail(name="x"), control.create_workspace(name="y", slug="y")
    with pytest.raises(ConfigurationError, match="workspace_id cannot be changed on an existing guardrail"):
        up(started(GuardrailProvider), {}, {"adopt_id": made["id"], "workspace_id": other["id"]})


def test_a_workspace_s_default_guardrail_can_be_adopted_unseen(started: Started, up: Up, control: Control) -> None:
    """It answers 404 until something is set in it, and its name is not ours to set."""
    workspace = control.create_workspace(name="x", slug="x")
    wish = {"adopt_id": workspace["default_guardrail_id"], "allowed_providers": ["openai"]}
    state = up(started(GuardrailProvider), {}, wish)
    assert state["id"] == workspace["default_guardrail_id"]
    assert control.guardrails()[0]["allowed_providers"] == ["openai"]
    assert up(started(GuardrailProvider), state, wish)["did"] == "same"


@pytest.mark.parametrize(
    ("kind", "olds", "news", "wrong"),
    [
        ("Workspace", {}, {}, {"name", "slug"}),
        ("Workspace", {}, {"adopt_id": "payments"}, set()),
        ("Workspace", {}, {"adopt_id": "pay/ments"}, {"adopt_id"}),
        ("Workspace", {"name": "x"}, {"name": "x", "slug": "Not A Slug"}, {"slug"}),
        ("WorkspaceBudget", {}, {"interval": "hourly", "limit_usd": 0}, {"workspace_id", "interval", "limit_usd"}),
        ("Guardrail", {}, {}, {"name"}),
        ("Guardrail", {}, {**GUARDRAIL, "limit_usd": 1}, {"reset_interval"}),
        ("Guardrail", {}, {**GUARDRAIL, "reset_interval": "daily"}, {"limit_usd"}),
        ("Guardrail", {}, {**GUARDRAIL, "limit_usd": UNKNOWN}, {"reset_interval"}),
        ("Guardrail", {}, {**GUARDRAIL, "allowed_models": []}, {"allowed_models"}),
        ("GuardrailAssignment", {}, {"label": "x"}, {"guardrail_id"}),
        ("ByokKey", {}, {"provider": "openai", "name": "x"}, {"key"}),
        ("ByokKey", {}, {"key": CANARY, "name": "x", "disabled": "yes"}, {"provider", "disabled"}),
        ("ByokKey", {}, {"provider": "openai", "adopt_id": "b1"}, set()),
        ("ByokKey", {"provider": "openai"}, {"provider": "openai"}, set()),
        ("ByokKey", {"provider": "openai", "key": "k", "name": "x"}, {"provider": "openai", "name": "x"}, {"key"}),
    ],
)
def test_check_names_every_property_that_is_wrong(kind: str, olds: Props, news: Props, wrong: set[str]) -> None:
    """All at once, each with a sentence about it, and none quotes a secret."""
    failures = LIVES[kind].provider().check(olds, news).failures
    assert {failure.property for failure in failures} == wrong
    assert all(failure.reason.startswith(f"{failure.property} ") for failure in failures)
    assert CANARY not in repr([vars(failure) for failure in failures])


def test_a_name_is_drawn_once() -> None:
    """A new object gets a random name; the next check keeps it, and a replacement gets another."""
    provider = GuardrailProvider()
    first = provider.check({}, GUARDRAIL).inputs
    assert first["name"].startswith("acme/dev/cheap-")
    assert provider.check(first, GUARDRAIL).inputs == first
    assert provider.check({}, GUARDRAIL).inputs["name"] != first["name"]


@pytest.mark.parametrize("kind", ["Workspace", "Guardrail", "ByokKey", "WorkspaceBudget"])
@pytest.mark.parametrize("fault", ["status_after", "status_before"])
def test_a_create_whose_answer_was_lost_leaves_one_object(
    kind: str, fault: str, started: Started, up: Up, control: Control
) -> None:
    """Whether it happened or not, one object is left and the state has its id."""
    life, ground = LIVES[kind], Ground.of(control)
    control.fault(life.created_by[0], fault, status=502)
    state = up(started(life.provider), {}, life.wish(ground))
    (record,) = life.records(ground)
    assert kind == "WorkspaceBudget" or state["id"] == record["id"]


def test_a_given_name_that_others_bear_is_not_taken_for_ours(started: Started, up: Up, control: Control) -> None:
    """Where the answer is lost, a namesake that was there before stays apart."""
    older = control.create_guardrail(name="shared")
    control.fault("create_guardrail", "status_before", status=502)
    state = up(started(GuardrailProvider), {}, {"name": "shared"})
    assert state["id"] != older["id"]
    assert len(control.guardrails()) == 2


def test_a_slug_that_is_taken_is_explained(started: Started, up: Up, control: Control) -> None:
    """The error says which workspace has it, and how to take that over."""
    taken = control.create_workspace(name="x", slug="payments")["id"]
    with pytest.raises(ConfigurationError, match=f"workspace 'payments' exists already as {taken}: .*adopt_id"):
        up(started(WorkspaceProvider), {}, {"name": "x", "slug": "payments"})


def test_another_refusal_of_a_workspace_stays_itself(started: Started, up: Up, control: Control) -> None:
    """Where the slug is free, the API's own reason is what is said."""
    control.fault("create_workspace", "status_before", status=400)
    with pytest.raises(OpenRouterError, match="the API answered 400"):
        up(started(WorkspaceProvider), {}, {"name": "x", "slug": "payments"})


def test_a_workspace_that_has_keys_is_not_deleted(started: Started, up: Up, control: Control) -> None:
    """The error says how many keys are in the way."""
    provider = started(WorkspaceProvider)
    state = up(provider, {}, {"name": "x", "slug": "payments"})
    for name in ("a", "b"):
        control.create_key(name=name, workspace_id=state["id"])
    with pytest.raises(OpenRouterError, match="deleting workspace 'payments': it still has 2 API keys; delete them"):
        provider.delete(state["id"], state["outs"])


def test_a_budget_that_is_there_is_not_overwritten_silently(
    started: Started, up: Up, control: Control, sent: Sent
) -> None:
    """Another limit needs leave, the same one none."""
    workspace = control.create_workspace(name="x", slug="x")["id"]
    control.edit_budget(workspace, "monthly", limit_usd=123)
    wish = {"workspace_id": workspace, "interval": "monthly", "limit_usd": 123}
    assert up(started(WorkspaceBudgetProvider), {}, wish)["id"] == f"{workspace}/monthly"
    with pytest.raises(ConfigurationError, match=r"has another monthly budget already \(123 USD\): set adopt"):
        up(started(WorkspaceBudgetProvider), {}, {**wish, "limit_usd": 5})
    assert [method for method, _, _ in sent] == ["GET", "GET"]
    up(started(WorkspaceBudgetProvider), {}, {**wish, "limit_usd": 5, "adopt": True})
    assert control.budgets(workspace)[0]["limit_usd"] == 5


def test_a_vendor_s_key_that_was_swapped_is_put_back(started: Started, up: Up, control: Control, sent: Sent) -> None:
    """Another label than the last write's drops the value from the state, and the update sends it again."""
    provider, wish = started(ByokKeyProvider), {"provider": "openai", "name": "ours", "key": CANARY}
    state = up(provider, {}, wish)
    control.edit_byok_key(state["id"], key="another-canary-" + "y" * 20)
    read = provider.read(state["id"], state["outs"])
    assert "key" not in (read.outs or {})
    assert "key" not in read.inputs
    sent.clear()
    healed = up(provider, {"id": state["id"], "outs": read.outs, "inputs": read.inputs}, wish)
    assert sent == [("PATCH", f"/byok/{state['id']}", {"key": CANARY})]
    assert healed["outs"]["label"] == state["outs"]["label"] == control.byok_keys()[0]["label"]


def test_a_vendor_s_key_that_the_api_repeats_is_in_no_error() -> None:
    """Even where a refusal quotes it, what reaches the user does not."""
    said = {"error": {"code": 400, "message": f"no such key: {CANARY}"}}
    transport = httpx.MockTransport(lambda _request: httpx.Response(400, json=said))
    client = ManagementClient("sk-or-test", base_url="https://openrouter.test/api/v1", transport=transport)
    provider = ByokKeyProvider()
    provider.session = Session(client, KeyReader(client), START)
    inputs = provider.check({}, {"provider": "openai", "key": CANARY, "name_prefix": "x"}).inputs
    with pytest.raises(OpenRouterError) as caught:
        provider.create(inputs)
    assert "no such key" in str(caught.value)
    assert CANARY not in f"{caught.value} {caught.value!r} {vars(caught.value)}"
    assert CANARY not in f"{client!r} {provider.session!r}"


def test_assignments_of_one_guardrail_share_a_listing(started: Started, up: Up, control: Control, sent: Sent) -> None:
    """Reading many of them asks once for keys, and for members only where some are declared."""
    ground = Ground.of(control)
    provider = started(LIVES["GuardrailAssignment"].provider)
    wishes = [
        {"guardrail_id": ground.guardrails[0], "key_hashes": [key], "label": key, "member_ids": []}
        for key in ground.keys
    ]
    states = [up(provider, {}, wish) for wish in wishes]
    sent.clear()
    reads = [provider.read(state["id"], state["outs"]).outs for state in states]
    assert reads == [state["outs"] for state in states]
    assert [path.rpartition("/")[2] for _, path, _ in sent] == ["keys"]


def test_assignments_of_others_are_left_alone(started: Started, up: Up, control: Control) -> None:
    """The declared set is not exclusive: what somebody else assigned is neither shown nor taken away."""
    ground = Ground.of(control)
    provider = started(LIVES["GuardrailAssignment"].provider)
    control.assign_keys(ground.guardrails[0], [ground.keys[1]])
    state = up(provider, {}, {"guardrail_id": ground.guardrails[0], "key_hashes": [ground.keys[0]], "label": "x"})
    assert provider.read(state["id"], state["outs"]).outs == state["outs"]
    provider.delete(state["id"], state["outs"])
    assert [each["key_hash"] for each in control.key_assignments()] == [ground.keys[1]]


def test_a_key_that_is_gone_counts_as_unassigned(started: Started, up: Up, control: Control) -> None:
    """Deleting a key by hand does not stand in the way of changing or deleting its assignment."""
    ground = Ground.of(control)
    provider = started(LIVES["GuardrailAssignment"].provider)
    wish = {"guardrail_id": ground.guardrails[0], "key_hashes": [*ground.keys], "label": "x"}
    state = up(provider, {}, wish)
    control.delete_key(ground.keys[0])
    state = up(provider, state, {**wish, "key_hashes": [ground.keys[1]]})
    provider.delete(state["id"], state["outs"])
    assert control.key_assignments() == []


def test_where_one_of_several_is_unknown_the_others_are_unassigned() -> None:
    """Where the API refuses the whole list for one that is gone, each is unassigned by itself."""
    gone, asked = "gone", []

    def answer(request: httpx.Request) -> httpx.Response:
        body = request.content.decode()
        asked.append(body)
        return httpx.Response(404 if gone in body else 200, json={"unassigned_count": 1})

    transport = httpx.MockTransport(answer)
    client = ManagementClient("sk-or-test", base_url="https://openrouter.test/api/v1", transport=transport)
    provider = LIVES["GuardrailAssignment"].provider()
    provider.session = Session(client, KeyReader(client), START)
    provider.delete("g1/x", {"guardrail_id": "g1", "key_hashes": ["gone", "here"], "member_ids": []})
    assert ["gone" in body and "here" in body for body in asked] == [True, False, False]


@pytest.mark.parametrize("kind", LIVES)
def test_a_change_of_what_is_gone_says_so(kind: str, started: Started, up: Up, control: Control) -> None:
    """An update of an object deleted behind our back fails with the API's not-found, but for what can be put again."""
    life, ground = LIVES[kind], Ground.of(control)
    provider, wish = started(life.provider), life.wish(ground)
    state = up(provider, {}, wish)
    life.vanish(ground, state["id"])
    changed = {**wish, **life.change(ground)}
    if kind == "WorkspaceBudget":
        assert up(provider, state, changed)["did"] == "update"
        return
    with pytest.raises(NotFound):
        up(provider, state, changed)
