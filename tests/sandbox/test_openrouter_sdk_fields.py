"""OpenRouter's own SDK as the newest description: what it knows and we don't is listed here, each with a reason.

A newer SDK that brings more fails these tests. Then either the models learn the field, or its gap gets a line.
"""

from collections.abc import Collection, Mapping
from typing import Any, Literal, get_args, get_origin

import pytest
from openrouter import components, operations
from pydantic import BaseModel

from openrouter_provider.api.byok import ByokRecord
from openrouter_provider.api.guardrails import GuardrailRecord, KeyAssignment, MemberAssignment
from openrouter_provider.api.models import CreateKeyRequest, CurrentKey, KeyRecord
from openrouter_provider.api.workspaces import BudgetRecord, MemberRecord, WorkspaceRecord
from openrouter_provider.keys.checks import DATA_REGIONS, LIMIT_RESETS
from openrouter_provider.keys.list_checks import BUILTINS, SERVER_TOOLS
from openrouter_provider.keys.state import FIELDS as KEY_FIELDS
from openrouter_provider.resources.byok_key import ByokKeyProvider
from openrouter_provider.resources.guardrail import GuardrailProvider
from openrouter_provider.resources.workspace import PROVIDER_SORTS, WorkspaceProvider
from openrouter_provider.resources.workspace_budget import INTERVALS, WorkspaceBudgetProvider
from sandbox.openrouter.byok.requests import Provider
from sandbox.openrouter.layers import Scope
from sandbox.openrouter.validation import DataRegion
from sandbox.openrouter.workspaces.requests import ServerTool
from tests import around

NOT_OURS = "for platforms that issue keys to their own users, which is not covered (docs/openrouter.md)"
NOT_ACTED_ON = "shown by OpenRouter; nothing here depends on it"
Gaps = Mapping[str, str]

RECORDS: list[Any] = [
    pytest.param(KeyRecord, operations.ListData, {"external_user": NOT_OURS}, id="listed key"),
    pytest.param(KeyRecord, operations.GetKeyData, {"external_user": NOT_OURS}, id="key"),
    pytest.param(KeyRecord, operations.CreateKeysData, {"external_user": NOT_OURS}, id="created key"),
    pytest.param(KeyRecord, operations.UpdateKeysData, {"external_user": NOT_OURS}, id="updated key"),
    pytest.param(
        CurrentKey,
        operations.GetCurrentKeyData,
        {
            "allowed_data_regions": NOT_ACTED_ON,
            "budgets": "every budget over the key; `report` reads the key's own limit, as the listing has it",
            "free_model_daily_requests": NOT_ACTED_ON,
            "is_provisioning_key": "the older name of is_management_key, read where that is missing",
            "organization_id": NOT_ACTED_ON,
            "rate_limit": "deprecated by OpenRouter",
            "workspace_id": NOT_ACTED_ON,
        },
        id="current key",
    ),
    pytest.param(
        WorkspaceRecord,
        components.Workspace,
        {
            "created_by": NOT_ACTED_ON,
            "include_byok_in_budgets": "read beside each budget",
            "updated_at": NOT_ACTED_ON,
        },
        id="workspace",
    ),
    pytest.param(MemberRecord, components.WorkspaceMember, {}, id="workspace member"),
    pytest.param(
        BudgetRecord,
        components.WorkspaceBudget,
        {"created_at": NOT_ACTED_ON, "id": "a budget is named by workspace and interval", "updated_at": NOT_ACTED_ON},
        id="workspace budget",
    ),
    pytest.param(
        GuardrailRecord,
        components.Guardrail,
        {
            "enforce_zdr": "deprecated by OpenRouter for the switches of each vendor",
            "updated_at": NOT_ACTED_ON,
        },
        id="guardrail",
    ),
    pytest.param(
        KeyAssignment,
        components.KeyAssignment,
        dict.fromkeys(("assigned_by", "created_at", "id", "key_label"), NOT_ACTED_ON),
        id="key assignment",
    ),
    pytest.param(
        MemberAssignment,
        components.MemberAssignment,
        dict.fromkeys(("assigned_by", "created_at", "id", "organization_id"), NOT_ACTED_ON),
        id="member assignment",
    ),
    pytest.param(
        ByokRecord,
        components.BYOKKey,
        {
            "sort_order": "the order in which OpenRouter tries keys; moved in its own pages",
        },
        id="BYOK key",
    ),
    *around.listed("RECORDS"),
]


def names_of(model: type[BaseModel]) -> set[str]:
    """Return a model's fields by the names on the wire, headers that every request may have left out."""
    names = {field.alias or name for name, field in model.model_fields.items()}
    return {name for name in names if not name.startswith(("HTTP-", "X-"))}


def compared(ours: Collection[str], theirs: Collection[str], gaps: Gaps) -> tuple[set[str], set[str]]:
    """Return what they have and we neither have nor list, and what is listed without need."""
    missing = set(theirs) - set(ours)
    return missing - set(gaps), set(gaps) - missing


@pytest.mark.parametrize(("ours", "theirs", "gaps"), RECORDS)
def test_every_field_of_a_record_is_known_or_listed(ours: type[BaseModel], theirs: type[BaseModel], gaps: Gaps) -> None:
    """No field of the SDK's model is unknown here without a reason, and no reason outlives its gap."""
    assert compared(names_of(ours), names_of(theirs), gaps) == (set(), set())


def wishes(provider: Any, *more: str) -> set[str]:
    """Return the properties that a resource can set."""
    return {field.name for field in provider.fields} | set(more)


