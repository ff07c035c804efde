"""What a config says of the models that keys may call: by itself, by the policy, and against what is offered."""

from collections.abc import Mapping
from typing import Any

import pytest

from openrouter_provider.api.models import ModelRecord
from openrouter_provider.config.guardrail_rules import removed_soon
from openrouter_provider.config.problems import StackConfigError
from openrouter_provider.config.stack import StackConfig, parse_stack_config
from openrouter_provider.keys.allowed.choosing import NOTHING_LEFT, by_name
from openrouter_provider.keys.allowed.prices import Offer

Props = dict[str, Any]
PRICES = {"a/small": ("0.0000001", "0.0000002"), "a/mid": ("0.000001", "0.000005"), "a/large": ("0.00001", "0.00003")}
GUARDRAILS = {"listed": {"allowedModels": ["a/mid"]}, "open": {"description": "no list"}}


def offered() -> Mapping[str, Offer]:
    """Return what OpenRouter offers."""
    return by_name(
        ModelRecord.model_validate({"id": id_, "pricing": {"prompt": prompt, "completion": completion}})
        for id_, (prompt, completion) in PRICES.items()
    )


def parsed(service: Props, **sections: Any) -> StackConfig:
    """Return the config of one service."""
    raw = {"services": {"a": {"limit": 5, **service}}, "guardrails": GUARDRAILS, **sections}
    return parse_stack_config(raw, "p/dev", offered=offered)


def problems(service: Props, **sections: Any) -> dict[str, str]:
    """Return what is wrong, by path."""
    try:
        parsed(service, **sections)
    except StackConfigError as error:
        return {problem.path: problem.what for problem in error.problems}
    return {}


@pytest.mark.parametrize(
    ("service", "path", "what"),
    [
        ({"models": []}, "services.a.models", "must name one at least"),
        ({"models": "a/mid"}, "services.a.models", "must be a list"),
        ({"models": ["mid"]}, "services.a.models.0", "must be a model's slug, like openai/gpt-4o-mini"),
        ({"models": ["a/mid", "a/sk-or-v1-" + "c" * 24]}, "services.a.models.1", "holds an OpenRouter key"),
        ({"maxPrice": -1}, "services.a.maxPrice", "must be a finite number of USD, 0 or more"),
        ({"maxPrice": True}, "services.a.maxPrice", "must be USD for a million tokens, or {prompt: …, completion: …}"),
        ({"maxPrice": {}}, "services.a.maxPrice", "must have prompt, completion or both"),
        ({"maxPrice": {"promt": 1}}, "services.a.maxPrice.promt", "did you mean prompt?"),
        ({"maxPrice": {"prompt": "x"}}, "services.a.maxPrice.prompt", "must be a number of USD"),
        ({"models": ["a/mid"], "guardrails": ["listed"]}, "services.a.guardrails", "contradicts models"),
        ({"maxPrice": 5, "guardrails": ["listed"]}, "services.a.guardrails", "contradicts maxPrice"),
        ({"models": ["a/mid", "a/midd"]}, "services.a.models.1", "a/midd is no model that OpenRouter offers; did you"),
        (
            {"models": ["a/mid", "a/large"], "maxPrice": 5},
            "services.a.models.1",
            "a/large costs $10.00 for a million prompt tokens, above maxPrice $5.00: take it out, or raise maxPrice",
        ),
        ({"maxPrice": {"completion": 0.1}}, "services.a.maxPrice", NOTHING_LEFT),
    ],
)
def test_what_is_wrong_has_its_path_and_its_fix(service: Props, path: str, what: str) -> None:
    """By itself, beside another setting, and against what is offered."""
    found = problems(service)
    assert [*found] == [path]
    assert what in found[path]


@pytest.mark.parametrize(
    ("service", "defaults", "models", "prices", "guardrails"),
    [
        ({"models": ["a/mid"], "maxPrice": "5.0"}, {}, ("a/mid",), {"prompt": 5, "completion": 5}, ()),
        ({"models": '["a/mid"]'}, {}, ("a/mid",), None, ()),
        ({"maxPrice": {"prompt": "2.50"}}, {}, None, {"prompt": 2.5}, ()),
        ({}, {"models": ["a/mid"], "maxPrice": 9}, ("a/mid",), {"prompt": 9, "completion": 9}, ()),
        ({"models": ["a/small"]}, {"models": ["a/mid"]}, ("a/small",), None, ()),
        ({"maxPrice": {"prompt": 2}}, {"maxPrice": 9}, None, {"prompt": 2}, ()),
        ({"models": None, "maxPrice": None}, {"models": ["a/mid"], "maxPrice": 9}, None, None, ()),
        ({"guardrails": ["open"]}, {"models": ["a/mid"], "maxPrice": 9}, None, None, ("open",)),
        ({"models": ["a/mid"]}, {"guardrails": ["open"]}, ("a/mid",), None, ()),
        ({"maxPrice": 9}, {"guardrails": ["open"]}, None, {"prompt": 9, "completion": 9}, ()),
    ],
)
def test_the_service_s_own_wish_counts(
    service: Props, defaults: Props, models: Any, prices: Props | None, guardrails: tuple[str, ...]
) -> None:
    """Over the defaults, where of two that exclude each other the service's own stands."""
    found = parsed(service, defaults=defaults).services["a"]
    assert (found.models, found.guardrails) == (models, guardrails)
    assert (found.max_price.parts if found.max_price else None) == prices


