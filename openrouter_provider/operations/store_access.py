"""How the command line reaches a store in the place of a resource's own provider."""

from collections.abc import Callable, Mapping
from typing import Any

from ..stores.known.aws.access import access_of
from ..stores.value import Access, StoreReading
from .pending import Deployment

Config = Callable[[str], str | None]
"""Looks a full config key up; a provider's own keys are there, and in no state in the clear."""


def reached_by(deployment: Deployment, resource: Mapping[str, Any], reading: StoreReading, config: Config) -> Access:
    """Return how the provider of a resource reaches its store.

    Args:
        deployment: the exported state, which has the provider's settings.
        resource: one of its resources, or one that was to be made.
        reading: the store.
        config: the stack's config.
    """
    return reading.with_keys(access_of(deployment.get("resources") or [], resource), config)
