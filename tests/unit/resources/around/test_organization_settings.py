"""The organisation's settings: taken, given back, and not those of another organisation."""

from collections.abc import Callable
from typing import Any

from pulumi.dynamic import ResourceProvider

from openrouter_provider.resources.around.organization_settings import OrganizationSettingsProvider
from sandbox.openrouter import Control
from tests.unit.resource_fixtures import Started

pytest_plugins = ("tests.unit.resource_fixtures",)

Props = dict[str, Any]
Up = Callable[[ResourceProvider, Props, Props], Props]


def test_the_organisation_s_settings_come_back(started: Started, up: Up, control: Control) -> None:
    """Also where somebody changed them meanwhile."""
    provider = started(OrganizationSettingsProvider)
    state = up(provider, {}, {"is_filtered_model_catalog_enabled": True})
    assert control.items("organization")[0]["is_filtered_model_catalog_enabled"] is True
    provider.delete(state["id"], state["outs"])
    assert control.items("organization")[0]["is_filtered_model_catalog_enabled"] is False
    control.clear_calls()
    provider.delete(state["id"], state["outs"])
    assert [call["method"] for call in control.calls()] == ["GET"]


def test_another_organisation_s_are_not_found(started: Started, up: Up) -> None:
    """With the management key of another organisation the resource reads as gone, and is taken there anew."""
    provider = started(OrganizationSettingsProvider)
    state = up(provider, {}, {"is_filtered_model_catalog_enabled": True})
    assert provider.read("org_another", state["outs"]).id == ""