@pytest.mark.parametrize(
    ("policy", "service", "path"),
    [
        ({"requireModels": True}, {}, "services.a.models"),
        ({"requireModels": True}, {"guardrails": ["open"]}, "services.a.models"),
        ({"requireModels": True}, {"guardrails": ["listed"]}, None),
        ({"requireModels": True}, {"models": ["a/mid"]}, None),
        ({"requireModels": True}, {"maxPrice": 9}, None),
        ({"maxPrice": 5}, {}, "services.a.maxPrice"),
        ({"maxPrice": 5}, {"models": ["a/mid"]}, "services.a.maxPrice"),
        ({"maxPrice": 5}, {"maxPrice": 5}, None),
        ({"maxPrice": 5}, {"maxPrice": 5.01}, "services.a.maxPrice"),
        ({"maxPrice": 5}, {"maxPrice": {"prompt": 1}}, "services.a.maxPrice"),
        ({"maxPrice": {"prompt": 5}}, {"maxPrice": {"prompt": 1}}, None),
        ({"maxPrice": {"completion": 5}}, {"maxPrice": {"prompt": 1}}, "services.a.maxPrice"),
        ({"maxPrice": 5}, {"guardrails": ["listed"]}, "services.a.guardrails"),
        ({"maxPrice": 0.4}, {"maxPrice": 0.5}, "services.a.maxPrice"),
        ({}, {}, None),
    ],
)
def test_a_policy_may_demand_it(policy: Props, service: Props, path: str | None) -> None:
    """A service that breaks a rule is told by path, with the rule; an exemption with a reason holds for it alone."""
    found = problems(service, policy=policy)
    assert list(found) == ([path] if path else [])
    for rule in policy:
        assert all(f"policy.{rule}" in what for what in found.values())
        assert problems(service, policy={**policy, "exemptions": {"a": {rule: "a research project"}}}) == {}


@pytest.mark.parametrize("policy", [{"maxPrice": -1}, {"maxPrice": {"promt": 1}}, {"requireModels": "yes"}])
def test_a_wrong_rule_is_a_config_error(policy: Props) -> None:
    """As each other wrong setting is."""
    (path,) = problems({}, policy=policy)
    assert path.startswith(f"policy.{next(iter(policy))}")


def test_nobody_is_asked_where_something_else_is_wrong_or_no_models_are_named() -> None:
    """The config's own problems come first, all at once, and before any call."""

    def refused() -> Any:
        raise AssertionError("the account was asked")

    parse_stack_config({"services": {"a": {"limit": 5}}}, "p/dev", offered=refused)
    with pytest.raises(StackConfigError):
        parse_stack_config({"services": {"a": {"limit": -5, "models": ["a/mid"]}}}, "p/dev", offered=refused)
    # The commands read the config too, and ask OpenRouter nothing of its models.
    parse_stack_config({"services": {"a": {"limit": 5, "models": ["no/such"]}}}, "p/dev")


def test_a_name_that_does_not_fit_a_guardrail_is_said_before() -> None:
    """A key's name may be longer than a guardrail's."""
    raw = {"namePrefix": "p" * 150, "services": {"s" * 42: {"limit": 5}, "s" * 41: {"limit": 5, "models": ["a/mid"]}}}
    parse_stack_config(raw, "p/dev", offered=offered)
    raw["services"]["s" * 42]["models"] = ["a/mid"]  # type: ignore[index]  # an object of objects
    with pytest.raises(StackConfigError, match="too long for its guardrail"):
        parse_stack_config(raw, "p/dev", offered=offered)


def test_a_model_that_will_be_removed_is_told_before() -> None:
    """By its place and with the day, while nothing is refused yet."""
    config = parsed({"models": ["a/mid", "a/small"]})
    last = ModelRecord.model_validate({"id": "a/small", "expiration_date": "2027-03-31"})
    listing = {**offered(), **by_name([last])}
    (said,) = removed_soon(config.services, config.paths.__getitem__, listing)
    assert str(said).startswith("services.a.models.1: a/small may be removed after 2027-03-31")
