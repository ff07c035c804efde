"""What a change of a guardrail, an assignment, a workspace, a budget or a provider key is."""

from typing import Any

import pytest
from pulumi.runtime.rpc import UNKNOWN

from openrouter_provider.operations.drift.findings import Change
from openrouter_provider.operations.drift.objects import OBJECTS, change_of_object, object_findings
from openrouter_provider.operations.drift.plan import (
    ASSIGNMENT,
    BESIDE,
    BUDGET,
    BYOK_KEY,
    GUARDRAIL,
    WORKSPACE,
    PlannedResource,
)


@pytest.mark.parametrize(
    ("kind", "name", "state", "actual", "change"),
    [
        (GUARDRAIL, "limit_usd", 10, 20, Change.OBJECT_LOOSENED),
        (GUARDRAIL, "limit_usd", 10, None, Change.OBJECT_LOOSENED),
        (GUARDRAIL, "limit_usd", 10, 5, Change.OBJECT_CHANGED),
        (GUARDRAIL, "allowed_models", ["a"], ["a", "b"], Change.OBJECT_LOOSENED),
        (GUARDRAIL, "allowed_models", ["a", "b"], ["a"], Change.OBJECT_CHANGED),
        (GUARDRAIL, "ignored_providers", ["a"], None, Change.OBJECT_LOOSENED),
        (GUARDRAIL, "enforce_zdr_openai", True, False, Change.OBJECT_LOOSENED),
        (GUARDRAIL, "allowed_data_regions", ["us"], ["global", "us"], Change.OBJECT_LOOSENED),
        (GUARDRAIL, "allowed_data_regions", ["us"], None, Change.OBJECT_LOOSENED),
        (GUARDRAIL, "allowed_data_regions", ["global", "us"], ["us"], Change.OBJECT_CHANGED),
        (GUARDRAIL, "allow_safety_retention_google", False, True, Change.OBJECT_LOOSENED),
        (GUARDRAIL, "allow_safety_retention_google", True, False, Change.OBJECT_CHANGED),
        (GUARDRAIL, "name", "a", "b", Change.OBJECT_REWORDED),
        (ASSIGNMENT, "key_hashes", ["a", "b"], ["a"], Change.OBJECT_LOOSENED),
        (ASSIGNMENT, "member_ids", ["a"], [], Change.OBJECT_LOOSENED),
        (WORKSPACE, "description", "a", "b", Change.OBJECT_REWORDED),
        (WORKSPACE, "slug", "a", "b", Change.OBJECT_CHANGED),
        (WORKSPACE, "is_observability_io_logging_enabled", False, True, Change.OBJECT_LOOSENED),
        (WORKSPACE, "is_observability_io_logging_enabled", True, False, Change.OBJECT_CHANGED),
        (WORKSPACE, "disabled_server_tools", ["openrouter:shell"], None, Change.OBJECT_LOOSENED),
        (WORKSPACE, "io_logging_api_key_ids", [1], [1, 2], Change.OBJECT_LOOSENED),
        (BUDGET, "limit_usd", 10, 20, Change.OBJECT_LOOSENED),
        (BUDGET, "limit_usd", 10, 5, Change.OBJECT_CHANGED),
        (BYOK_KEY, "disabled", True, False, Change.OBJECT_LOOSENED),
        (BYOK_KEY, "disabled", False, True, Change.OBJECT_CHANGED),
        (BYOK_KEY, "allowed_api_key_hashes", ["a"], ["a", "b"], Change.OBJECT_LOOSENED),
        (BYOK_KEY, "allowed_api_key_hashes", ["a", "b"], ["a"], Change.OBJECT_CHANGED),
        (BYOK_KEY, "is_required", True, False, Change.OBJECT_LOOSENED),
        (BYOK_KEY, "is_byok_only", False, True, Change.OBJECT_CHANGED),
        (BYOK_KEY, "declared_zdr", False, True, Change.OBJECT_LOOSENED),
        (BYOK_KEY, "declared_region", "europe", "us", Change.OBJECT_LOOSENED),
        (BYOK_KEY, "declared_region", "europe", "global", Change.OBJECT_CHANGED),
        (BYOK_KEY, "key", "[secret]", None, Change.VENDORS_KEY_REPLACED),
    ],
)
def test_looser_is_worse_than_tighter_and_words_are_least(
    kind: str, name: str, state: Any, actual: Any, change: Change
) -> None:
    """The direction decides, as it does for the warning of a preview."""
    assert change_of_object(OBJECTS[kind], name, {name: state}, {name: actual}) is change


def test_every_kind_beside_the_keys_is_looked_at() -> None:
    """No resource of this project's own is left out."""
    assert set(OBJECTS) == set(BESIDE)


def found(state: Any, actual: Any, wanted: Any, operation: str) -> list[Change]:
    """Return what is found of a budget."""
    was, is_, shall_be = ({"limit_usd": side} if side else None for side in (state, actual, wanted))
    part = PlannedResource("urn", BUDGET, "daily", was, is_, shall_be, operation)
    messages = [finding.message for finding in object_findings("dev", [part])]
    return [change for change in Change if change.message in messages]


@pytest.mark.parametrize(
    ("sides", "operation", "expected"),
    [
        ((5, 5, 5), "same", []),
        ((5, 9, 5), "update", [Change.OBJECT_LOOSENED]),
        ((5, 9, 9), "update", [Change.NOT_DEPLOYED]),
        ((5, 5, 9), "update", [Change.NOT_DEPLOYED]),
        ((5, None, 5), "create", [Change.OBJECT_DELETED]),
        ((None, None, 5), "create", [Change.NOT_DEPLOYED]),
        ((5, 5, None), "delete", [Change.NOT_DEPLOYED]),
        ((5, 5, UNKNOWN), "update", []),
        ((5, 5, 5), "update", [Change.NOT_DEPLOYED]),
    ],
)
def test_drift_and_what_waits_for_its_deployment(
    sides: tuple[Any, ...], operation: str, expected: list[Change]
) -> None:
    """As for keys: the world is judged by what was deployed, and what a preview doesn't know yet is no change."""
    state, actual, wanted = sides
    assert found(state, actual, wanted, operation) == expected
