"""A warning before secrets move to another region: the provider replaces each one, and services find nothing there."""

import asyncio
from collections.abc import Mapping
from functools import cache
from typing import Any
from weakref import WeakKeyDictionary

import pulumi
from pulumi import Output, ResourceHook, ResourceHookArgs
from pulumi.resource_hooks import ResourceHookOptions

from .access import region_of

HOOK_NAME = "warn-of-another-region"
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
            "docs/operations.md#moving-to-another-region"
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

    return ResourceHook(HOOK_NAME, look, ResourceHookOptions(on_dry_run=True, ignore_errors=True))


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
