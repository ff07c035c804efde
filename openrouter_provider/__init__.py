"""OpenRouter API keys as Pulumi resources."""

from .api.errors import OpenRouterError
from .resources.api_key import ApiKey
from .resources.superseded_keys import SupersededKeys
from .service_key import ServiceKey, ServiceKeyArgs
from .stack import declare_services, load_stack_config
from .stack_config import StackConfig, StackConfigError

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
