"""What every table-driven resource sends and keeps, seen on the real requests of its provider."""

from collections.abc import Callable
from typing import Any

import pytest
from pulumi.dynamic import ResourceProvider
from pulumi.runtime.rpc import UNKNOWN

from openrouter_provider.api.errors import ConfigurationError, NotFound
from openrouter_provider.resources.api_key import ApiKeyProvider
from openrouter_provider.resources.base import OpenRouterProvider
from openrouter_provider.resources.byok_key import ByokKeyProvider
from openrouter_provider.resources.guardrail import GuardrailProvider
from openrouter_provider.resources.record import RecordProvider
from openrouter_provider.resources.workspace import WorkspaceProvider
from sandbox.openrouter import Control
from tests.provider.life import part
from tests.provider.lives import LIVES, Ground, living
from tests.unit.resource_fixtures import Started

pytest_plugins = ("tests.unit.resource_fixtures",)

Props = dict[str, Any]
Sent = list[tuple[str, str, Props]]
Up = Callable[[ResourceProvider, Props, Props], Props]
CANARY = "vendor-canary-" + "z" * 20
KEY = "sk-or-v1-" + "c" * 24
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
        ("Guardrail", {"allowed_data_regions": None}, {"allowed_data_regions": None}),
        ("Workspace", {"disabled_server_tools": None}, {"disabled_server_tools": None}),
        ("ByokKey", {"declared_region": None, "declared_zdr": None}, {"declared_region": None, "declared_zdr": None}),
        ("ByokKey", {"is_required": False}, {"is_required": False}),
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


LATER_FIELDS: Props = {"allowed_data_regions": ["us"], "allow_safety_retention_google": True}


def test_a_field_of_a_later_release_shows_only_where_it_is_declared(
    started: Started, up: Up, control: Control, sent: Sent
) -> None:
    """What somebody set by hand stays while the program doesn't name it, also where the object is taken over."""
    provider = started(GuardrailProvider)
    state = up(provider, {}, GUARDRAIL)
    control.edit_guardrail(state["id"], **LATER_FIELDS)
    assert provider.read(state["id"], state["outs"]).outs == state["outs"]
    assert up(provider, state, GUARDRAIL)["did"] == "same"
    sent.clear()
    taken = up(provider, {}, {"adopt_id": state["id"]})
    assert [method for method, _, _ in sent if method != "GET"] == []
    assert up(provider, taken, {"adopt_id": state["id"], **LATER_FIELDS})["did"] == "update"
    assert control.guardrails()[0]["allowed_data_regions"] == ["us"]


@pytest.mark.parametrize("wrong", [{"is_fallback": True, "is_byok_only": True}, {"declared_region": "eu"}])
def test_what_openrouter_would_refuse_of_a_provider_key_is_refused_first(started: Started, wrong: Props) -> None:
    """A contradiction and an unknown region are said of the property, before any call."""
    wish = {"name_prefix": "acme/dev/x", "provider": "openai", "key": CANARY, **wrong}
    failures = started(ByokKeyProvider).check({}, wish).failures
    assert [failure.property for failure in failures or ()] == [[*wrong][-1]]


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


def test_hostile_texts_are_spelled_out_in_the_state(started: Started, up: Up, control: Control) -> None:
    """Single texts and those in lists are kept without what a terminal acts on; a wish of several lines stays."""
    provider = started(GuardrailProvider)
    wish = {**GUARDRAIL, "description": "two\nlines", "allowed_models": ["a/b"]}
    state = up(provider, {}, wish)
    control.edit_guardrail(state["id"], name="x\x1b[2J", allowed_models=["a\u202eb"])
    read = provider.read(state["id"], state["outs"])
    assert read.outs is not None
    assert (read.outs["name"], read.outs["allowed_models"]) == (r"x\x1b[2J", [r"a\u202eb"])
    assert read.outs["description"] == "two\nlines"
    assert up(provider, {"id": read.id, "outs": read.outs, "inputs": read.inputs}, wish)["did"] == "update"


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


@pytest.mark.parametrize("kind", living("vanish", "change"))
def test_a_change_of_what_is_gone_says_so(kind: str, started: Started, up: Up, control: Control) -> None:
    """An update of an object deleted behind our back fails with the API's not-found, but for what can be put again."""
    life, ground = LIVES[kind], Ground.of(control)
    provider, wish = started(life.provider), life.wish(ground)
    state = up(provider, {}, wish)
    part(life.vanish)(ground, state["id"])
    changed = {**wish, **part(life.change)(ground)}
    if kind == "WorkspaceBudget":
        assert up(provider, state, changed)["did"] == "update"
        return
    with pytest.raises(NotFound):
        up(provider, state, changed)


@pytest.mark.parametrize(
    ("kind", "wish", "property_", "said"),
    [
        (GuardrailProvider, {"allowed_models": ["a/b", KEY]}, "", "allowed_models holds an OpenRouter key"),
        (GuardrailProvider, {"models": [KEY]}, "", "models holds an OpenRouter key"),
        (GuardrailProvider, {"description": f"of {KEY}"}, "", "description holds an OpenRouter key"),
        (GuardrailProvider, {"content_filters": [{"pattern": KEY, "action": "no"}]}, "", "content_filters "),
        (WorkspaceProvider, {"slug": KEY}, "", "slug "),
        (ApiKeyProvider, {"adopt_hash": KEY, "adopt_key": KEY}, "", "adopt_hash holds an OpenRouter key"),
        (GuardrailProvider, {"allowed_models": []}, "allowed_models", "allowed_models must not be empty"),
        (ApiKeyProvider, {"limit": -1}, "limit", "limit must be a finite number of USD"),
    ],
)
def test_a_wrong_value_that_holds_a_key_is_not_named_to_the_engine(
    started: Started, kind: type[OpenRouterProvider], wish: Props, property_: str, said: str
) -> None:
    """The engine prints the value of a property that it is told of: then the sentence alone says which it is."""
    failures = started(kind).check({}, {"name_prefix": "acme/x", "name": None, "limit": 5, **wish}).failures or []
    (found,) = [each for each in failures if each.reason.startswith(said)]
    assert found.property == property_
    assert KEY not in found.reason
