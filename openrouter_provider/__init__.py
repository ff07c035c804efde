"""OpenRouter API keys as Pulumi resources.

The names below are loaded when they are first used: the provider process, which only unpickles a provider, and the
command line do not pay for the program's parts.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .api.errors import OpenRouterError
    from .config_problems import StackConfigError
    from .resources.api_key import ApiKey
    from .resources.superseded_keys import SupersededKeys
    from .service_key import ServiceKey, ServiceKeyArgs
    from .stack import declare_services, load_stack_config
    from .stack_config import StackConfig

__all__ = [
    "ApiKey",
    "OpenRouterError",
    "ServiceKey",
    "ServiceKeyArgs",
    "StackConfig",
    "StackConfigError",
    "SupersededKeys",
    "declare_services",
    "load_stack_config",
]

_HOMES = {
    "ApiKey": "resources.api_key",
    "OpenRouterError": "api.errors",
    "ServiceKey": "service_key",
    "ServiceKeyArgs": "service_key",
    "StackConfig": "stack_config",
    "StackConfigError": "config_problems",
    "SupersededKeys": "resources.superseded_keys",
    "declare_services": "stack",
    "load_stack_config": "stack",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
