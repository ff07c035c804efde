"""The provider that a program gives to its secrets, as far as questions to AWS depend on it."""

import asyncio
import os
from collections.abc import Mapping
from functools import cache
from typing import Any
from weakref import WeakKeyDictionary

import pulumi
from pulumi import Output, ProviderResource, Resource, ResourceHook, ResourceHookArgs
from pulumi.resource_hooks import ResourceHookOptions

from ..value import Access
from .access import SECRET_TYPE, access_from, recorded, region_of

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


REGION_HOOK = "warn-of-another-region"
_STACK_OUTPUTS = "pulumi:pulumi:readStackOutputs"


class Moves:
    """Says of each move between two regions once what it means.

    Args:
        regions: where each service's secret was when the stack was last deployed.
    """

    def __init__(self, regions: Mapping[str, str]) -> None:
        self._regions = regions
        self._told: set[tuple[str, str]] = set()

    def warning(self, service: str, region: str) -> str | None:
        """Return what to warn of where a service's secret is made in a region; None where there is nothing new.

        >>> Moves({"checkout": "us-east-1"}).warning("checkout", "us-east-1")

        Args:
            service: whose secret is about to be made.
            region: where.
        """
        old = self._regions.get(service, region)
        if old == region or (old, region) in self._told:
            return None
        self._told.add((old, region))
        count = sum(each == old for each in self._regions.values())
        return (
            f"AWS region {old} => {region}: {count} secret{'s' if count > 1 else ''} of this stack in {old} will be "
            f"made again in {region}, with new ARNs, and deleted in {old} at the end of the same run; services that "
            "still read there then fail. To move with both regions alive, make a second stack first: "
            "docs/changing-services.md#moving-to-another-region"
        )


def regions_of(services: Any) -> dict[str, str]:
    """Return the region of each service's secret, from the stack's output `services`; unknown ones are left out."""
    entries = services.items() if isinstance(services, Mapping) else ()
    found = {name: region_of(str(entry.get("secretArn"))) for name, entry in entries if isinstance(entry, Mapping)}
    return {name: region for name, region in found.items() if region}


@cache
def hook_that_warns() -> ResourceHook:
    """Return the hook of every secret: it warns, in a preview too, and keeps nothing from happening.

    It does not wait for the engine's answer, which may need the very worker that waits for the hook; the program does.
    """
    runs: WeakKeyDictionary[asyncio.AbstractEventLoop, Output[Moves]] = WeakKeyDictionary()

    def look(args: ResourceHookArgs) -> None:
        loop, region = asyncio.get_running_loop(), (args.new_inputs or {}).get("region")
        if loop not in runs:
            runs[loop] = Output.from_input(_moves())
        if isinstance(region, str):
            runs[loop].apply(lambda moves: _warn(moves.warning(args.name, region)))

    return ResourceHook(REGION_HOOK, look, ResourceHookOptions(on_dry_run=True, ignore_errors=True))


def _warn(text: str | None) -> None:
    if text:
        pulumi.log.warn(text)


async def _moves() -> Moves:
    """Return the moves away from where the last run left the secrets; what the engine can't tell counts as nowhere."""
    stack = f"{pulumi.get_organization()}/{pulumi.get_project()}/{pulumi.get_stack()}"
    try:
        answer = await pulumi.runtime.invoke_async(_STACK_OUTPUTS, {"name": stack})
    except Exception:  # noqa: BLE001 - the SDK raises bare exceptions; a warning is no reason to fail
        return Moves({})
    return Moves(regions_of((answer.get("outputs") or {}).get("services")))
