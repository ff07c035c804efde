"""Arguments with arguments of their own: each part has its own message, and none quotes a value."""

from typing import Any

import pulumi
import pytest
from pulumi.runtime.rpc import UNKNOWN

from openrouter_provider import ApiKeyArgs, OpenRouterError, ServiceKeyArgs
from openrouter_provider.keys.nested import check_rotation, check_stored_in, name_problem
from openrouter_provider.stores.gcp import GcpSettings

ROTATIONS: list[tuple[Any, str]] = [
    ({"evry": "90d"}, "has no `evry`: did you mean `every`?"),
    ({"every": "90d", "overlaps": "7d"}, "has no `overlaps`: did you mean `overlap`?"),
    ({"every": "90d", "keep": 1}, "has no `keep`: it must have only every, overlap, stagger"),
    ({"overlap": "7d"}, "lacks `every`"),
    ({"every": "ninety"}, "has a wrong `every`: it must be a duration such as 90d, 12h or 1w2d"),
    ({"every": 90}, "has a wrong `every`: it must be a duration such as 90d, 12h or 1w2d"),
    ({"every": "90d", "overlap": "a week"}, "has a wrong `overlap`: it must be a duration such as 90d"),
    ({"every": "7d", "overlap": "7d"}, "overlap must be shorter than every"),
    ({"every": "90d", "stagger": "no"}, "has a wrong `stagger`: it must be true or false"),
    ("90d", "must be an object with `every` and `overlap`"),
]


@pytest.mark.parametrize(("rotation", "message"), ROTATIONS)
def test_the_provider_says_which_part_of_a_schedule_is_wrong(rotation: Any, message: str) -> None:
    """Its check has one message for each mistake."""
    with pytest.raises(ValueError) as refused:  # noqa: PT011 - what it says is looked at below
        check_rotation(rotation)
    assert message in str(refused.value)


@pytest.mark.parametrize("kind", [ApiKeyArgs, ServiceKeyArgs])
@pytest.mark.parametrize(("rotation", "message"), ROTATIONS)
def test_a_program_that_says_it_plainly_is_told_at_once(kind: Any, rotation: Any, message: str) -> None:
    """Where the arguments are made, in the same words, and as an error that Pulumi shows in one line."""
    more = {"secret_name": "shop"} if kind is ServiceKeyArgs else {}
    with pytest.raises(OpenRouterError) as refused:
        kind(limit=5, rotation=rotation, **more)
    assert isinstance(refused.value, pulumi.RunError)
    assert message in str(refused.value)
    assert len(str(refused.value).splitlines()) == 1


def test_the_names_are_checked_before_the_values_are_known() -> None:
    """A preview that does not know a duration tells a wrong name all the same."""
    with pytest.raises(ValueError, match="did you mean `overlap`"):
        check_rotation({"every": UNKNOWN, "overlp": "7d"})
    assert check_rotation({"every": UNKNOWN}) == UNKNOWN


def test_a_schedule_is_completed() -> None:
    """What is left out, or null, has its default."""
    assert check_rotation({"every": "90d", "overlap": None}) == {"every": "90d", "overlap": "7d", "stagger": True}


@pytest.mark.parametrize(
    ("place", "message"),
    [
        ({"store": "aws", "refrence": "arn"}, "did you mean `reference`?"),
        ({"store": "aws"}, "lacks `reference`"),
        ("arn", "must be an object with `store` and `reference`"),
    ],
)
def test_where_a_key_is_stored_is_checked(place: Any, message: str) -> None:
    """A key whose place nobody can read would be retired without a look."""
    with pytest.raises(ValueError, match=message.replace("?", r"\?")):
        check_stored_in(place)


def test_a_key_pasted_as_a_name_is_not_repeated() -> None:
    """The message masks it."""
    assert "d" * 20 not in name_problem([f"sk-or-v1-{'d' * 64}"], ["every"])


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"locaton": ["europe-west1"]}, "GcpSettings has no `locaton`: did you mean `locations`?"),
        ({"colour": 1}, "GcpSettings has no `colour`: it must have only project, locations, kms_key_name"),
        ({"project": "Not A Project"}, "GcpSettings has a wrong `project`: it must be a project's id"),
        ({"locations": ("europe-west1", "x")}, "GcpSettings has a wrong `locations.1`: it must be a region"),
    ],
)
def test_a_store_s_own_settings_say_what_is_wrong(given: Any, message: str) -> None:
    """In one line, by the names that a program uses, without the value."""
    with pytest.raises(OpenRouterError) as refused:
        GcpSettings(**given)
    assert message in str(refused.value)
    assert "Not A" not in str(refused.value)


def test_a_store_s_own_settings_are_taken_by_either_name() -> None:
    """As before: in snake_case, or as the config spells them."""
    name = "projects/p/locations/l/keyRings/r/cryptoKeys/k"
    assert GcpSettings(kms_key_name=name) == GcpSettings.model_validate({"kmsKeyName": name})
