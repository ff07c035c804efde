"""The HTTP edge: OpenRouter's management API as typed calls. Knows nothing of Pulumi."""

from openrouter_provider.api.byok_models import ByokRecord
from openrouter_provider.api.client import ManagementClient, utc_now
from openrouter_provider.api.credentials import DEFAULT_BASE_URL, check_base_url, check_credential
from openrouter_provider.api.errors import (
    AuthenticationError,
    ConfigurationError,
    ConnectionFailed,
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
from openrouter_provider.api.scrub import printable, scrub
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
