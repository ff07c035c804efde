"""What models cost at most, and which of them a ceiling of price leaves."""

from decimal import Decimal
from typing import Any

import pytest
from pulumi.runtime.rpc import UNKNOWN

from openrouter_provider.api.models import ModelRecord
from openrouter_provider.keys.allowed.choosing import NOTHING_LEFT, by_name, derived, settled, too_dear, wrong_models
from openrouter_provider.keys.allowed.prices import check_max_price, check_slug, check_slugs, offers

Props = dict[str, Any]
CEILING = {"prompt": 1, "completion": 5}


def model(id_: str, prompt: object = "0.000001", completion: object = "0.000005", **more: Any) -> ModelRecord:
    """Return a model; prices are USD a token."""
    pricing = {"prompt": prompt, "completion": completion, **more.pop("pricing", {})}
    return ModelRecord.model_validate({"id": id_, "pricing": pricing, **more})


def priced(**pricing: Any) -> Any:
    """Return what a million tokens of a model with these prices cost."""
    (offer,) = offers([ModelRecord.model_validate({"id": "a/b", "pricing": pricing})])
    return offer.costs


@pytest.mark.parametrize(
    ("pricing", "costs"),
    [
        ({"prompt": "0.00000015", "completion": "0.0000006"}, ("0.15", "0.6")),
        ({"prompt": "0", "completion": "0"}, ("0", "0")),
        ({"prompt": 0.000001, "completion": 0.000002}, ("1", "2")),
        ({"prompt": "0.000001", "completion": "0.000002", "internal_reasoning": "0.000009"}, ("1", "9")),
        ({"prompt": "0.000001", "completion": "0.000002", "internal_reasoning": "0"}, ("1", "2")),
        ({"prompt": "0.000001", "completion": "0.000002", "request": "0"}, ("1", "2")),
        (
            {
                "prompt": "0.000001",
                "completion": "0.000002",
                "overrides": [{"min_prompt_tokens": 9, "prompt": "0.000003"}],
            },
            ("3", "2"),
        ),
        ({"prompt": "0.000001", "completion": "0.000002", "request": "0.005"}, None),
        ({"prompt": "-1", "completion": "-1"}, None),
        ({"prompt": "0.000001"}, None),
        ({}, None),
        ({"prompt": "soon", "completion": "0"}, None),
        ({"prompt": "NaN", "completion": "0"}, None),
    ],
)
def test_a_model_costs_what_it_costs_at_most(pricing: Props, costs: tuple[str, str] | None) -> None:
    """Under whichever condition; a price that tokens alone don't make, or that is no number, is no known one."""
    assert priced(**pricing) == (None if costs is None else dict(zip(CEILING, map(Decimal, costs), strict=True)))


def test_variants_with_one_immutable_slug_are_one_model() -> None:
    """A guardrail that allows the free one allows the paid one, so the dearer one's price counts."""
    free, paid = (model("a/b:free", "0", "0", canonical_slug="a/b-1"), model("a/b", canonical_slug="a/b-1"))
    (offer,) = offers([free, paid])
    assert (offer.slug, offer.names) == ("a/b-1", frozenset({"a/b-1", "a/b", "a/b:free"}))
    assert offer.costs == {"prompt": Decimal(1), "completion": Decimal(5)}
    assert derived({"prompt": 0}, by_name([free, paid])) == []
    assert derived({"prompt": 0}, by_name([free])) == ["a/b-1"]


@pytest.mark.parametrize(
    ("ceiling", "left"),
    [
        ({"prompt": 1, "completion": 5}, ["a/mid", "a/small"]),
        ({"prompt": 0.999999, "completion": 5}, ["a/small"]),
        ({"completion": 5}, ["a/mid", "a/small"]),
        ({"prompt": 10}, ["a/large", "a/mid", "a/small"]),
        ({"prompt": 0, "completion": 0}, []),
    ],
)
def test_a_ceiling_leaves_what_costs_no_more(ceiling: Props, left: list[str]) -> None:
    """Each part by itself; one that is not given may cost anything. What answers with more than text is left out."""
    listing = [
        model("a/small", "0.0000001", "0.0000002"),
        model("a/mid"),
        model("a/large", "0.00001", "0.00003"),
        model("a/painter", "0", "0", architecture={"output_modalities": ["text", "image"]}),
        model("a/router", "-1", "-1"),
    ]
    assert derived(ceiling, by_name(listing)) == left


