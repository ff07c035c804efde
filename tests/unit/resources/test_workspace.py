"""A workspace: its slug, what a sampling rate may be, and why it can't be made or deleted."""

from collections.abc import Callable
from typing import Any

import pytest
from pulumi.dynamic import ResourceProvider

from openrouter_provider.api.errors import ConfigurationError, OpenRouterError
from openrouter_provider.keys.naming import SLUG_LENGTH, slug_of
from openrouter_provider.resources.workspace import WorkspaceProvider
from sandbox.openrouter import Control
from tests.unit.resource_fixtures import Started

pytest_plugins = ("tests.unit.resource_fixtures",)

Props = dict[str, Any]
Up = Callable[[ResourceProvider, Props, Props], Props]


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("payments", "payments"),
        ("Pay Ments", "pay-ments"),
        ("acme/dev/payments", "acme-dev-payments"),
        ("--Ünder_scored--", "nder-scored"),
        ("a" * 49 + "-b", "a" * 49),
        ("支払い", None),
        ("", None),
    ],
)
def test_a_slug_is_made_of_what_may_be_in_one(name: str, slug: str | None) -> None:
    """Lower-case letters and digits, single hyphens between, never one at an end."""
    assert slug_of(name) == slug
    assert len(slug or "") <= SLUG_LENGTH


@pytest.mark.parametrize("rate", [0, 2, -1, True, "1", float("nan")])
def test_a_sampling_rate_is_a_share(rate: object) -> None:
    """From 0.0001 to 1."""
    failures = WorkspaceProvider().check({}, {"name": "x", "slug": "x", "io_logging_sampling_rate": rate}).failures
    assert [failure.property for failure in failures] == ["io_logging_sampling_rate"]


@pytest.mark.parametrize("rate", [1, 0.5, 0.0001])
def test_a_good_sampling_rate_is_kept(rate: float) -> None:
    """As a number."""
    wish = {"name": "x", "slug": "x", "io_logging_sampling_rate": rate}
    assert WorkspaceProvider().check({}, wish).inputs["io_logging_sampling_rate"] == rate


def test_a_slug_that_is_taken_is_explained(started: Started, up: Up, control: Control) -> None:
    """The error says which workspace has it, and how to take that over."""
    taken = control.create_workspace(name="x", slug="payments")["id"]
    with pytest.raises(ConfigurationError, match=f"workspace 'payments' exists already as {taken}: .*adopt_id"):
        up(started(WorkspaceProvider), {}, {"name": "x", "slug": "payments"})


@pytest.mark.parametrize("status", [409, 503])
def test_a_workspace_that_another_stack_just_opened_is_not_taken_over(
    started: Started, up: Up, control: Control, status: int
) -> None:
    """However young it is, it is not what a doubtful POST of ours made: a destroy would delete theirs."""
    control.create_workspace(name="theirs", slug="payments")
    control.fault("create_workspace", "status_before", status=status, count=9)
    with pytest.raises(ConfigurationError, match="workspace 'payments' exists already"):
        up(started(WorkspaceProvider), {}, {"name": "x", "slug": "payments"})


def test_another_refusal_of_a_workspace_stays_itself(started: Started, up: Up, control: Control) -> None:
    """Where the slug is free, the API's own reason is what is said."""
    control.fault("create_workspace", "status_before", status=400)
    with pytest.raises(OpenRouterError, match="the API answered 400"):
        up(started(WorkspaceProvider), {}, {"name": "x", "slug": "payments"})


def test_a_workspace_that_has_keys_is_not_deleted(started: Started, up: Up, control: Control) -> None:
    """The error says how many keys are in the way."""
    provider = started(WorkspaceProvider)
    state = up(provider, {}, {"name": "x", "slug": "payments"})
    for name in ("a", "b"):
        control.create_key(name=name, workspace_id=state["id"])
    with pytest.raises(OpenRouterError, match="deleting workspace 'payments': it still has 2 API keys; delete them"):
        provider.delete(state["id"], state["outs"])