GUARDRAIL_GAPS = {
    "enforce_zdr": "deprecated by OpenRouter for the switches of each vendor",
}
KEY_WISHES = {field.name for field in KEY_FIELDS}
REQUESTS: list[Any] = [
    pytest.param(
        set(CreateKeyRequest.model_fields), operations.CreateKeysRequestBody, {"external": NOT_OURS}, id="new key"
    ),
    pytest.param(KEY_WISHES, operations.UpdateKeysRequestBody, {}, id="changed key"),
    pytest.param(wishes(GuardrailProvider), components.CreateGuardrailRequest, GUARDRAIL_GAPS, id="new guardrail"),
    pytest.param(wishes(GuardrailProvider), components.UpdateGuardrailRequest, GUARDRAIL_GAPS, id="changed guardrail"),
    pytest.param(wishes(ByokKeyProvider), components.CreateBYOKKeyRequest, {}, id="new BYOK key"),
    pytest.param(wishes(ByokKeyProvider), components.UpdateBYOKKeyRequest, {}, id="changed BYOK key"),
    pytest.param(wishes(WorkspaceProvider), components.CreateWorkspaceRequest, {}, id="new workspace"),
    pytest.param(wishes(WorkspaceProvider), components.UpdateWorkspaceRequest, {}, id="changed workspace"),
    pytest.param(wishes(WorkspaceBudgetProvider), components.UpsertWorkspaceBudgetRequest, {}, id="budget"),
    pytest.param(
        {"include_disabled", "include_expired", "offset", "workspace_id"}, operations.ListRequest, {}, id="key listing"
    ),
    *around.listed("REQUESTS"),
]


@pytest.mark.parametrize(("ours", "theirs", "gaps"), REQUESTS)
def test_every_field_of_a_request_can_be_set_or_is_listed(
    ours: Collection[str], theirs: type[BaseModel], gaps: Gaps
) -> None:
    """What a request takes, a resource can set, or the reason stands here."""
    assert compared(ours, names_of(theirs), gaps) == (set(), set())


def choices(kind: Any) -> set[str]:
    """Return the texts that a type of literals has, wherever they stand in it."""
    if get_origin(kind) is Literal:
        return {str(choice) for choice in get_args(kind)}
    return set[str]().union(*(choices(part) for part in get_args(kind)))


def of_field(model: type[BaseModel], name: str) -> set[str]:
    """Return the choices of a model's field."""
    return choices(model.model_fields[name].annotation)


ENUMS: list[Any] = [
    pytest.param(BUILTINS, choices(components.ContentFilterBuiltinSlug), id="builtin filter"),
    pytest.param(("redact", "block", "flag"), choices(components.ContentFilterAction), id="filter action"),
    pytest.param(
        ("redact", "block", "flag"), choices(components.ContentFilterBuiltinAction), id="builtin filter action"
    ),
    pytest.param(LIMIT_RESETS, choices(components.GuardrailInterval), id="guardrail interval"),
    pytest.param(LIMIT_RESETS, of_field(operations.CreateKeysRequestBody, "limit_reset"), id="new key's reset"),
    pytest.param(LIMIT_RESETS, of_field(operations.UpdateKeysRequestBody, "limit_reset"), id="changed key's reset"),
    pytest.param(INTERVALS, choices(components.WorkspaceBudgetInterval), id="budget interval"),
    pytest.param(choices(DataRegion), choices(components.GuardrailDataRegion), id="data region"),
    pytest.param(DATA_REGIONS, choices(components.GuardrailDataRegion), id="guardrail's data region"),
    pytest.param(DATA_REGIONS, of_field(components.CreateBYOKKeyRequest, "declared_region"), id="declared region"),
    pytest.param(
        ("user_only", "all_messages"), of_field(components.ContentFilterBuiltinEntry, "scan_scope"), id="scan scope"
    ),
    pytest.param(SERVER_TOOLS, of_field(components.UpdateWorkspaceRequest, "disabled_server_tools"), id="server tool"),
    pytest.param(
        choices(ServerTool), of_field(components.CreateWorkspaceRequest, "disabled_server_tools"), id="tool served"
    ),
    pytest.param(choices(Provider), choices(components.BYOKProviderSlug), id="BYOK provider"),
    pytest.param(("admin", "member"), of_field(components.WorkspaceMember, "role"), id="member's role"),
    pytest.param(choices(Scope), of_field(components.KeyBudget, "scope"), id="budget's scope"),
    pytest.param((*LIMIT_RESETS,), of_field(components.KeyBudget, "reset_interval"), id="budget's reset"),
    *around.listed("CHOICES"),
]
UNLISTED_CHOICES = ("price", "throughput", "latency", "exacto")


@pytest.mark.parametrize(("ours", "theirs"), ENUMS)
def test_every_choice_is_known(ours: Collection[str], theirs: Collection[str]) -> None:
    """An enumeration has the same choices here and in the SDK."""
    assert theirs
    assert set(theirs) - set(ours) == set()


def test_the_sdk_does_not_say_how_providers_are_sorted() -> None:
    """It is a plain text there; once the SDK lists the choices, they are to be compared."""
    assert of_field(components.CreateWorkspaceRequest, "default_provider_sort") == set()
    assert PROVIDER_SORTS == UNLISTED_CHOICES


@pytest.mark.parametrize("model", [KeyRecord, GuardrailRecord, ByokRecord])
def test_a_workspace_that_is_gone_is_null(model: Any) -> None:
    """What belonged to a deleted workspace names none, and is read all the same."""
    told = {"name": "n", "label": "l", "disabled": False, "limit": 1, "created_at": "2027-01-01T00:00:00Z"}
    told |= {"hash": "h", "id": "i", "provider": "openai", "workspace_id": None}
    assert model.model_validate(told).workspace_id is None
