"""What can still be said where the preview broke off: the state's resources, and what the preview said before."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from ...stores.value import SecretUnreadable
from .plan import SECRET_POLICY, SERVICE, PlannedResource, kind_of

INVALID_PRINCIPALS = "contains invalid principals"


def pieced_together(said: Iterable[PlannedResource], state: Mapping[str, Any]) -> list[PlannedResource]:
    """Return the state's resources as if nothing had changed, with what a preview that broke off said of some.

    Args:
        said: what the preview said.
        state: the exported state.
    """
    resources = state.get("deployment", {}).get("resources") or []
    known = {resource.urn: resource for resource in map(_unchanged, resources) if resource}
    for one in said:
        before = known.get(one.urn)
        if before is None:
            known[one.urn] = one
        elif one.state is not None:
            planned = one.wanted is not None or one.operation != "same"
            known[one.urn] = one if planned else replace(one, wanted=before.wanted)
    return list(known.values())


def with_policies(
    resources: Iterable[PlannedResource], why: str, read: Callable[[PlannedResource], str]
) -> list[PlannedResource]:
    """Return the resources with the readers' policies as AWS has them, where it is one of those that Pulumi can't read.

    Pulumi's provider refuses a policy that shows the id of a deleted role, and does not say whose.

    Args:
        resources: what is known.
        why: why the preview broke off.
        read: returns a policy; SecretUnreadable leaves what is known of it.
    """
    return [_asked(each, read) if INVALID_PRINCIPALS in why else each for each in resources]


def _asked(resource: PlannedResource, read: Callable[[PlannedResource], str]) -> PlannedResource:
    if resource.kind != SECRET_POLICY or resource.state is None:
        return resource
    try:
        return replace(resource, actual={**resource.state, "policy": read(resource)})
    except SecretUnreadable:
        return resource


def _unchanged(resource: Mapping[str, Any]) -> PlannedResource | None:
    urn, kind = str(resource.get("urn")), kind_of(str(resource.get("type")))
    if kind is None or resource.get("delete"):
        return None
    state, provider = resource.get("outputs") or {}, str(resource.get("provider") or "")
    wanted = state if kind != SERVICE else {}
    return PlannedResource(urn, kind, urn.rpartition("::")[2], state, state, wanted, provider=provider)
