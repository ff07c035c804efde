"""Look-ups: what the account holds, for programs that need to know it without owning it.

Each function asks the API when it is called, in previews too, with the credential and the endpoint that the stack's
resources use (config first, then the environment). What it returns is frozen and holds no secret.

Every function raises ConfigurationError where there is no management key, NotFound where the object does not exist,
and another OpenRouterError where the API did not answer.

API: https://openrouter.ai/docs/guides/overview/auth/management-api-keys
"""

from collections.abc import Iterable
from functools import cache
from typing import TypeVar
from uuid import UUID

from pulumi.runtime.config import get_config

from ..api.client import ManagementClient
from ..api.errors import NotFound
from ..api.guardrails import GuardrailRecord
from ..api.models import Credits, KeyRecord, ModelRecord
from ..api.scrub import quoted_name
from ..api.workspaces import WorkspaceMember, WorkspaceRecord
from ..settings import Settings, resolve_settings

Item = TypeVar("Item")


@cache
def _client_for(settings: Settings) -> ManagementClient:
    return settings.client()


def _client() -> ManagementClient:
    return _client_for(resolve_settings(get_config))


def get_key(hash: str) -> KeyRecord:  # noqa: A002 - the API's own word
    """Return a key's record; never its value.

    Args:
        hash: the key's hash.

    API: GET /keys/{hash}
    """
    return _client().get_key(hash)


def list_keys(workspace: str | None = None) -> list[KeyRecord]:
    """Return every key of a workspace, disabled ones too; never a value.

    Args:
        workspace: the workspace's id or slug; None is the account's default one.

    API: GET /keys
    """
    client = _client()
    return client.list_keys(workspace_id=_workspace_id(client, workspace))


def get_workspace(id: str) -> WorkspaceRecord:  # noqa: A002 - the API's own word
    """Return a workspace.

    Args:
        id: its id or its slug.

    API: GET /workspaces/{id}
    """
    return _client().get_workspace(id)


def list_workspaces() -> list[WorkspaceRecord]:
    """Return every workspace of the account.

    API: GET /workspaces
    """
    return _client().list_workspaces()


def get_guardrail(id: str) -> GuardrailRecord:  # noqa: A002 - the API's own word
    """Return a guardrail.

    Args:
        id: its id.

    API: GET /guardrails/{id}
    """
    return _client().get_guardrail(id)


def list_guardrails(workspace: str | None = None) -> list[GuardrailRecord]:
    """Return every guardrail of a workspace.

    Args:
        workspace: the workspace's id or slug; None is the account's default one.

    API: GET /guardrails
    """
    client = _client()
    return client.list_guardrails(workspace_id=_workspace_id(client, workspace))


def get_member(workspace: str, user_id: str) -> WorkspaceMember:
    """Return somebody's membership of a workspace.

    Args:
        workspace: the workspace's id or slug.
        user_id: the person.

    API: GET /workspaces/{id}/members
    """
    found = (member for member in list_members(workspace) if member.user_id == user_id)
    return _first(found, f"workspace {quoted_name(workspace)} has no member {quoted_name(user_id)}")


def list_members(workspace: str) -> list[WorkspaceMember]:
    """Return every member of a workspace; of the default one, every member of the organisation.

    Args:
        workspace: the workspace's id or slug.

    API: GET /workspaces/{id}/members
    """
    return _client().list_members(workspace)


def get_credits() -> Credits:
    """Return what the account has bought and used, in USD.

    API: GET /credits
    """
    return _client().get_credits()


def get_model(id: str) -> ModelRecord:  # noqa: A002 - the API's own word
    """Return a model.

    Args:
        id: its slug, such as `openai/gpt-4o-mini`.

    API: GET /models
    """
    found = (model for model in list_models() if id in (model.id, model.canonical_slug))
    return _first(found, f"there is no model {quoted_name(id)}")


def list_models() -> list[ModelRecord]:
    """Return every model that OpenRouter routes to, with its price.

    API: GET /models
    """
    return _client().list_models()


def _workspace_id(client: ManagementClient, workspace: str | None) -> str | None:
    """Return a workspace's id: listings take no slug."""
    if workspace is None or _is_uuid(workspace):
        return workspace
    return client.get_workspace(workspace).id


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def _first(found: Iterable[Item], absent: str) -> Item:
    for item in found:
        return item
    raise NotFound(404, "GET", "", None, f"{absent} (docs/errors.md#not-found)")