@pytest.mark.parametrize(
    ("models", "ceiling", "wrong"),
    [
        (["a/mid", "a/mid-2025"], None, {}),
        (["a/router", "a/large"], None, {}),
        (["a/mid", "a/midd"], None, {1: "a/midd is no model that OpenRouter offers; did you mean a/mid?"}),
        (["a/mid:nitro"], None, {0: "a/mid:nitro is no model that OpenRouter offers; did you mean a/mid?"}),
        (["zz/qqq"], None, {0: "zz/qqq is no model that OpenRouter offers; correct it, or take it out (https://open"}),
        (["a/mid"], {"prompt": 1}, {}),
        (
            ["a/large", "a/mid"],
            CEILING,
            {0: "a/large costs $10.00 for a million prompt tokens, above maxPrice $1.00: take it out, or raise"},
        ),
        (["a/router"], CEILING, {0: "a/router has no price by tokens alone, which maxPrice could be compared with"}),
    ],
)
def test_what_may_not_stand_in_a_list_says_why(models: list[str], ceiling: Props | None, wrong: dict[int, str]) -> None:
    """A slug that nobody offers, with the one that was probably meant, and a model that is too dear."""
    listing = [
        model("a/mid", canonical_slug="a/mid-2025"),
        model("a/large", "0.00001", "0.00003"),
        model("a/router", "-1", "-1"),
    ]
    found = dict(wrong_models(models, ceiling, by_name(listing)))
    assert [*found] == [*wrong]
    assert all(found[place].startswith(what) for place, what in wrong.items())


@pytest.mark.parametrize(
    ("value", "parts"),
    [
        (2, {"prompt": 2, "completion": 2}),
        (0, {"prompt": 0, "completion": 0}),
        ({"prompt": 1}, {"prompt": 1}),
        ({"prompt": 1, "completion": None}, {"prompt": 1}),
        ({"prompt": UNKNOWN}, UNKNOWN),
        (UNKNOWN, UNKNOWN),
    ],
)
def test_a_ceiling_is_a_number_or_has_parts(value: Any, parts: Any) -> None:
    """A number is the ceiling of both."""
    assert check_max_price(value) == parts


@pytest.mark.parametrize("value", [-1, True, "2", {}, {"prompt": None}, {"promt": 1}, {"prompt": "1"}, float("inf")])
def test_another_ceiling_is_refused(value: Any) -> None:
    """What is no amount, or has another part."""
    with pytest.raises(ValueError, match=r"must|has no `promt`: did you mean `prompt`"):
        check_max_price(value)


@pytest.mark.parametrize("slug", ["openai/gpt-4o-mini", "~anthropic/claude-opus-latest", "a/b:free", "z-ai/glm-4.5_x"])
def test_a_slug_is_an_author_and_a_name(slug: str) -> None:
    """With a variant perhaps, and with the sign of an alias."""
    assert check_slug(slug) == slug


@pytest.mark.parametrize(
    "slug", ["gpt-4o", "openai/", "/x", "a/b/c", "a b/c", "a/b:", "a/../b", "", 5, "a/sk-or-v1-" + "c" * 24]
)
def test_what_is_no_slug_is_refused(slug: Any) -> None:
    """A key that somebody pasted too."""
    with pytest.raises(ValueError, match=r"must be a model's slug|must be a (?:list of )?text|holds an OpenRouter key"):
        check_slugs([slug])


LISTING = [model("a/mid"), model("a/small", "0.0000001", "0.0000002"), model("a/large", "0.00001", "0.00003")]
RAISED = [model("a/mid", "0.000002"), *LISTING[1:]]
GONE = LISTING[1:]


