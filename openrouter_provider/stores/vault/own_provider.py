"""The Vault that a program's own provider goes to."""

from collections.abc import Mapping
from typing import Any

import pulumi
from pulumi import Output, Resource

from ..value import Access
from .access import SECRET_TYPE, access_from, here, of_run, with_config

_STATE_OF = "pulumi:pulumi:getResource"


def program_access(component: Resource) -> Output[Access] | None:
    """Return the Vault of a component's secrets, for the inputs of a resource; None where it is the stack's.

    Args:
        component: the resource whose children the secrets are.
    """
    provider = component.get_provider(SECRET_TYPE)
    return provider.urn.apply(_settings_of) if provider else None


def full_access(component: Resource) -> Output[Access]:
    """Return how this run's own questions reach that Vault, with the token of the stack's config where it has one."""
    own, config = program_access(component), _config
    return own if own is not None else Output.from_input(with_config(here(config), config))


async def _settings_of(urn: str) -> Access:
    found: Mapping[str, Any] = await pulumi.runtime.invoke_async(_STATE_OF, {"urn": urn})
    return of_run(access_from(found["state"].get))


def _config(key: str) -> str | None:
    section, _, name = key.partition(":")
    return pulumi.Config(section).get(name)
