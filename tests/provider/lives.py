"""What the life-cycle tests need to know of each resource: a wish, changes of it, and what happens behind its back."""

from collections.abc import Mapping

from openrouter_provider.resources.api_key import ApiKeyProvider
from openrouter_provider.resources.byok_key import ByokKeyProvider
from openrouter_provider.resources.guardrail import GuardrailProvider
from openrouter_provider.resources.guardrail_assignment import GuardrailAssignmentProvider
from openrouter_provider.resources.workspace import WorkspaceProvider
from openrouter_provider.resources.workspace_budget import WorkspaceBudgetProvider
from tests import around
from tests.provider.life import OTHER_VENDOR_KEY, VENDOR_KEY, Ground, Life, Props

__all__ = ["LIVES", "OTHER_VENDOR_KEY", "VENDOR_KEY", "Ground", "Life", "Props"]


def _other(found: list[Props], ground: Ground) -> list[Props]:
    """Return the records that are none of the ground's own."""
    own = {*ground.workspaces, *ground.guardrails, ground.control.default_workspace_id}
    return [record for record in found if record["id"] not in own]


def _budget_of(ground: Ground) -> Props:
    ground.control.edit_budget(ground.workspaces[0], "monthly", limit_usd=123)
    return {"workspace_id": ground.workspaces[0], "interval": "monthly", "limit_usd": 123, "adopt": True}


def _assigned(ground: Ground) -> list[Props]:
    return [*ground.control.key_assignments(), *ground.control.member_assignments()]


def _assigned_by_hand(ground: Ground) -> Props:
    ground.control.assign_keys(ground.guardrails[0], [ground.keys[0]])
    ground.control.assign_members(ground.guardrails[0], [ground.member])
    wish = {"key_hashes": [ground.keys[0]], "member_ids": [ground.member]}
    return {"guardrail_id": ground.guardrails[0], "label": "checkout", **wish}


def _key(ground: Ground) -> Props:
    record, value = ground.control.create_key(name="by hand", limit=1)
    return {"name": "by hand", "limit": 1, "adopt_hash": record["hash"], "adopt_key": value}


def _byok(ground: Ground) -> Props:
    made = ground.control.create_byok_key(provider="openai", key=VENDOR_KEY, name="by hand", disabled=True)
    return {"adopt_id": made["id"], "provider": "openai", "disabled": True}


