"""How the provider of a planned resource reaches its store, from the state and the stack's config."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from ...stores.aws.access import access_from, access_of, with_keys
from ...stores.aws.reading import read_policy
from ...stores.reading import READINGS
from ...stores.value import Access, SecretUnreadable, settings_of
from ..stack.holders import noted_accesses
from .absent import Reaches
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


def reaching(state: Mapping[str, Any], config: Mapping[str, str]) -> Reaches:
    """Return what says how a resource's provider reaches its store.

    Args:
        state: the exported state, which has the providers' settings.
        config: the stack's config, which the default providers follow.
    """
    resources = state.get("deployment", {}).get("resources") or []
    noted = noted_accesses(state.get("deployment", {}))

    def configured(name: str) -> str | None:
        return config.get(f"aws:{name}")

    def access(resource: PlannedResource) -> Access:
        if not resource.kind.startswith("aws:"):
            return _noted(noted, resource, _plain_settings(resources, resource, config), config.get)
        found = access_of(resources, {"provider": resource.provider, "inputs": resource.wanted})
        # A default provider that no run has registered yet will follow the config.
        return with_keys({**access_from(configured), **found}, configured)

    return access


def _noted(
    noted: Mapping[tuple[str, str], Access],
    resource: PlannedResource,
    plain: Access,
    config: Callable[[str], str | None],
) -> Access:
    """Return the way to the store that a secret is known to be in; where the state notes none, its provider's."""
    reading = next(each for each in READINGS if resource.kind in each.kinds)
    reference = reading.reference(resource.state or resource.wanted or {}, plain)
    return reading.with_keys(noted.get((reading.store, reference), plain), config)


def _plain_settings(
    resources: Iterable[Mapping[str, Any]], resource: PlannedResource, config: Mapping[str, str]
) -> Access:
    """Return the settings of a provider, as the state has them, or the config where no run has registered it yet."""
    package = f"{resource.kind.partition(':')[0]}:"
    ours = {name.removeprefix(package): text for name, text in config.items() if name.startswith(package)}
    settings = settings_of(resources, resource.provider) or ours
    return {name: text for name, text in settings.items() if isinstance(text, str) and text}


def policy_reader(reach: Reaches) -> Callable[[PlannedResource], str]:
    """Return what reads the policy of a secret in AWS as AWS has it, given what Pulumi calls the policy."""

    def read(policy: PlannedResource) -> str:
        return read_policy(str((policy.state or {}).get("secretArn")), reach(policy))

    return read
