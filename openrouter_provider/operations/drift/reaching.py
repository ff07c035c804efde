"""How the provider of a planned resource reaches its store, from the state and the stack's config."""

from collections.abc import Callable, Mapping
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

    def access(resource: PlannedResource) -> Access:
        found = access_of(resources, {"provider": resource.provider, "inputs": resource.wanted})
        # A default provider that no run has registered yet will follow the config.
        default = access_from(lambda name: config.get(f"aws:{name}"))
        return with_keys({**default, **found}, lambda name: config.get(f"aws:{name}"))

    return access


def policy_reader(reach: Reaches) -> Callable[[PlannedResource], str]:
    """Return what reads the policy of a secret in AWS as AWS has it, given what Pulumi calls the policy."""

    def read(policy: PlannedResource) -> str:
        return read_policy(str((policy.state or {}).get("secretArn")), reach(policy))

    return read