LIVES: Mapping[str, Life] = {
    "ApiKey": Life(
        provider=ApiKeyProvider,
        created_by=["create_key"],
        changed_by=["update_key"],
        deleted_by=["delete_key"],
        wish=lambda _: {"name_prefix": "acme/dev/checkout", "limit": 5, "limit_reset": "daily"},
        change=lambda _: {"limit": 7.5, "limit_reset": None, "include_byok_in_limit": True},
        drift=lambda ground, id_: ground.control.edit_key(id_, limit=9000),
        vanish=lambda ground, id_: ground.control.delete_key(id_),
        records=lambda ground: [key for key in ground.control.keys() if key["hash"] not in ground.keys],
        replacing=lambda _: {"expires_at": "2099-01-01T00:00:00Z"},
        succeeds=True,
        adopt=_key,
    ),
    "Workspace": Life(
        provider=WorkspaceProvider,
        created_by=["create_workspace"],
        changed_by=["update_workspace"],
        deleted_by=["delete_workspace"],
        wish=lambda _: {
            "name": "Payments",
            "slug": "payments",
            "description": "Takes money",
            "adopt_id": None,
            "io_logging_api_key_ids": [7, 3],
            "disabled_server_tools": ["openrouter:web_search", "openrouter:shell"],
        },
        change=lambda _: {
            "description": None,
            "is_observability_io_logging_enabled": True,
            "io_logging_api_key_ids": [3],
            "disabled_server_tools": None,
        },
        drift=lambda ground, id_: ground.control.edit_workspace(id_, name="somebody was here"),
        vanish=lambda ground, id_: ground.control.delete_workspace(id_),
        records=lambda ground: _other(ground.control.workspaces(), ground),
        replacing=lambda ground: {
            "adopt_id": ground.control.create_workspace(name="third", slug="third")["id"],
            "name": None,
            "slug": None,
        },
        adopt=lambda ground: {"adopt_id": ground.control.create_workspace(name="x", slug="by-hand")["slug"]},
    ),
    "WorkspaceBudget": Life(
        provider=WorkspaceBudgetProvider,
        created_by=["put_budget"],
        changed_by=["put_budget"],
        deleted_by=["delete_budget"],
        wish=lambda ground: {"workspace_id": ground.workspaces[0], "interval": "monthly", "limit_usd": 500},
        change=lambda _: {"limit_usd": 750.5, "include_byok_in_budgets": True},
        drift=lambda ground, _: ground.control.edit_budget(ground.workspaces[0], "monthly", limit_usd=9000),
        vanish=lambda ground, _: ground.control.delete_budget(ground.workspaces[0], "monthly"),
        records=lambda ground: [b for id_ in ground.workspaces for b in ground.control.budgets(id_)],
        replacing=lambda ground: {"workspace_id": ground.workspaces[1]},
        adopt=_budget_of,
    ),
    "Guardrail": Life(
        provider=GuardrailProvider,
        created_by=["create_guardrail"],
        changed_by=["update_guardrail"],
        deleted_by=["delete_guardrail"],
        wish=lambda _: {
            "name_prefix": "acme/dev/cheap",
            "limit_usd": 10,
            "reset_interval": "daily",
            "allowed_models": ["sandbox/echo", "openai/gpt-4o-mini"],
            "content_filters": [{"pattern": "[0-9]{16}", "action": "redact"}],
            "content_filter_builtins": [{"slug": "regex-prompt-injection", "action": "block"}],
            "enforce_zdr_openai": True,
            "allowed_data_regions": ["us", "europe"],
            "allow_safety_retention_google": False,
        },
        change=lambda _: {
            "limit_usd": 20,
            "reset_interval": "daily",
            "allowed_models": ["sandbox/echo"],
            "content_filters": None,
            "allowed_data_regions": None,
            "allow_safety_retention_google": True,
        },
        drift=lambda ground, id_: ground.control.edit_guardrail(id_, allowed_models=None),
        vanish=lambda ground, id_: ground.control.delete_guardrail(id_),
        records=lambda ground: _other(ground.control.guardrails(), ground),
        replacing=lambda ground: {"workspace_id": ground.workspaces[0]},
        adopt=lambda ground: {"adopt_id": ground.control.create_guardrail(name="by hand")["id"]},
    ),
    "GuardrailAssignment": Life(
        provider=GuardrailAssignmentProvider,
        created_by=["assign_keys", "assign_members"],
        changed_by=["assign_keys", "unassign_keys", "unassign_members"],
        deleted_by=["unassign_keys", "unassign_members"],
        wish=lambda ground: {
            "guardrail_id": ground.guardrails[0],
            "key_hashes": [ground.keys[0]],
            "member_ids": [ground.member],
            "label": "checkout",
        },
        change=lambda ground: {"key_hashes": [ground.keys[1]], "member_ids": None},
        drift=lambda ground, _: ground.control.unassign_keys(ground.guardrails[0], [*ground.keys]),
        vanish=lambda ground, _: ground.control.delete_guardrail(ground.guardrails[0]),
        records=_assigned,
        replacing=lambda ground: {"guardrail_id": ground.guardrails[1]},
        adopt=_assigned_by_hand,
        adopted_by=["assign_keys", "assign_members"],
        brought_by=["assign_keys"],
    ),
    "GuardrailAssignment of members": Life(
        provider=GuardrailAssignmentProvider,
        created_by=["assign_members"],
        changed_by=["assign_members"],
        deleted_by=["unassign_members"],
        wish=lambda ground: {
            "guardrail_id": ground.guardrails[0],
            "member_ids": [ground.member],
            "label": "people",
        },
        change=lambda ground: {"member_ids": [ground.member, ground.control.account_id]},
        drift=lambda ground, _: ground.control.unassign_members(ground.guardrails[0], [ground.member]),
        vanish=lambda ground, _: ground.control.delete_guardrail(ground.guardrails[0]),
        records=_assigned,
        replacing=lambda ground: {"guardrail_id": ground.guardrails[1]},
        adopt=_assigned_by_hand,
        adopted_by=["assign_keys", "assign_members"],
        brought_by=["assign_keys", "assign_members"],
    ),
    "ByokKey": Life(
        provider=ByokKeyProvider,
        created_by=["create_byok_key"],
        changed_by=["update_byok_key"],
        deleted_by=["delete_byok_key"],
        wish=lambda ground: {
            "name_prefix": "acme/dev/openai",
            "provider": "openai",
            "key": VENDOR_KEY,
            "allowed_api_key_hashes": [*ground.keys],
            "is_required": True,
            "declared_zdr": False,
            "declared_region": "europe",
        },
        change=lambda _: {
            "is_fallback": True,
            "allowed_api_key_hashes": None,
            "is_required": False,
            "declared_zdr": None,
            "declared_region": "us",
        },
        drift=lambda ground, id_: ground.control.edit_byok_key(id_, key=OTHER_VENDOR_KEY),
        vanish=lambda ground, id_: ground.control.delete_byok_key(id_),
        records=lambda ground: ground.control.byok_keys(),
        replacing=lambda _: {"provider": "anthropic"},
        adopt=_byok,
    ),
    **around.merged("LIVES"),
}


def living(*parts: str) -> dict[str, Life]:
    """Return the lives that have these parts, by the resources' names."""
    return {name: life for name, life in LIVES.items() if all(getattr(life, part) for part in parts)}
