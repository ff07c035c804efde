"""How the provider of a planned resource reaches its store, from the state and the stack's config."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ...stores.known.aws.access import access_from, access_of, with_keys
from ...stores.known.aws.reading import read_policy
from ...stores.value import Access
from .absent import Reaches
from .plan import PlannedResource


def reaching(state: Mapping[str, Any], config: Mapping[str, str]) -> Reaches:
    """Return what says how a resource's provider reaches its store.

    Args:
        state: the exported state, which has the providers' settings.
        config: the stack's config, which the default providers follow.
    """
    resources = state.get("deployment", {}).get("resources") or []

    def configured(name: str) -> str | None:
        return config.get(f"aws:{name}")

    def access(resource: PlannedResource) -> Access:
        if not resource.kind.startswith("aws:"):
            return _plain_settings(resources, resource, config)
        found = access_of(resources, {"provider": resource.provider, "inputs": resource.wanted})
        # A default provider that no run has registered yet will follow the config.
        return with_keys({**access_from(configured), **found}, configured)

    return access


def _plain_settings(
    resources: Iterable[Mapping[str, Any]], resource: PlannedResource, config: Mapping[str, str]
) -> Access:
    """Return the settings of a provider, as the state has them, or the config where no run has registered it yet."""
    package = f"{resource.kind.partition(':')[0]}:"
    ours = {name.removeprefix(package): text for name, text in config.items() if name.startswith(package)}
    registered = (each for each in resources if f"{each.get('urn')}::{each.get('id')}" == resource.provider)
    settings = next(registered, {}).get("inputs") or ours
    return {name: text for name, text in settings.items() if isinstance(text, str) and text}


def policy_reader(reach: Reaches) -> Callable[[PlannedResource], str]:
    """Return what reads the policy of a secret in AWS as AWS has it, given what Pulumi calls the policy."""

    def read(policy: PlannedResource) -> str:
        return read_policy(str((policy.state or {}).get("secretArn")), reach(policy))

    return read
