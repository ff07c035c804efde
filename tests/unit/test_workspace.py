"""The slug of a workspace, and what a sampling rate may be."""

import pytest

from openrouter_provider.resources.workspace import SLUG_LENGTH, WorkspaceProvider, slug_of


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
