"""Which changes of guardrails, workspaces, budgets and provider keys let more be done."""

from typing import Any

import pytest

from openrouter_provider.resources.widening import of_budget, of_byok_key, of_guardrail, of_workspace

Props = dict[str, Any]
LIMITED: Props = {"limit_usd": 10, "reset_interval": "monthly"}
FILTER = {"pattern": "secret", "action": "block"}


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        (LIMITED, {**LIMITED, "limit_usd": 20}, "limit raised from $10.00 to $20.00"),
        (LIMITED, {}, "limit of $10.00 removed"),
        (LIMITED, {**LIMITED, "reset_interval": "daily"}, "limit resets daily instead of monthly"),
        (
            {"include_byok_in_budgets": True},
            {"include_byok_in_budgets": False},
            "usage through your own provider keys no longer counts",
        ),
        ({"allowed_models": ["a"]}, {"allowed_models": ["a", "b"]}, "models allowed: b"),
        ({"allowed_providers": ["a"]}, {}, "no list of allowed providers any more"),
        ({"ignored_models": ["a", "b"]}, {"ignored_models": ["b"]}, "models no longer ignored: a"),
        ({"content_filters": [FILTER]}, {}, "content_filters changed or removed"),
        ({"enforce_zdr_openai": True}, {"enforce_zdr_openai": False}, "zero data retention no longer enforced: openai"),
        ({"allowed_data_regions": ["us"]}, {"allowed_data_regions": ["global", "us"]}, "data regions allowed: global"),
        ({"allowed_data_regions": ["us"]}, {}, "no list of allowed data regions any more"),
        (
            {"allow_safety_retention_google": False},
            {"allow_safety_retention_google": True},
            "prompts may be kept to watch for abuse: google",
        ),
        (
            {"allow_safety_retention_other": False},
            {"allow_safety_retention_other": None},
            "prompts may be kept to watch for abuse: other",
        ),
        ({}, {"enable_paid_model_training": True}, "enabled: paid model training"),
    ],
)
def test_a_looser_guardrail_is_named(before: Props, after: Props, words: str) -> None:
    """Each way of loosening a guardrail has its words, and the way back has none."""
    assert list(of_guardrail(before, after)) == [words]
    assert list(of_guardrail(after, before)) == []


def test_a_higher_budget_is_named() -> None:
    """What a workspace may spend can grow, and what counts can shrink; a flag left out stays as it is."""
    before = {"limit_usd": 10, "include_byok_in_budgets": True}
    assert len(list(of_budget(before, {"limit_usd": 20, "include_byok_in_budgets": False}))) == 2
    assert list(of_budget(before, {"limit_usd": 5})) == []


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ({"disabled": True}, {"disabled": False}, "enabled again"),
        ({"allowed_models": ["a"]}, {}, "no list of allowed models any more"),
        ({"allowed_user_ids": ["a"]}, {"allowed_user_ids": ["b"]}, "members allowed: b"),
        ({"allowed_api_key_hashes": ["a"]}, {}, "no list of allowed keys any more"),
        ({"is_required": True}, {"is_required": False}, "OpenRouter's shared endpoints may serve its models again"),
        ({"is_byok_only": True}, {"is_byok_only": False}, "OpenRouter's shared endpoints may serve all models again"),
        ({}, {"declared_zdr": True}, "requests that want zero data retention may use it"),
        ({"declared_zdr": False}, {}, "requests that want zero data retention may use it"),
        ({"declared_region": "global"}, {"declared_region": "us"}, "requests that arrive in us may use it"),
    ],
)
def test_a_provider_key_for_more_is_named(before: Props, after: Props, words: str) -> None:
    """Whoever and whatever may use a provider key in addition has its words."""
    assert list(of_byok_key(before, after)) == [words]
    assert words not in of_byok_key(after, before)


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ({"disabled_server_tools": ["a", "b"]}, {"disabled_server_tools": ["a"]}, "server tools no longer disabled: b"),
        ({"io_logging_api_key_ids": [1]}, {"io_logging_api_key_ids": [1, 2]}, "more keys are logged"),
        ({"io_logging_api_key_ids": [1]}, {}, "more keys are logged"),
        ({}, {"is_observability_broadcast_enabled": True}, "observability_broadcast switched on"),
    ],
)
def test_a_workspace_that_lets_more_be_done_or_kept_is_named(before: Props, after: Props, words: str) -> None:
    """Its server tools and what it keeps of requests have their words, and the way back has none."""
    assert list(of_workspace(before, after)) == [words]
    assert list(of_workspace(after, before)) == []


def test_a_rotation_widens_nothing() -> None:
    """The hash of a service's next key in a provider key's list is no wider right."""
    assert list(of_byok_key({"allowed_api_key_hashes": ["a"]}, {"allowed_api_key_hashes": ["a", "b"]})) == []
