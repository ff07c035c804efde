"""What the tests need to know of WorkspaceDefaultGuardrail."""

import pytest
from openrouter import components

from openrouter_provider.resources.around.workspace_default_guardrail import WorkspaceDefaultGuardrailProvider
from sandbox.openrouter import Control
from tests.harness import Stack
from tests.provider.life import Ground, Life, Props
from tests.provider.part import Found, Part


def _id(ground: Ground, number: int = 0) -> str:
    found = {each["id"]: each for each in ground.control.workspaces()}
    return str(found[ground.workspaces[number]]["default_guardrail_id"])


def _records(ground: Ground) -> list[Props]:
    restricting = ("limit_usd", "ignored_providers", "allowed_data_regions", "enforce_zdr_openai")
    ids = (_id(ground, 0), _id(ground, 1))
    found = [each for each in ground.control.guardrails() if each["id"] in ids]
    return [each for each in found if any(each[name] for name in restricting)]


def _set_by_hand(ground: Ground) -> Props:
    ground.control.edit_guardrail(_id(ground), ignored_providers=["azure"])
    return {"workspace_id": ground.workspaces[0], "ignored_providers": ["azure"]}


LIVES = {
    "WorkspaceDefaultGuardrail": Life(
        provider=WorkspaceDefaultGuardrailProvider,
        created_by=["update_guardrail"],
        changed_by=["update_guardrail"],
        deleted_by=["update_guardrail"],
        wish=lambda ground: {
            "workspace_id": ground.workspaces[0],
            "limit_usd": 10,
            "reset_interval": "daily",
            "ignored_providers": ["azure"],
            "allowed_data_regions": ["us"],
        },
        change=lambda _: {
            "limit_usd": 20,
            "reset_interval": "daily",
            "allowed_data_regions": None,
            "enforce_zdr_openai": True,
        },
        drift=lambda ground, id_: ground.control.edit_guardrail(id_, ignored_providers=None),
        vanish=lambda ground, _: ground.control.delete_workspace(ground.workspaces[0]),
        records=_records,
        replacing=lambda ground: {"workspace_id": ground.workspaces[1]},
        adopt=_set_by_hand,
    )
}
REQUESTS = [
    pytest.param(
        {field.name for field in WorkspaceDefaultGuardrailProvider.fields},
        components.UpdateGuardrailRequest,
        {
            "enforce_zdr": "deprecated by OpenRouter for the switches of each vendor",
            "name": "a default guardrail's is made of its workspace's id",
        },
        id="default guardrail",
    )
]


def _default_of(stack: Stack, workspace: str) -> str:
    (found,) = [each for each in stack.control.workspaces() if workspace in (each["id"], each["slug"])]
    return str(found["default_guardrail_id"])


def _made_by_hand(stack: Stack, workspace: str) -> str:
    id_ = _default_of(stack, workspace)
    stack.control.edit_guardrail(id_, ignored_providers=["azure"])
    return id_


PART = Part(
    kind="WorkspaceDefaultGuardrail",
    program="""
openrouter.WorkspaceDefaultGuardrail(
    "everything",
    workspace_id=payments.id,
    limit_usd=50,
    reset_interval="monthly",
    ignored_providers=["azure", "openai"] if generous else ["azure"],
)
""",
    made=["update_guardrail"],
    changed=["update_guardrail"],
    drift=lambda stack: stack.control.edit_guardrail(_default_of(stack, "payments"), ignored_providers=None),
    healed=["update_guardrail"],
    imported="""
openrouter.WorkspaceDefaultGuardrail("everything", workspace_id=home.id, ignored_providers=["azure"])
""",
    by_hand=_made_by_hand,
)


def _restricted(control: Control) -> str:
    id_ = str(control.create_workspace(name="Team", slug="team")["default_guardrail_id"])
    control.edit_guardrail(
        id_, limit_usd=5, reset_interval="daily", enforce_zdr_openai=True, ignored_providers=["azure"]
    )
    return id_


FOUND = {
    "WorkspaceDefaultGuardrail": Found(
        by_hand=_restricted,
        section="defaultGuardrails",
        settings={"limit": 5, "limitReset": "daily", "ignoredProviders": ["azure"], "enforceZdr": {"openai": True}},
    )
}