@pytest.mark.parametrize(
    ("before", "inputs", "listing", "allowed", "warned"),
    [
        ({}, {"models": ["a/large"]}, LISTING, ["a/large"], False),
        ({}, {"max_price": CEILING}, LISTING, ["a/mid", "a/small"], False),
        ({"max_price": CEILING, "derived_models": ["a/small"]}, {"max_price": CEILING}, LISTING, ["a/small"], False),
        (
            {"max_price": CEILING, "derived_models": ["a/mid", "a/small"]},
            {"max_price": CEILING},
            RAISED,
            ["a/small"],
            True,
        ),
        (
            {"max_price": CEILING, "derived_models": ["a/mid", "a/small"]},
            {"max_price": CEILING},
            GONE,
            ["a/mid", "a/small"],
            False,
        ),
        (
            {"max_price": {"prompt": 9}, "derived_models": ["a/small"]},
            {"max_price": CEILING},
            LISTING,
            ["a/mid", "a/small"],
            False,
        ),
        (
            {"max_price": CEILING, "models": ["a/small"], "derived_models": ["a/small"]},
            {"max_price": CEILING},
            LISTING,
            ["a/mid", "a/small"],
            False,
        ),
        ({}, {"models": UNKNOWN}, LISTING, UNKNOWN, False),
        ({}, {"models": ["a/small", UNKNOWN]}, LISTING, UNKNOWN, False),
        ({}, {"max_price": UNKNOWN}, LISTING, UNKNOWN, False),
    ],
)
def test_a_derived_list_only_gets_shorter_by_itself(
    before: Props, inputs: Props, listing: list[ModelRecord], allowed: Any, warned: bool
) -> None:
    """It is derived when the ceiling is set or changed; then a model that got dearer leaves it, with a warning."""
    said: list[str] = []
    found, failures = settled(before, inputs, lambda: by_name(listing), said.append)
    assert failures == {}
    assert found["allowed_models"] == allowed
    assert bool(said) is warned
    assert all("a/mid costs $2.00 for a million prompt tokens, above maxPrice $1.00" in line for line in said)


@pytest.mark.parametrize(
    ("before", "inputs", "failure"),
    [
        ({}, {"models": ["a/midd"]}, ("models", "can't be allowed: a/midd is no model")),
        ({}, {"models": ["a/large"], "max_price": CEILING}, ("models", "can't be allowed: a/large costs $10.00")),
        ({}, {"max_price": {"prompt": 0}}, ("max_price", NOTHING_LEFT)),
        ({"max_price": CEILING, "derived_models": ["a/mid"]}, {"max_price": CEILING}, ("max_price", NOTHING_LEFT)),
        ({}, {"models": ["a/mid"], "allowed_models": ["a/mid"]}, ("allowed_models", "contradicts models")),
        ({}, {"max_price": CEILING, "allowed_models": ["a/mid"]}, ("allowed_models", "contradicts max_price")),
    ],
)
def test_what_leaves_nothing_to_call_is_refused(before: Props, inputs: Props, failure: tuple[str, str]) -> None:
    """An empty list would be no restriction at all."""
    _, failures = settled(before, inputs, lambda: by_name(RAISED), lambda _text: None)
    ((name, what),) = failures.items()
    assert name == failure[0]
    assert what.startswith(failure[1])


def test_without_a_wish_for_models_nobody_is_asked() -> None:
    """A guardrail that says nothing of them, or names them by `allowed_models`, costs no call."""

    def asked() -> Any:
        raise AssertionError("the listing was asked for")

    for inputs in ({}, {"allowed_models": ["a/mid"]}):
        assert settled({}, inputs, asked, lambda _text: None) == (inputs, {})


def test_what_is_no_longer_offered_is_not_too_dear() -> None:
    """Nobody can call it."""
    assert too_dear(["a/gone", "a/small", "a/large"], CEILING, by_name(LISTING)) == {
        "a/large": "costs $10.00 for a million prompt tokens, above maxPrice $1.00"
    }
