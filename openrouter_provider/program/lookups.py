"""Look-ups: what the account holds, for programs that need to know it without owning it.

Each function asks the API when it is called, in previews too, with the credential and the endpoint that the stack's
resources use (config first, then the environment). What it returns is frozen and holds no secret.

Every function raises ConfigurationError where there is no management key, NotFound where the object does not exist,
and another OpenRouterError where the API did not answer.

API: https://openrouter.ai/docs/guides/overview/auth/management-api-keys
"""

from functools import cache
from uuid import UUID

from pulumi.runtime.config import get_config

from ..api.client import ManagementClient
from ..api.errors import NotFound
from ..api.guardrails import GuardrailRecord
from ..api.models import Credits, KeyRecord, ModelRecord
from ..api.reference.activity import ActivityRecord
from ..api.reference.offering import EndpointRecord, PresetRecord, ProviderRecord
from ..api.scrub import quoted_name
from ..api.workspaces import MemberRecord, WorkspaceRecord
from ..settings import Settings, resolve_settings


@cache
def _client_for(settings: Settings) -> ManagementClient:
    return settings.client()


def _client() -> ManagementClient:
    return _client_for(resolve_settings(get_config))


def get_key(hash: str) -> KeyRecord:  # noqa: A002 - the API's own word
    """Return the record of the key with this hash; never its value (API: GET /keys/{hash})."""
    return _client().get_key(hash)


def list_keys(workspace: str | None = None) -> list[KeyRecord]:
    """Return every key of a workspace (id or slug; None: the default one), disabled ones too (API: GET /keys)."""
    return _client().list_keys(workspace_id=_workspace_id(workspace))


def get_workspace(id: str) -> WorkspaceRecord:  # noqa: A002 - the API's own word
    """Return the workspace with this id or slug (API: GET /workspaces/{id})."""
    return _client().get_workspace(id)


def list_workspaces() -> list[WorkspaceRecord]:
    """Return every workspace of the account (API: GET /workspaces)."""
    return _client().list_workspaces()


def get_guardrail(id: str) -> GuardrailRecord:  # noqa: A002 - the API's own word
    """Return the guardrail with this id (API: GET /guardrails/{id})."""
    return _client().get_guardrail(id)


def list_guardrails(workspace: str | None = None) -> list[GuardrailRecord]:
    """Return every guardrail of a workspace (id or slug; None: the default one) (API: GET /guardrails)."""
    return _client().list_guardrails(workspace_id=_workspace_id(workspace))


def get_member(workspace: str, user_id: str) -> MemberRecord:
    """Return somebody's membership of a workspace (id or slug) (API: GET /workspaces/{id}/members)."""
    for member in list_members(workspace):
        if member.user_id == user_id:
            return member
    raise _absent(f"workspace {quoted_name(workspace)} has no member {quoted_name(user_id)}")


def list_members(workspace: str) -> list[MemberRecord]:
    """Return every member of a workspace (id or slug); of the default one, of the organisation.

    API: GET /workspaces/{id}/members
    """
    return _client().list_members(workspace)


def get_credits() -> Credits:
    """Return what the account has bought and used, in USD (API: GET /credits)."""
    return _client().get_credits()


def get_model(id: str) -> ModelRecord:  # noqa: A002 - the API's own word
    """Return the model with this slug, such as `openai/gpt-4o-mini` (API: GET /models)."""
    for model in list_models():
        if id in (model.id, model.canonical_slug):
            return model
    raise _absent(f"there is no model {quoted_name(id)}")


def list_models() -> list[ModelRecord]:
    """Return every model that OpenRouter routes to, with its price (API: GET /models)."""
    return _client().list_models()


def list_endpoints(model: str) -> list[EndpointRecord]:
    """Return who serves a model, and at which price (API: GET /models/{author}/{slug}/endpoints)."""
    return _client().list_endpoints(model)


def list_providers() -> list[ProviderRecord]:
    """Return everybody who serves models (API: GET /providers)."""
    return _client().list_providers()


def get_preset(slug: str) -> PresetRecord:
    """Return the preset with this slug, with the version that counts (API: GET /presets/{slug})."""
    return _client().get_preset(slug)


def list_presets() -> list[PresetRecord]:
    """Return every preset of the account, without what its versions say (API: GET /presets)."""
    return _client().list_presets()


def get_activity(key: str | None = None, workspace: str | None = None, date: str | None = None) -> list[ActivityRecord]:
    """Return what was used in each of the last 30 whole UTC days, by model (API: GET /activity).

    Args:
        key: of the key with this hash alone.
        workspace: of this workspace (id or slug) alone.
        date: of this day alone, such as `2027-01-31`.
    """
    return _client().get_activity(key_hash=key, workspace_id=_workspace_id(workspace), date=date)


def _workspace_id(workspace: str | None) -> str | None:
    """Return a workspace's id: listings take no slug."""
    if workspace is None:
        return None
    try:
        UUID(workspace)
    except ValueError:
        return get_workspace(workspace).id
    return workspace


def _absent(what: str) -> NotFound:
    return NotFound(404, "GET", "", None, f"{what} (docs/errors.md#not-found)")
