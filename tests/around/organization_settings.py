"""What the tests need to know of OrganizationSettings."""

import pytest
from openrouter import OpenRouter, components

from openrouter_provider.resources.around.organization_settings import (
    OrganizationSettingsProvider,
    OrganizationSettingsRecord,
)
from sandbox.openrouter import Control
from tests.harness import Stack
from tests.provider.life import Ground, Life, Props
from tests.provider.part import Found, Part

FLAG = "is_filtered_model_catalog_enabled"


def _set(control: Control, filtered: bool) -> None:
    (settings,) = control.items("organization")
    control.edit_item("organization", settings["id"], **{FLAG: filtered})


def _switched_on(ground: Ground) -> list[Props]:
    return [each for each in ground.control.items("organization") if each[FLAG]]


LIVES = {
    "OrganizationSettings": Life(
        provider=OrganizationSettingsProvider,
        created_by=["update_organization_settings"],
        changed_by=["update_organization_settings"],
        deleted_by=["update_organization_settings"],
        wish=lambda _: {FLAG: True},
        change=lambda _: {FLAG: False},
        drift=lambda ground, _: _set(ground.control, False),
        records=_switched_on,
        adopt=lambda _: {FLAG: False},
        brought_by=[],
        clear=lambda control: _set(control, False),
    )
}
RECORDS = [pytest.param(OrganizationSettingsRecord, components.OrganizationSettings, {}, id="organisation's settings")]
REQUESTS = [
    pytest.param({FLAG}, components.UpdateOrganizationSettingsRequest, {}, id="changed organisation's settings"),
]


def drive(sdk: OpenRouter, control: Control) -> None:
    """The SDK reads and changes the organisation's settings."""
    assert sdk.organization.get_settings().data.is_filtered_model_catalog_enabled is False
    changed = sdk.organization.update_settings(is_filtered_model_catalog_enabled=True)
    assert changed.data.is_filtered_model_catalog_enabled is True
    assert control.items("organization") == [{"id": changed.data.id, FLAG: True}]


def _is_on(stack: Stack) -> object:
    (settings,) = stack.control.items("organization")
    return settings[FLAG] or None


def _made_by_hand(stack: Stack, _workspace: str) -> str:
    _set(stack.control, True)
    return str(stack.control.items("organization")[0]["id"])


PART = Part(
    kind="OrganizationSettings",
    program="""
openrouter.OrganizationSettings("ours", is_filtered_model_catalog_enabled=True)
""",
    made=["update_organization_settings"],
    drift=lambda stack: _set(stack.control, False),
    healed=["update_organization_settings"],
    imported="""
openrouter.OrganizationSettings("ours", is_filtered_model_catalog_enabled=True)
""",
    by_hand=_made_by_hand,
    left=_is_on,
)


def _filtered(control: Control) -> str:
    _set(control, True)
    return str(control.items("organization")[0]["id"])


FOUND = {
    "OrganizationSettings": Found(by_hand=_filtered, section="organization", settings={"filteredModelCatalog": True})
}
