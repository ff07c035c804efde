"""A retired key whose hash a service's list still has: neither written to a guardrail or a provider key, nor missed."""

from collections.abc import Callable
from typing import Any

import pytest
from pulumi.dynamic import ResourceProvider

from openrouter_provider.api.errors import OpenRouterError, ResponseError
from openrouter_provider.resources.byok_key import ByokKeyProvider
from openrouter_provider.resources.guardrail_assignment import GuardrailAssignmentProvider
from openrouter_provider.resources.record import RecordProvider
from sandbox.openrouter import Control
from tests.unit.resource_fixtures import Started

pytest_plugins = ("tests.unit.resource_fixtures",)

Props = dict[str, Any]
Up = Callable[[ResourceProvider, Props, Props], Props]


def guardrail(control: Control) -> Props:
    """Return a guardrail's assignment without keys."""
    return {"guardrail_id": control.create_guardrail(name="cheap")["id"], "label": "x", "member_ids": []}


def provider_key(_control: Control) -> Props:
    """Return a provider key that is open to every key."""
    return {"provider": "openai", "name": "ours", "key": "k" * 24}


CASES = [
    pytest.param(GuardrailAssignmentProvider, guardrail, "key_hashes", id="guardrail"),
    pytest.param(ByokKeyProvider, provider_key, "allowed_api_key_hashes", id="provider key"),
]


@pytest.mark.parametrize(("kind", "wish_of", "hashes"), CASES)
def test_a_list_with_a_key_that_is_gone_is_written_without_it(
    started: Started,
    up: Up,
    control: Control,
    kind: type[RecordProvider],
    wish_of: Callable[[Control], Props],
    hashes: str,
) -> None:
    """It can be made, is silent under a refresh, and takes another key."""
    current, retired, other = (control.create_key(name=name)[0]["hash"] for name in ("a", "b", "c"))
    control.delete_key(retired)
    wish = {**wish_of(control), hashes: [current, retired]}
    state = up(started(kind), {}, wish)
    read = started(kind).read(state["id"], state["outs"])
    assert read.outs == state["outs"]
    assert set((read.outs or {})[hashes]) == {current, retired}
    changed = up(started(kind), state, {**wish, hashes: [current, retired, other]})
    assert set(changed["outs"][hashes]) == {current, retired, other}
    bound = (
        control.byok_keys()[0][hashes]
        if kind is ByokKeyProvider
        else [a["key_hash"] for a in control.key_assignments()]
    )
    assert set(bound) == {current, other}


@pytest.mark.parametrize(("kind", "wish_of", "hashes"), CASES)
def test_a_key_that_lives_is_missed(
    started: Started,
    up: Up,
    control: Control,
    kind: type[RecordProvider],
    wish_of: Callable[[Control], Props],
    hashes: str,
) -> None:
    """What somebody took away by hand is drift, as before."""
    living = [control.create_key(name=name)[0]["hash"] for name in ("a", "b")]
    state = up(started(kind), {}, {**wish_of(control), hashes: living})
    if kind is ByokKeyProvider:
        control.edit_byok_key(state["id"], allowed_api_key_hashes=living[:1])
    else:
        control.unassign_keys(control.guardrails()[0]["id"], living[1:])
    assert (started(kind).read(state["id"], state["outs"]).outs or {})[hashes] == living[:1]


@pytest.mark.parametrize(("kind", "wish_of", "hashes"), CASES)
def test_a_refusal_of_living_keys_stays_itself(
    started: Started,
    up: Up,
    control: Control,
    kind: type[RecordProvider],
    wish_of: Callable[[Control], Props],
    hashes: str,
) -> None:
    """It is not tried again, and a list of nothing but keys that are gone is refused as before."""
    living, retired = (control.create_key(name=name)[0]["hash"] for name in ("a", "b"))
    control.delete_key(retired)
    operation = "create_byok_key" if kind is ByokKeyProvider else "assign_keys"
    wish = wish_of(control)
    with pytest.raises(OpenRouterError):
        up(started(kind), {}, {**wish, hashes: [retired]})
    control.fault(operation, "status_before", status=400)
    control.clear_calls()
    with pytest.raises(ResponseError):
        up(started(kind), {}, {**wish, hashes: [living]})
    assert len(control.calls(operation)) == 1
