"""The provider that a program gives to its secrets, as far as questions to AWS depend on it."""

import os
from collections.abc import Mapping
from typing import Any

import pulumi
from pulumi import Output, ProviderResource, Resource

from ...value import Access
from .access import SECRET_TYPE, access_from, recorded

_STATE_OF = "pulumi:pulumi:getResource"


def program_access(component: Resource) -> Output[Access]:
    """Return how a component's secrets are reached, for the inputs of a resource: no keys, which a state would keep.

    Args:
        component: the resource whose children the secrets are; its own provider counts, else the stack's config.
    """
    provider = component.get_provider(SECRET_TYPE)
    return full_access(provider).apply(lambda access: recorded(access, in_config=provider is None))


def full_access(provider: ProviderResource | None) -> Output[Access]:
    """Return how a provider reaches AWS, its own keys with it: for this run's questions, never for a state.

    Args:
        provider: the one that the program made; None for the default one, which follows the stack's config.
    """
    if provider is None:
        return Output.from_input(_somewhere(access_from(pulumi.Config("aws").get)))
    return provider.urn.apply(_settings_of)


async def _settings_of(urn: str) -> Access:
    """Return the settings of a provider that this run has registered.

    The SDK's object has those alone that are plain text: a role to assume or an endpoint is not among them.
    """
    found: Mapping[str, Any] = await pulumi.runtime.invoke_async(_STATE_OF, {"urn": urn})
    return access_from(found["state"].get)


def _somewhere(access: Access) -> Access:
    """Return an access that names a region if the environment has one, as the provider itself takes it from there."""
    region = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")
    return access if access.get("region") or not region else {**access, "region": region}
