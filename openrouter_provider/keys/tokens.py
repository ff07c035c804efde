"""The type tokens of the project's own resources; they are part of every URN, so that a change needs a migration."""

from ..host.modules import AROUND as _MODULES

MODULE = "openrouter"
"""The module of every dynamic resource: ApiKey's token is `pulumi-python:dynamic/openrouter:ApiKey`."""


def own_type(name: str) -> str:
    """Return the token of a dynamic resource without its package, as the end of its type in a state."""
    return f"dynamic/{MODULE}:{name}"


API_KEY = own_type("ApiKey")
SUPERSEDED_KEYS = own_type("SupersededKeys")
GUARDRAIL = own_type("Guardrail")
GUARDRAIL_ASSIGNMENT = own_type("GuardrailAssignment")
WORKSPACE = own_type("Workspace")
WORKSPACE_BUDGET = own_type("WorkspaceBudget")
BYOK_KEY = own_type("ByokKey")
AROUND = tuple(own_type(name) for name in _MODULES)
"""Those of the resources in resources/around."""
SERVICE_KEY = "openrouter-keys:index:ServiceKey"
"""The component around a service's resources: in the state as soon as a run has begun to make them."""
