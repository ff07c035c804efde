"""How the command line reaches a store in the place of a resource's own provider."""

from collections.abc import Mapping
from typing import Any

from ..stores.value import Access
from .pending import Deployment

SETTINGS = ("region", "profile")
"""The settings of a provider that are taken over; credentials are the environment's."""


def access_of(deployment: Deployment, provider: str) -> Access:
    """Return how the provider of that reference reaches its store.

    Args:
        deployment: the exported state.
        provider: the reference that a resource in it has.
    """
    for resource in deployment.get("resources") or []:
        if f"{resource.get('urn')}::{resource.get('id')}" == provider:
            return settings_of(resource.get("inputs") or {})
    return {}


def settings_of(inputs: Mapping[str, Any]) -> Access:
    """Return what a provider's inputs say of that."""
    found = {name: inputs.get(name) for name in SETTINGS}
    return {name: value for name, value in found.items() if isinstance(value, str) and value}
