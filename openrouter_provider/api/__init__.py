"""The HTTP edge: OpenRouter's management API as typed calls. Knows nothing of Pulumi.

The names below are loaded when they are first used: a Pulumi program declares resources and makes no call.
"""

import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

# Not lazy: its module bears the same name, and would be found in its place.
from openrouter_provider.api.scrub import scrub

if TYPE_CHECKING:
    from openrouter_provider.api.byok_models import ByokRecord
    from openrouter_provider.api.client import ManagementClient, utc_now
    from openrouter_provider.api.credentials import DEFAULT_BASE_URL, check_base_url, check_credential
    from openrouter_provider.api.errors import (
        AuthenticationError,
        ConfigurationError,
        ConnectionFailed,
        DailyLimitReached,
        InsufficientCredits,
        InvalidResponse,
        NotFound,
        OpenRouterError,
        OutcomeUnknown,
        PermissionDenied,
        RateLimited,
        ResponseError,
        ServerError,
    )
    from openrouter_provider.api.guardrail_models import GuardrailRecord, KeyAssignment, MemberAssignment
    from openrouter_provider.api.models import (
        ChatReply,
        CreatedKey,
        CreateKeyRequest,
        Credits,
        CurrentKey,
        KeyRecord,
        ModelRecord,
        NamedRecord,
        wire_time,
    )
    from openrouter_provider.api.retry import RetryPolicy
    from openrouter_provider.api.scrub import printable
    from openrouter_provider.api.workspace_models import BudgetRecord, WorkspaceMember, WorkspaceRecord

__all__ = [
    "DEFAULT_BASE_URL",
    "AuthenticationError",
    "BudgetRecord",
    "ByokRecord",
    "ChatReply",
    "ConfigurationError",
    "ConnectionFailed",
    "CreateKeyRequest",
    "CreatedKey",
    "Credits",
    "CurrentKey",
    "DailyLimitReached",
    "GuardrailRecord",
    "InsufficientCredits",
    "InvalidResponse",
    "KeyAssignment",
    "KeyRecord",
    "ManagementClient",
    "MemberAssignment",
    "ModelRecord",
    "NamedRecord",
    "NotFound",
    "OpenRouterError",
    "OutcomeUnknown",
    "PermissionDenied",
    "RateLimited",
    "ResponseError",
    "RetryPolicy",
    "ServerError",
    "WorkspaceMember",
    "WorkspaceRecord",
    "check_base_url",
    "check_credential",
    "printable",
    "scrub",
    "utc_now",
    "wire_time",
]

_HOMES = {
    "byok_models": ("ByokRecord",),
    "client": (
        "ManagementClient",
        "utc_now",
    ),
    "credentials": (
        "DEFAULT_BASE_URL",
        "check_base_url",
        "check_credential",
    ),
    "guardrail_models": (
        "GuardrailRecord",
        "KeyAssignment",
        "MemberAssignment",
    ),
    "models": (
        "ChatReply",
        "CreateKeyRequest",
        "CreatedKey",
        "Credits",
        "CurrentKey",
        "KeyRecord",
        "ModelRecord",
        "NamedRecord",
        "wire_time",
    ),
    "retry": ("RetryPolicy",),
    "scrub": ("printable",),
    "workspace_models": (
        "BudgetRecord",
        "WorkspaceMember",
        "WorkspaceRecord",
    ),
}
"""The modules of the names, by module; the names that stand under none are errors."""

# httpx brings a command line of its own and loads it, with click, rich and pygments, where those are installed. That
# is most of what importing httpx costs; told that the module is missing, httpx does without.
if "httpx" not in sys.modules:
    sys.modules["httpx._main"] = None  # type: ignore[assignment]  # the import system's own mark of a missing module


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    home = next((module for module, names in _HOMES.items() if name in names), "errors")
    return getattr(import_module(f"{__name__}.{home}"), name)
