"""The warning before secrets move to another region."""

from typing import Any

import pytest

from openrouter_provider.stores.aws.regions import Moves, regions_of

ARN = "arn:aws:secretsmanager:{}:123456789012:secret:acme/dev/checkout/openrouter-AbCdEf"


def test_a_move_is_told_once_with_the_number_of_secrets() -> None:
    """Each pair of regions is one warning, which counts all secrets of the stack that are in the old one."""
    moves = Moves({"checkout": "us-east-1", "search": "us-east-1", "bot": "eu-west-1"})
    told = moves.warning("checkout", "eu-west-1") or ""
    assert "us-east-1 => eu-west-1: 2 secrets of this stack" in told
    assert "docs/changing-services.md#moving-to-another-region" in told
    assert moves.warning("search", "eu-west-1") is None
    assert "1 secret of this stack" in (moves.warning("bot", "us-east-1") or "")


@pytest.mark.parametrize(("service", "region"), [("checkout", "us-east-1"), ("new", "eu-west-1")])
def test_a_secret_that_stays_or_is_new_moves_nowhere(service: str, region: str) -> None:
    """A secret made again in its own region, and one of a new service, are no move."""
    assert Moves({"checkout": "us-east-1"}).warning(service, region) is None


@pytest.mark.parametrize(
    ("services", "regions"),
    [
        ({"checkout": {"secretArn": ARN.format("eu-west-1")}}, {"checkout": "eu-west-1"}),
        ({"search": {"store": "gcp", "secretReference": "gcp:projects/x"}}, {}),
        ({"odd": "text", "none": {"secretArn": None}}, {}),
        (None, {}),
    ],
)
def test_regions_come_from_the_stacks_output(services: Any, regions: dict[str, str]) -> None:
    """What the last run exported says where each secret is; other stores and other programs say nothing."""
    assert regions_of(services) == regions
