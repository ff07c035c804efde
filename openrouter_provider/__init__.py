"""OpenRouter API keys, and what limits and surrounds them, as Pulumi resources.

The names below are loaded when they are first used: the provider process, which only unpickles a provider, and the
command line do not pay for the program's parts.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from .host.modules import MODULES

if TYPE_CHECKING:
    __version__: str
    from .api.errors import OpenRouterError as OpenRouterError
    from .config.problems import StackConfigError as StackConfigError
    from .config.stack import StackConfig as StackConfig
    from .host.registration import tune_program as tune_program
    from .keys.args import ApiKeyArgs as ApiKeyArgs
    from .keys.nested import RotationArgs as RotationArgs
    from .keys.nested import StoredInArgs as StoredInArgs
    from .program.load import declare_services as declare_services
    from .program.load import load_stack_config as load_stack_config
    from .program.lookups import get_activity as get_activity
    from .program.lookups import get_credits as get_credits
    from .program.lookups import get_guardrail as get_guardrail
    from .program.lookups import get_key as get_key
    from .program.lookups import get_member as get_member
    from .program.lookups import get_model as get_model
    from .program.lookups import get_preset as get_preset
    from .program.lookups import get_workspace as get_workspace
    from .program.lookups import list_endpoints as list_endpoints
    from .program.lookups import list_guardrails as list_guardrails
    from .program.lookups import list_keys as list_keys
    from .program.lookups import list_members as list_members
    from .program.lookups import list_models as list_models
    from .program.lookups import list_presets as list_presets
    from .program.lookups import list_providers as list_providers
    from .program.lookups import list_workspaces as list_workspaces
    from .program.service_key import ServiceKey as ServiceKey
    from .program.service_key import ServiceKeyArgs as ServiceKeyArgs
    from .resources.api_key import ApiKey as ApiKey
    from .resources.around.observability_destination import ObservabilityDestination as ObservabilityDestination
    from .resources.around.organization_settings import OrganizationSettings as OrganizationSettings
    from .resources.around.workspace_default_guardrail import WorkspaceDefaultGuardrail as WorkspaceDefaultGuardrail
    from .resources.around.workspace_member import WorkspaceMember as WorkspaceMember
    from .resources.byok_key import ByokKey as ByokKey
    from .resources.guardrail import Guardrail as Guardrail
    from .resources.guardrail_assignment import GuardrailAssignment as GuardrailAssignment
    from .resources.superseded_keys import SupersededKeys as SupersededKeys
    from .resources.workspace import Workspace as Workspace
    from .resources.workspace_budget import WorkspaceBudget as WorkspaceBudget
    from .stores.secret_args import SecretArgs as SecretArgs

_HOMES = {
    "api.errors": "OpenRouterError",
    "config.problems": "StackConfigError",
    "config.stack": "StackConfig",
    "host.registration": "tune_program",
    "keys.args": "ApiKeyArgs",
    "keys.nested": "RotationArgs StoredInArgs",
    "program.load": "declare_services load_stack_config",
    "program.lookups": "get_activity get_credits get_guardrail get_key get_member get_model get_preset get_workspace "
    "list_endpoints list_guardrails list_keys list_members list_models list_presets list_providers list_workspaces",
    "program.service_key": "ServiceKey ServiceKeyArgs",
    **{f"resources.{module}": name for name, module in MODULES.items()},
    "stores.secret_args": "SecretArgs",
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names.split()}

__all__ = sorted(_HOME_OF)  # noqa: PLE0605 - one list of the names is enough


def __getattr__(name: str) -> Any:
    if name == "__version__":
        return import_module("importlib.metadata").version("openrouter-keys")
    if name not in _HOME_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME_OF[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__, "__version__"})
