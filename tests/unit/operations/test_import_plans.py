"""What `adopt` prints of an id beside the keys: settings under which the object stays as it is, and an import."""

from pathlib import Path

import pytest
import yaml

from openrouter_provider.api.client import ManagementClient, utc_now
from openrouter_provider.api.errors import ConfigurationError, PermissionDenied
from openrouter_provider.config.around import parsed
from openrouter_provider.config.problems import Problem
from openrouter_provider.operations.importing import Importable, found, import_instructions
from openrouter_provider.operations.stack.any_stack import AnyStack
from openrouter_provider.resources.around import kinds
from openrouter_provider.resources.base import Session
from openrouter_provider.resources.reads import KeyReader
from sandbox.openrouter import Control
from tests import around
from tests.provider.life import VENDOR_KEY
from tests.provider.part import Found

pytest_plugins = ("tests.unit.account_fixtures",)

FOUND: dict[str, Found] = around.merged("FOUND")


def test_every_resource_around_the_keys_is_tried_here() -> None:
    """Its module in tests/around says how."""
    assert {kind.__name__ for kind in kinds()} == {*FOUND}


@pytest.mark.parametrize("kind", FOUND)
def test_an_id_around_the_keys_is_found_and_its_settings_said(
    control: Control, client: ManagementClient, kind: str
) -> None:
    """In the section and by the names of the config; what can't be read, such as a credential, is left to `adopt`."""
    expected = FOUND[kind]
    id_ = expected.by_hand(control)
    (plan,) = found(client, id_)
    assert (plan.kind, plan.section, plan.id) == (kind, expected.section, id_)
    assert plan.settings == {**expected.settings, **({"adopt": id_} if expected.adopts else {})}
    assert VENDOR_KEY not in str(plan)


@pytest.mark.parametrize("kind", FOUND)
def test_the_settings_change_nothing_of_what_was_imported(
    control: Control, client: ManagementClient, kind: str
) -> None:
    """The config takes them, and the resource that they make differs in nothing from the imported one."""
    id_ = FOUND[kind].by_hand(control)
    (plan,) = found(client, id_)
    problems: list[Problem] = []
    named = {"workspace": "team"} if kind.startswith("Workspace") else {}
    settings = {**plan.settings, **named}
    config = parsed({plan.section: settings if plan.single else {"ours": settings}}, problems)
    assert problems == []
    (wish,) = config[plan.section].values()
    (resource,) = [each for each in kinds() if each.__name__ == kind]
    provider = resource.provider_class()
    provider.session = Session(client, KeyReader(client), utc_now())
    imported = provider.imported(id_)
    outs = imported.outs or {}
    more = {"workspace_id": outs["workspace_id"]} if named else {}
    checked = provider.check(imported.inputs or {}, {**wish.arguments(), **more})
    assert checked.failures == []
    assert provider.diff(id_, outs, checked.inputs).changes is False


def test_the_instructions_of_a_section_that_is_one_object_have_no_name() -> None:
    """The organisation's settings stand in their section itself, and the import goes by its name."""
    plan = Importable("OrganizationSettings", "organization", "org_1", {"filteredModelCatalog": True}, single=True)
    text = import_instructions(AnyStack("dev"), "whatever", [plan], Path())
    config = "\n".join(line for line in text.splitlines() if line.startswith(" "))
    assert yaml.safe_load(config) == {"openrouter-keys:organization": {"filteredModelCatalog": True}}
    assert "pulumi import pulumi-python:dynamic/openrouter:OrganizationSettings organization org_1 " in text


def test_a_destination_for_some_keys_is_pointed_out(control: Control, client: ManagementClient) -> None:
    """The config names services and no hashes, so that the settings alone would send the traces of all."""
    key, _ = control.create_key(name="by hand")
    id_ = FOUND["ObservabilityDestination"].by_hand(control)
    control.edit_item("destinations", id_, api_key_hashes=[key["hash"]])
    plans = found(client, id_)
    assert "it is for 1 keys alone: name their services" in import_instructions(AnyStack("dev"), "t", plans, Path())


def test_a_guardrail_s_filters_and_switches_are_said(control: Control, client: ManagementClient) -> None:
    """What the settings left out would be cleared by the next deployment."""
    filters = [{"pattern": "acme-[0-9]+", "action": "redact", "label": "order"}]
    id_ = control.create_guardrail(name="by hand", content_filters=filters, enforce_zdr_xai=True)["id"]
    (plan,) = found(client, id_)
    assert (plan.kind, plan.section) == ("Guardrail", "guardrails")
    assert plan.settings == {"contentFilters": filters, "enforceZdr": {"xai": True}}


def test_an_id_of_nothing_is_refused(client: ManagementClient) -> None:
    """One line says what the id may be."""
    with pytest.raises(ConfigurationError, match="nothing beside its keys of the id 3f9a"):
        found(client, "3f9a0000-0000-4000-8000-000000000001")


def test_what_the_account_may_not_see_hides_nothing_else(control: Control, client: ManagementClient) -> None:
    """An account without an organisation adopts its guardrails all the same; of another id it is told the refusal."""
    id_ = control.create_guardrail(name="by hand", allowed_models=["sandbox/echo"])["id"]
    control.fault("get_organization_settings", "status_before", status=403, count=9)
    assert [each.kind for each in found(client, id_)] == ["Guardrail"]
    with pytest.raises(PermissionDenied):
        found(client, "3f9a0000-0000-4000-8000-000000000001")
