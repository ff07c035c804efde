"""A guardrail: one spelling for the wish and for what the API answers, and what of it is drift."""

from collections.abc import Callable
from typing import Any

import pytest
from pulumi.dynamic import ResourceProvider
from pulumi.runtime.rpc import UNKNOWN

from openrouter_provider.api.errors import ResponseError
from openrouter_provider.api.guardrails import GuardrailRecord
from openrouter_provider.keys.fields import shown
from openrouter_provider.keys.list_checks import check_builtins
from openrouter_provider.resources.guardrail import GuardrailProvider
from sandbox.openrouter import Control
from sandbox.openrouter.client import ControlError
from tests.unit.resource_fixtures import Started

pytest_plugins = ("tests.unit.resource_fixtures",)

Props = dict[str, Any]
Up = Callable[[ResourceProvider, Props, Props], Props]
GUARDRAIL: Props = {"name_prefix": "acme/dev/cheap"}
EMAIL = {"slug": "email", "action": "redact"}
INJECTION = {"slug": "regex-prompt-injection", "action": "block"}


@pytest.mark.parametrize(
    ("wish", "kept"),
    [
        ([INJECTION, EMAIL], [EMAIL, {**INJECTION, "scan_scope": "all_messages"}]),
        ([{**INJECTION, "scan_scope": "user_only"}], [{**INJECTION, "scan_scope": "user_only"}]),
        ([{**EMAIL, "scan_scope": "user_only"}], [EMAIL]),
        ([{"slug": UNKNOWN, "action": "block"}], [{"slug": UNKNOWN, "action": "block"}]),
    ],
)
def test_builtin_filters_have_one_spelling(wish: list[Props], kept: list[Props]) -> None:
    """In the order of their slugs; only the one against injections has a scope, which has a default."""
    assert check_builtins(wish) == kept


@pytest.mark.parametrize(
    ("wish", "said"),
    [
        ([EMAIL, EMAIL], "each builtin filter once"),
        ([{**EMAIL, "slug": "e-mail"}], r"\[0\].slug must be email, "),
        ([{**EMAIL, "label": "[EMAIL]"}], "has no `label`: it must have only slug, action, scan_scope"),
    ],
)
def test_wrong_builtin_filters_are_explained(wish: list[Props], said: str) -> None:
    """A label is the API's own and can't be wished."""
    with pytest.raises(ValueError, match=said):
        check_builtins(wish)


def test_what_the_api_answers_is_spelled_as_a_wish() -> None:
    """Labels that it assigns are left out, empty collections are none, and sets are sorted."""
    record = GuardrailRecord.model_validate(
        {
            "id": "g1",
            "name": "x",
            "description": "",
            "allowed_models": ["b", "a"],
            "ignored_providers": [],
            "content_filters": [{"pattern": "x", "action": "block", "label": None}],
            "content_filter_builtins": [{**INJECTION, "scan_scope": "all_messages", "label": "[X]"}, EMAIL],
        }
    )
    seen = shown(GuardrailProvider.fields, record)
    assert seen["allowed_models"] == ["a", "b"]
    assert (seen["description"], seen["ignored_providers"]) == (None, None)
    assert seen["content_filters"] == [{"pattern": "x", "action": "block"}]
    assert seen["content_filter_builtins"] == check_builtins([INJECTION, EMAIL])


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


def test_a_workspace_s_default_guardrail_can_be_adopted_unseen(started: Started, up: Up, control: Control) -> None:
    """It answers 404 until something is set in it, and its name is not ours to set."""
    workspace = control.create_workspace(name="x", slug="x")
    wish = {"adopt_id": workspace["default_guardrail_id"], "allowed_providers": ["openai"]}
    state = up(started(GuardrailProvider), {}, wish)
    assert state["id"] == workspace["default_guardrail_id"]
    assert control.guardrails()[0]["allowed_providers"] == ["openai"]
    assert up(started(GuardrailProvider), state, wish)["did"] == "same"


def test_a_given_name_that_others_bear_is_not_taken_for_ours(started: Started, up: Up, control: Control) -> None:
    """Where the answer is lost, a namesake that was there before stays apart."""
    older = control.create_guardrail(name="shared")
    control.fault("create_guardrail", "status_before", status=502)
    state = up(started(GuardrailProvider), {}, {"name": "shared"})
    assert state["id"] != older["id"]
    assert len(control.guardrails()) == 2


def test_a_workspace_s_default_guardrail_is_emptied_where_it_cannot_be_deleted(
    started: Started, up: Up, control: Control
) -> None:
    """It goes with its workspace only: what this resource set in it is taken back, and nothing else."""
    workspace = control.create_workspace(name="x", slug="x")
    limited = {"limit_usd": 5, "reset_interval": "daily", "enforce_zdr_xai": True}
    state = up(started(GuardrailProvider), {}, {"adopt_id": workspace["default_guardrail_id"], **limited})
    control.edit_guardrail(state["id"], enforce_zdr_openai=True)
    started(GuardrailProvider).delete(state["id"], state["outs"])
    (left,) = control.guardrails()
    assert {name: left[name] for name in limited} == dict.fromkeys(limited)
    assert left["enforce_zdr_openai"] is True


def test_a_refused_deletion_of_another_guardrail_is_an_error(started: Started, up: Up, control: Control) -> None:
    """Only a default guardrail is emptied instead."""
    state = up(started(GuardrailProvider), {}, GUARDRAIL)
    control.fault("delete_guardrail", "status_before", status=400)
    with pytest.raises(ResponseError):
        started(GuardrailProvider).delete(state["id"], state["outs"])
    assert not control.calls("update_guardrail")


@pytest.mark.parametrize(
    ("pattern", "taken"),
    [
        ("[0-9]{16}", True),
        (r"(?:secret|key)\b", True),
        (r"\(?=", True),
        ("(?i)secret", True),
        ("secret(?=s)", False),
        ("(?<!x)y", False),
        (r"(a)\1", False),
        ("(?P<q>a)(?P=q)", False),
    ],
)
def test_patterns_that_openrouter_cannot_match_are_refused_before(
    started: Started, control: Control, pattern: str, taken: bool
) -> None:
    """The check and the API agree: no look-arounds, no back references."""
    filters = [{"pattern": pattern, "action": "block"}]
    failures = started(GuardrailProvider).check({}, {"name": "n", "content_filters": filters}).failures
    assert (failures == []) is taken
    if taken:
        assert control.create_guardrail(name="n", content_filters=filters)["content_filters"]
    else:
        with pytest.raises(ControlError, match="invalid_regex_pattern"):
            control.create_guardrail(name="n", content_filters=filters)


def test_the_filter_for_secrets_is_known(started: Started, up: Up, control: Control) -> None:
    """The newest builtin filter can be set."""
    up(
        started(GuardrailProvider),
        {},
        {**GUARDRAIL, "content_filter_builtins": [{"slug": "secrets", "action": "block"}]},
    )
    assert control.guardrails()[0]["content_filter_builtins"][0]["slug"] == "secrets"
