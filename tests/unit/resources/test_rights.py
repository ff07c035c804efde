"""Which changes let a service's key do more."""

from typing import Any

import pytest

from openrouter_provider.resources.widening import rights, widenings

WISH: dict[str, Any] = {"limit": 10, "limitReset": "monthly"}
ROLE = "arn:aws:iam::123456789012:role/checkout"


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ({"limit": 10}, {"limit": 50}, "limit raised from $10.00 to $50.00"),
        ({"limit": 0}, {"limit": 0.5}, "limit raised from $0.00 to $0.50"),
        ({"limit": 10}, {"unlimited": True}, "limit of $10.00 removed"),
        ({"limit": 10}, WISH, "limit resets monthly instead of never"),
        (WISH, {**WISH, "limitReset": "daily"}, "limit resets daily instead of monthly"),
        ({**WISH, "includeByokInLimit": True}, WISH, "usage through your own provider keys no longer counts"),
        ({**WISH, "disabled": True}, WISH, "enabled again"),
        ({**WISH, "expiresAt": "2027-01-01T00:00:00Z"}, WISH, "expiry of 2027-01-01T00:00:00Z removed"),
        (
            {**WISH, "expiresAt": "2027-01-01T00:00:00Z"},
            {**WISH, "expiresAt": "2027-02-01T00:00:00Z"},
            "expiry moved from 2027-01-01T00:00:00Z to 2027-02-01T00:00:00Z",
        ),
        (WISH, {**WISH, "readers": [ROLE]}, f"reader added: {ROLE}"),
        ({**WISH, "guardrail": True}, WISH, "guardrail removed"),
    ],
)
def test_a_change_that_allows_more_is_named(before: dict[str, Any], after: dict[str, Any], words: str) -> None:
    """Each way of widening a key's rights has its words, and the way back has none."""
    assert widenings(before, after) == [words]
    assert widenings(after, before) == []


def test_all_widenings_of_a_service_are_named() -> None:
    """Several changes at once are all there."""
    before = {**WISH, "disabled": True, "expiresAt": "2027-01-01T00:00:00Z"}
    assert len(widenings(before, {"unlimited": True, "readers": [ROLE]})) == 4


def test_a_state_without_rights_warns_of_nothing() -> None:
    """What an older state does not tell cannot have been widened."""
    assert widenings({}, {**WISH, "readers": [ROLE]}) == []


def test_a_key_without_a_limit_resets_nothing() -> None:
    """A key that has no limit, or had none, has no interval that could matter."""
    assert widenings({"unlimited": True}, {"limit": 5, "limitReset": "daily"}) == []
    assert widenings({"unlimited": True}, {"unlimited": True, "limitReset": "daily"}) == []


def test_rights_hold_only_what_is_granted_or_limited() -> None:
    """What is off, empty or absent is no part of the component's inputs."""
    assert rights(limit=0.0, disabled=False, expiresAt=None, readers=[]) == {"limit": 0.0}
