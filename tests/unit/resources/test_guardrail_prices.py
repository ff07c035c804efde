"""A guardrail whose models are named or follow from a ceiling of price, on a simulated account."""

from collections.abc import Callable
from typing import Any

from pulumi.dynamic import ResourceProvider

from openrouter_provider.resources.guardrail import GuardrailProvider
from openrouter_provider.resources.widening import of_guardrail
from sandbox.openrouter import Control
from tests.unit.resource_fixtures import Started

pytest_plugins = ("tests.unit.resource_fixtures",)

Props = dict[str, Any]
Up = Callable[[ResourceProvider, Props, Props], Props]
NAMED: Props = {"name_prefix": "acme/dev/checkout"}
FREE, CHEAP = ["sandbox/echo:free"], ["sandbox/echo:free", "sandbox/mimic-2025-06-01"]


def allowed(control: Control) -> list[str]:
    """Return what the one guardrail allows."""
    (record,) = control.guardrails()
    return sorted(record["allowed_models"])


def test_a_ceiling_becomes_a_list_that_stays(started: Started, up: Up, control: Control) -> None:
    """A new model, or one that became cheaper, joins when the ceiling is set anew; the API gets no price."""
    state = up(started(GuardrailProvider), {}, {**NAMED, "max_price": 2})
    assert allowed(control) == CHEAP
    control.configure(model_prices={"openai/gpt-4o-mini": {"prompt": "0", "completion": "0"}})
    state = up(started(GuardrailProvider), state, {**NAMED, "max_price": 2})
    assert state["did"] == "same"
    state = up(started(GuardrailProvider), state, {**NAMED, "max_price": 2.5})
    assert state["did"] == "update"
    assert allowed(control) == sorted([*CHEAP, "openai/gpt-4o-mini"])
    assert started(GuardrailProvider).read(state["id"], state["outs"]).outs == state["outs"]


def test_a_model_that_got_dearer_leaves_the_list(started: Started, up: Up, control: Control) -> None:
    """The next run takes it out and says so; another one changes nothing, though the price falls again."""
    state = up(started(GuardrailProvider), {}, {**NAMED, "max_price": 2})
    control.configure(model_prices={"sandbox/mimic": {"completion": "0.00003"}})
    state = up(started(GuardrailProvider), state, {**NAMED, "max_price": 2})
    assert (state["did"], allowed(control)) == ("update", FREE)
    control.configure(model_prices={})
    assert up(started(GuardrailProvider), state, {**NAMED, "max_price": 2})["did"] == "same"


def test_another_ceiling_with_the_same_models_is_no_call(started: Started, up: Up, control: Control) -> None:
    """It is kept, so that a refresh does not bring the former one back."""
    state = up(started(GuardrailProvider), {}, {**NAMED, "max_price": 2})
    state = up(started(GuardrailProvider), state, {**NAMED, "max_price": {"prompt": 3, "completion": 3}})
    assert state["did"] == "update"
    assert not control.calls("update_guardrail")
    read = started(GuardrailProvider).read(state["id"], state["outs"])
    assert (read.inputs or {})["max_price"] == {"prompt": 3, "completion": 3}


def test_a_list_that_was_changed_by_hand_is_healed(started: Started, up: Up, control: Control) -> None:
    """A refresh sees what is there, and not a new list to keep."""
    state = up(started(GuardrailProvider), {}, {**NAMED, "max_price": 2})
    control.edit_guardrail(state["id"], allowed_models=["openai/gpt-4o-mini"])
    read = started(GuardrailProvider).read(state["id"], state["outs"])
    refreshed = {"id": state["id"], "inputs": read.inputs, "outs": read.outs}
    assert up(started(GuardrailProvider), refreshed, {**NAMED, "max_price": 2})["did"] == "update"
    assert allowed(control) == CHEAP


def test_named_models_are_looked_up(started: Started, up: Up, control: Control) -> None:
    """They stand as they were written, and one that nobody offers is refused before a call that changes anything."""
    provider = started(GuardrailProvider)
    (failure,) = provider.check({}, {**NAMED, "models": ["sandbox/ecco"]}).failures or []
    assert failure.property == "models"
    assert "did you mean sandbox/echo?" in failure.reason
    state = up(provider, {}, {**NAMED, "models": ["sandbox/echo"]})
    assert allowed(control) == ["sandbox/echo-2025-01-01"]
    assert up(started(GuardrailProvider), state, {**NAMED, "models": ["sandbox/echo"]})["did"] == "same"
    assert started(GuardrailProvider).read(state["id"], state["outs"]).outs == state["outs"]


def test_one_look_serves_a_run(started: Started, control: Control) -> None:
    """However many guardrails ask what is offered."""
    provider = started(GuardrailProvider)
    for number in range(3):
        assert not provider.check({}, {"name": f"g{number}", "max_price": number}).failures
    assert len(control.calls("list_models")) == 1


def test_a_higher_ceiling_is_told() -> None:
    """With the parts that grew, and the first of the models that it adds."""
    more = [f"a/m{number:02}" for number in range(12)]
    before = {"max_price": {"prompt": 1, "completion": 2}, "allowed_models": more[:1]}
    after = {"max_price": {"prompt": 1.5}, "allowed_models": more}
    shown = ", ".join(more[1:11])
    assert list(of_guardrail(before, after)) == [
        "maxPrice of $2.00 for completion tokens removed",
        "maxPrice for prompt tokens raised from $1.00 to $1.50",
        f"models allowed: {shown} and 1 more",
    ]
    assert list(of_guardrail(after, before)) == []
