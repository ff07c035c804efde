"""OpenRouter API keys, and what limits and surrounds them, as Pulumi resources.

The names below are loaded when they are first used: the provider process, which only unpickles a provider, and the
command line do not pay for the program's parts.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .api.errors import OpenRouterError
    from .config.problems import StackConfigError
    from .config.stack import StackConfig
    from .lookups import (
        get_credits,
        get_guardrail,
        get_key,
        get_member,
        get_model,
        get_workspace,
        list_guardrails,
        list_keys,
        list_members,
        list_models,
        list_workspaces,
    )
    from .resources.api_key import ApiKey
    from .resources.byok_key import ByokKey
    from .resources.guardrail import Guardrail
    from .resources.guardrail_assignment import GuardrailAssignment
    from .resources.superseded_keys import SupersededKeys
    from .resources.workspace import Workspace
    from .resources.workspace_budget import WorkspaceBudget
    from .service_key import ServiceKey, ServiceKeyArgs
    from .stack import declare_services, load_stack_config

__all__ = [
    "ApiKey",
    "ByokKey",
    "Guardrail",
    "GuardrailAssignment",
    "OpenRouterError",
    "ServiceKey",
    "ServiceKeyArgs",
    "StackConfig",
    "StackConfigError",
    "SupersededKeys",
    "Workspace",
    "WorkspaceBudget",
    "declare_services",
    "get_credits",
    "get_guardrail",
    "get_key",
    "get_member",
    "get_model",
    "get_workspace",
    "list_guardrails",
    "list_keys",
    "list_members",
    "list_models",
    "list_workspaces",
    "load_stack_config",
]

_HOMES = {
    "ApiKey": "resources.api_key",
    "ByokKey": "resources.byok_key",
    "Guardrail": "resources.guardrail",
    "GuardrailAssignment": "resources.guardrail_assignment",
    "OpenRouterError": "api.errors",
    "ServiceKey": "service_key",
    "ServiceKeyArgs": "service_key",
    "StackConfig": "config.stack",
    "StackConfigError": "config.problems",
    "SupersededKeys": "resources.superseded_keys",
    "Workspace": "resources.workspace",
    "WorkspaceBudget": "resources.workspace_budget",
    "declare_services": "stack",
    "get_credits": "lookups",
    "get_guardrail": "lookups",
    "get_key": "lookups",
    "get_member": "lookups",
    "get_model": "lookups",
    "get_workspace": "lookups",
    "list_guardrails": "lookups",
    "list_keys": "lookups",
    "list_members": "lookups",
    "list_models": "lookups",
    "list_workspaces": "lookups",
    "load_stack_config": "stack",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
