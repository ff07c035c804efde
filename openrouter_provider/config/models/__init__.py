"""The sections of the stack's config as models: what may be set, and what a setting means."""

from .guardrail_settings import GuardrailConfig, GuardrailRules
from .service_settings import AdoptConfig, MaxPrice, MaxPriceConfig, RotationConfig, ServiceConfig
from .surroundings_settings import BudgetsConfig, ByokKeyConfig, WorkspaceConfig

__all__ = [
    "AdoptConfig",
    "BudgetsConfig",
    "ByokKeyConfig",
    "GuardrailConfig",
    "GuardrailRules",
    "MaxPrice",
    "MaxPriceConfig",
    "RotationConfig",
    "ServiceConfig",
    "WorkspaceConfig",
]
