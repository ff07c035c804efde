"""A service's own guardrail in the program: from the config and from arguments, known at once or later."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pulumi
import pytest
from pulumi.runtime import mocks
from pulumi.runtime.settings import SETTINGS

from openrouter_provider import ServiceKey, ServiceKeyArgs, StackConfig, declare_services
from openrouter_provider.config.stack import parse_stack_config
from openrouter_provider.resources.widening import widenings
from openrouter_provider.stores.refusals import SecretArgsRefused
from tests.program.mock_engine import API_KEY, COMPONENT, VERSION, Cloud, Deployment, Registered, deploy

GUARDRAIL = "pulumi-python:dynamic/openrouter:Guardrail"
ASSIGNMENT = "pulumi-python:dynamic/openrouter:GuardrailAssignment"
WORKSPACE = "pulumi-python:dynamic/openrouter:Workspace"
WORKSPACE_ID = "3b1c0a52-3f0e-4a53-9b5f-0b8a7a1f9d11"


def of(each: Registered) -> dict[str, Any]:
    """Return what a resource was asked to be."""
    return {name: value for name, value in each.inputs.items() if value is not None and name != "__provider"}


def from_config(service: dict[str, Any], **sections: Any) -> Deployment:
    """Deploy one service of a config, without asking anybody what is offered."""
    raw = {"services": {"checkout": {"limit": 5, **service}}, "namePrefix": "acme/dev", **sections}
    config: StackConfig = parse_stack_config(raw, "openrouter-keys/dev")
    return deploy(lambda: pulumi.export("services", dict(declare_services(config))))


def from_arguments(**wish: Any) -> Deployment:
    """Deploy one service of a program; what makes a value is called in it."""

    def program() -> None:
        made = {name: value() if callable(value) else value for name, value in wish.items()}
        ServiceKey("checkout", ServiceKeyArgs(secret_name="checkout", limit=5, **made))

    return deploy(program)


def types(deployed: Deployment) -> list[str]:
    """Return the types of all resources."""
    return [each.type for each in deployed.registered]


@pytest.mark.parametrize(
    ("service", "asked"),
    [
        ({"models": ["a/b", "a/c"]}, {"models": ["a/b", "a/c"]}),
        ({"maxPrice": 2}, {"max_price": {"prompt": 2, "completion": 2}}),
        ({"models": ["a/b"], "maxPrice": {"prompt": 1}}, {"models": ["a/b"], "max_price": {"prompt": 1}}),
    ],
)
def test_a_service_s_models_are_a_guardrail_of_its_own(service: dict[str, Any], asked: dict[str, Any]) -> None:
    """Named as its key is, a part of the service; it binds the key before the secret has its value."""
    deployed = from_config(service)
    guardrail, assignment = deployed.one(GUARDRAIL), deployed.one(ASSIGNMENT)
    assert of(guardrail) == {
        "name_prefix": "acme/dev/checkout",
        "description": "What the key of checkout may call",
        **asked,
    }
    assert guardrail.parent == assignment.parent == f"{COMPONENT}::checkout"
    assert of(assignment)["guardrail_id"] == "id-of-checkout"
    assert f"{GUARDRAIL.rpartition('$')[2]}::checkout" in assignment.depends_on
    assert f"{ASSIGNMENT}::checkout" in deployed.one(VERSION).depends_on


def test_it_is_in_the_key_s_workspace() -> None:
    """OpenRouter binds a guardrail to keys of its own workspace only."""
    by_id = from_config({"models": ["a/b"], "workspaceId": WORKSPACE_ID})
    assert by_id.one(GUARDRAIL).inputs["workspace_id"] == by_id.one(API_KEY).inputs["workspace_id"] == WORKSPACE_ID
    named = from_config({"models": ["a/b"], "workspace": "team"}, workspaces={"team": {}})
    assert named.one(GUARDRAIL).inputs["workspace_id"] == named.one(API_KEY).inputs["workspace_id"] == "id-of-team"


def test_without_models_nothing_is_declared_and_no_right_is_recorded() -> None:
    """A service that says nothing of models is what it was."""
    deployed = from_config({})
    assert not {GUARDRAIL, ASSIGNMENT} & {*types(deployed)}
    assert of(deployed.one(COMPONENT)) == {"limit": 5}


def later(value: Any) -> Callable[[], Any]:
    """Return what makes an output of a value."""
    return lambda: pulumi.Output.from_input(value)


@pytest.mark.parametrize(
    ("models", "max_price"),
    [
        (["a/b"], {"prompt": 2}),
        (("a/b",), {"prompt": 2}),
        (later(["a/b"]), later({"prompt": 2})),
        (lambda: [pulumi.Output.from_input("a/b")], lambda: {"prompt": pulumi.Output.from_input(2)}),
    ],
)
def test_arguments_may_be_outputs(models: Any, max_price: Any) -> None:
    """The engine is asked for the same."""
    asked = of(from_arguments(models=models, max_price=max_price).one(GUARDRAIL))
    assert (asked["models"], asked["max_price"]) == (["a/b"], {"prompt": 2})


def refused(**wish: Any) -> str:
    """Return why arguments are refused, at once or as soon as they are known."""

    async def resolve() -> None:
        mocks.set_mocks(Cloud(), "openrouter-keys", "dev", preview=False)
        try:
            made = {name: value() if callable(value) else value for name, value in wish.items()}
            args = ServiceKeyArgs(secret_name="shop", limit=5, **made)
            args.refuse_contradictions()
            settled = args.settled()
            for value in (settled.models, settled.max_price):
                await pulumi.Output.from_input(value).future()
        finally:
            SETTINGS.outputs.clear()

    with ThreadPoolExecutor(max_workers=1) as thread, pytest.raises(SecretArgsRefused) as caught:
        thread.submit(lambda: asyncio.run(resolve())).result(timeout=60)
    return str(caught.value)


@pytest.mark.parametrize(
    ("wish", "said"),
    [
        ({"models": []}, "shop: models must not be empty"),
        ({"models": later([])}, "shop: models must not be empty"),
        ({"models": later(None)}, "shop: models must not be empty"),
        ({"models": ["mini"]}, "shop: models must be a model's slug"),
        ({"models": later(["mini"])}, "shop: models must be a model's slug"),
        ({"max_price": -1}, "shop: max_price must be a finite number of USD"),
        ({"max_price": later(None)}, "shop: max_price must be a number of USD"),
        ({"max_price": later({"promt": 1})}, "shop: max_price has no `promt`: did you mean `prompt`?"),
        ({"models": ["a/b"], "guardrail_id": "g"}, "shop: guardrail_id contradicts models and max_price"),
        ({"max_price": 1, "guardrail_id": later("g")}, "shop: guardrail_id contradicts models and max_price"),
    ],
)
def test_what_would_bind_the_key_to_nothing_is_refused(wish: dict[str, Any], said: str) -> None:
    """An empty list, one that comes to nothing, and two guardrails of one key."""
    assert refused(**wish).startswith(said)


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ({"models": ["a/b"]}, {}, ["guardrail removed"]),
        ({"models": ["a/b"]}, {"guardrail_id": "g"}, ["the guardrail for its models alone replaced by another one"]),
        ({"guardrail_id": "g"}, {"models": ["a/b"]}, []),
        ({}, {"models": ["a/b"]}, []),
        ({"max_price": 1}, {"models": ["a/b"]}, []),
    ],
)
def test_a_guardrail_that_goes_is_a_wider_right(before: Any, after: Any, said: list[str]) -> None:
    """What the guardrail itself allows more is its own warning."""
    old, new = (of(from_arguments(**wish).one(COMPONENT)) for wish in (before, after))
    assert widenings(old, new) == said
