"""The resources of a checked config beside the services' own: workspaces with budgets, guardrails, provider keys."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module

from pulumi import Input, Output, ResourceOptions

from ..config import around
from ..config.models import BudgetsConfig, GuardrailConfig, ServiceConfig, WorkspaceConfig
from ..config.stack import StackConfig
from ..host.modules import MODULES, RESOURCES
from ..resources.byok_key import ByokKey
from ..resources.guardrail import Guardrail
from ..resources.workspace import Workspace
from ..resources.workspace_budget import WorkspaceBudget
from .other_stacks import StackReferences
from .service_key import ServiceKey


@dataclass(frozen=True)
class Surroundings:
    """What the services' keys live in and under, by its name in the config."""

    workspaces: Mapping[str, Input[str]]
    guardrails: Mapping[str, Input[str]]
    own: Mapping[str, Mapping[str, Output[str]]]
    """By section, the ids of what this stack declares itself; other stacks read them from its outputs."""

    def workspace_id(self, service: ServiceConfig) -> Input[str] | None:
        """Return the id of a service's workspace; None for the account's default one."""
        return self._named(service.workspace) or service.workspace_id

    def guardrail_id(self, service: ServiceConfig) -> Input[str] | None:
        """Return the id of a service's guardrail, None where it names none."""
        return next((self.guardrails[name] for name in service.guardrails), None)

    def _named(self, workspace: str | None) -> Input[str] | None:
        return self.workspaces[workspace] if workspace else None


def declare_surroundings(config: StackConfig) -> Surroundings:
    """Declare the workspaces with their budgets, and the guardrails in them; refer to those of other stacks."""
    others = StackReferences()
    own_workspaces = {
        name: _declare_workspace(name, wish).id for name, wish in config.workspaces.items() if not wish.elsewhere
    }
    workspaces = {**own_workspaces, **others.ids("workspaces", config.workspaces)}
    own_guardrails = {
        name: _declare_guardrail(config, name, wish, workspaces).id
        for name, wish in config.guardrails.items()
        if not wish.elsewhere
    }
    guardrails = {**own_guardrails, **others.ids("guardrails", config.guardrails)}
    return Surroundings(workspaces, guardrails, {"workspaces": own_workspaces, "guardrails": own_guardrails})


def _declare_guardrail(
    config: StackConfig, name: str, wish: GuardrailConfig, workspaces: Mapping[str, Input[str]]
) -> Guardrail:
    return Guardrail(
        name,
        name_prefix=f"{config.name_prefix}/{name}",
        workspace_id=workspaces[wish.workspace] if wish.workspace else None,
        **wish.arguments(),
        adopt_id=wish.adopt,
    )


def _declare_workspace(name: str, wish: WorkspaceConfig) -> Workspace:
    workspace = Workspace(
        name,
        name=wish.name,
        slug=wish.slug,
        description=wish.description,
        default_text_model=wish.default_text_model,
        default_image_model=wish.default_image_model,
        default_provider_sort=wish.default_provider_sort,
        disabled_server_tools=wish.disabled_server_tools,
        is_observability_io_logging_enabled=wish.io_logging,
        io_logging_sampling_rate=wish.io_logging_sampling_rate,
        io_logging_api_key_ids=wish.io_logging_api_key_ids,
        is_observability_broadcast_enabled=wish.broadcast,
        is_data_discount_logging_enabled=wish.data_discount_logging,
        adopt_id=wish.adopt,
    )
    _declare_budgets(name, wish, workspace)
    return workspace


def _declare_budgets(name: str, wish: WorkspaceConfig, workspace: Workspace) -> None:
    """Declare the budgets one after the other, the widest first, each with the wishes of the narrower ones.

    OpenRouter wants a wider one above the narrower ones at every instant: so the widest is raised first, and the
    narrowest lowered first.
    """
    before: list[WorkspaceBudget] = []
    amounts = (wish.budgets or BudgetsConfig()).model_dump(exclude_none=True)
    while amounts:
        interval, amount = amounts.popitem()
        budget = WorkspaceBudget(
            f"{name}-{interval}",
            workspace_id=workspace.id,
            interval=interval,
            limit_usd=amount,
            include_byok_in_budgets=wish.include_byok_in_budgets,
            adopt=True if wish.adopt else None,
            narrower={**amounts} or None,
            opts=ResourceOptions(parent=workspace, depends_on=before),
        )
        before = [budget]


def declare_byok_keys(config: StackConfig, surroundings: Surroundings, services: Mapping[str, ServiceKey]) -> None:
    """Declare the other vendors' keys, each open to the keys of the services that it is for."""
    for name, wish in config.byok_keys.items():
        ByokKey(
            name,
            name_prefix=f"{config.name_prefix}/{name}",
            workspace_id=surroundings.workspaces[wish.workspace] if wish.workspace else None,
            allowed_api_key_hashes=_hashes(services, wish.allowed_services),
            provider=wish.provider,
            key=wish.key,
            key_from=wish.key_from,
            key_version=wish.key_version,
            disabled=wish.disabled,
            is_fallback=wish.is_fallback,
            is_required=wish.is_required,
            is_byok_only=wish.is_byok_only,
            declared_zdr=wish.declared_zdr,
            declared_region=wish.declared_region,
            allowed_models=wish.allowed_models,
            adopt_id=wish.adopt,
        )


def declare_around(config: StackConfig, surroundings: Surroundings, services: Mapping[str, ServiceKey]) -> None:
    """Declare what else surrounds the keys, whichever resources there are for it."""
    for section in around.SECTIONS:
        resource = getattr(import_module(f"{RESOURCES}.{MODULES[section.resource]}"), section.resource)
        for name, wish in config.around.get(section.setting, {}).items():
            home = surroundings.workspaces[wish.workspace] if wish.workspace else section.default_workspace
            more = {
                "workspace_id": home,
                "name_prefix": f"{config.name_prefix}/{name}" if wish.drawn else None,
                wish.hashes: _hashes(services, wish.services) if wish.hashes else None,
            }
            given = {argument: value for argument, value in (*wish.arguments().items(), *more.items()) if argument}
            resource(name, **{argument: value for argument, value in given.items() if value is not None})


def _hashes(services: Mapping[str, ServiceKey], allowed: Sequence[str] | None) -> Output[list[str]] | None:
    """Return the hashes of all keys that the allowed services use: superseded ones too, through their overlap."""
    if allowed is None:
        return None
    lists = [services[name].key_hashes for name in allowed]
    return Output.all(*lists).apply(_flat)


def _flat(lists: Iterable[Iterable[str]]) -> list[str]:
    return [hash_ for hashes in lists for hash_ in hashes]
