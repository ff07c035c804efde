"""One credit-limited OpenRouter key for each service of the stack's config, stored where the service reads it."""

import pulumi

from openrouter_provider import OpenRouterError, declare_services, load_stack_config

try:
    services = declare_services(load_stack_config())
except OpenRouterError as error:
    raise pulumi.RunError(str(error)) from None

pulumi.export("services", dict(services))
