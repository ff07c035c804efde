"""How the provider of a planned resource reaches its store, from the state and the stack's config."""

from collections.abc import Mapping
from typing import Any

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
    providers = {f"{each.get('urn')}::{each.get('id')}": each.get("inputs") or {} for each in resources}

    def access(resource: PlannedResource) -> Access:
        package = f"{resource.kind.partition(':')[0]}:"
        ours = {name.removeprefix(package): text for name, text in config.items() if name.startswith(package)}
        inputs = providers.get(resource.provider, ours)
        own = (resource.wanted or {}).get("region")
        settings = {name: text for name, text in inputs.items() if isinstance(text, str) and text}
        return {**settings, "region": own} if isinstance(own, str) and own else settings

    return access
