"""What Pulumi and YAML make of a value, and what a setting reads in it: a table over every setting that there is."""

import json
from collections.abc import Iterator
from types import NoneType
from typing import Annotated, Any, get_args, get_origin

import pytest
from pydantic.alias_generators import to_camel

from openrouter_provider.config.around import SECTIONS
from openrouter_provider.config.meaning import meant
from openrouter_provider.config.models import ByokKeyConfig, GuardrailConfig, ServiceConfig, WorkspaceConfig
from openrouter_provider.config.names import SETTING_NAMES
from openrouter_provider.config.parsing import ConfigModel, checked
from openrouter_provider.config.policy import ExemptionConfig, PolicyConfig
from openrouter_provider.config.problems import StackConfigError
from openrouter_provider.config.stack import as_meant, parse_stack_config

Props = dict[str, Any]
MODELS = [
    *(ServiceConfig, WorkspaceConfig, GuardrailConfig, ByokKeyConfig, PolicyConfig, ExemptionConfig),
    *(section.model for section in SECTIONS),
]
EMPTY: Props = {"limit": 5, "provider": "openai", "adopt": None, "hash": "abc", "key": "value"}


def sections(models: list[Any]) -> Iterator[type[ConfigModel]]:
    """Yield the models and those of the sections in them, each once."""
    for model in models:
        yield model
        yield from sections(list(model.inner.values()))


def scalar_of(kind: Any) -> Any:
    """Return what a setting holds at the end: float, int, bool, str, or a section's model."""
    parts = [part for part in get_args(kind) if part not in (NoneType, Ellipsis)]
    if get_origin(kind) is Annotated:
        return scalar_of(parts[0])
    if get_origin(kind) is dict:
        return scalar_of(parts[1])
    return kind if isinstance(kind, type) or not parts or isinstance(parts[0], str) else scalar_of(parts[0])


FIELDS = [
    (model, name, field.annotation)
    for model in dict.fromkeys(sections(MODELS))
    for name, field in model.model_fields.items()
]
SPELLINGS: dict[Any, list[tuple[Any, Any]]] = {
    float: [("2.50", 2.5), (" 7 ", 7), ("1e1", 10.0), (".5", 0.5), (7, 7)],
    int: [("7", 7), (7.0, 7), ("7.0", 7), (7, 7)],
    bool: [("true", True), ("True", True), ("FALSE", False), (True, True)],
    str: [(20270301, "20270301"), ("2.50", "2.50"), ("true", "true"), ("null", "null")],
}
UNTOUCHED: dict[Any, list[Any]] = {
    float: ["1,000", "5 USD", "010", "0x10", "1_000", "", "five", True],
    int: ["7d", "7.5", "", True],
    bool: ["yes", "on", "1", 1, 0, ""],
    str: [2.5, None],
}


def wrapped(kind: Any, value: Any) -> Any:
    """Return the value in a list or an object of one entry, where the setting holds such."""
    parts = [part for part in get_args(kind) if part is not NoneType]
    if get_origin(kind) is tuple:
        return [value]
    if get_origin(kind) is dict:
        return {"a": value}
    return wrapped(parts[0], value) if parts and len(parts) < len(get_args(kind)) else value


def ids(value: Any) -> str | None:
    """Return how a model or a setting is called in a test's name."""
    return getattr(value, "__name__", None) if isinstance(value, type) else value if isinstance(value, str) else ""


@pytest.mark.parametrize(("model", "name", "kind"), FIELDS, ids=ids)
def test_each_setting_reads_what_has_one_meaning_for_it(model: type[ConfigModel], name: str, kind: Any) -> None:
    """Each setting of each section takes its values as Pulumi may type them, and in JSON; the rest stays as it came."""
    setting, scalar = to_camel(name), scalar_of(kind)
    if isinstance(scalar, type) and issubclass(scalar, ConfigModel | dict):
        return  # What stands in a section is a setting of its own in this table.
    scalar = scalar if scalar in SPELLINGS else str
    for given, read in SPELLINGS[scalar]:
        found = meant(model, {setting: wrapped(kind, given)})
        assert repr(found) == repr({setting: wrapped(kind, read)})  # 7 is not 7.0, and 1 not True
    for given in UNTOUCHED[scalar]:
        assert meant(model, {setting: wrapped(kind, given)}) == {setting: wrapped(kind, given)}
    once = meant(model, {setting: wrapped(kind, SPELLINGS[scalar][0][0])})
    assert meant(model, once) == once
    assert meant(model, json.dumps({setting: wrapped(kind, SPELLINGS[scalar][0][0])})) == once


def test_the_table_covers_every_section() -> None:
    """No section is missing: each model that stands in another one's settings is in the table."""
    seen = {model for model, _, _ in FIELDS}
    held = {scalar_of(kind) for _, _, kind in FIELDS}
    assert {kind for kind in held if isinstance(kind, type) and issubclass(kind, ConfigModel)} <= seen
    assert "rotation" in {name for model, name, _ in FIELDS if model is ServiceConfig}


@pytest.mark.parametrize(
    ("setting", "given", "read"),
    [
        ("limit", "2.50", 2.5),
        ("limit", "0", 0),
        ("disabled", "true", True),
        ("expires_at", "2027-01-01 00:00:00 +0000 UTC", "2027-01-01T00:00:00Z"),
        ("expires_at", "2027-01-01 00:00:00.5 +0000 UTC", "2027-01-01T00:00:00Z"),
        ("expires_at", "2027-01-01 00:00:00 +0200 +0200", "2026-12-31T22:00:00Z"),
        ("expires_at", "2027-01-01 10:00:00 +0100 CET", "2027-01-01T09:00:00Z"),
        ("expires_at", "2027-01-01 10:00:00 +01:00", "2027-01-01T09:00:00Z"),
        ("expires_at", "2027-01-01T10:00:00-05:00", "2027-01-01T15:00:00Z"),
        ("expires_at", "2027-01-01T00:00:00Z", "2027-01-01T00:00:00Z"),
        ("rotate_now", 20270301, "20270301"),
        ("rotate_now", "2027-01-01 00:00:00 +0000 UTC", "2027-01-01 00:00:00 +0000 UTC"),
        ("recovery_window_in_days", "7", 7),
        ("tags", {"Team": 42, "Critical": True, 2027: "x"}, {"Team": "42", "Critical": "true", "2027": "x"}),
        ("tags", '{"Team": 42}', {"Team": "42"}),
        ("readers", '["arn:aws:iam::123456789012:root"]', ("arn:aws:iam::123456789012:root",)),
        ("rotation", "null", None),
        ("kms_key_id", 1234, "1234"),
        ("app_title", 4711, "4711"),
    ],
)
def test_a_service_s_settings_as_pulumi_writes_them(setting: str, given: Any, read: Any) -> None:
    """Whole settings go through the checks of the config and come out as the value that was meant."""
    raw = {"limit": 5, to_camel(setting): given}
    service = parse_stack_config({"services": {"a": raw}}, "p/dev").services["a"]
    assert getattr(service, setting) == read


@pytest.mark.parametrize(
    ("raw", "path", "what"),
    [
        ({"limit": "1,000"}, "limit", "must be a number of USD"),
        ({"limit": "12 USD"}, "limit", "must be a number of USD"),
        ({"disabled": "yes"}, "disabled", "must be true or false"),
        ({"disabled": 1}, "disabled", "must be true or false"),
        ({"rotateNow": True}, "rotateNow", "must be a text: put it in quotes"),
        ({"kmsKeyId": 1.1}, "kmsKeyId", "must be a text: put it in quotes"),
        ({"tags": {"Version": 1.1}}, "tags.Version", "must be a text: put it in quotes"),
        ({"rotation": {"every": 90}}, "rotation.every", "must be a duration such as 90d"),
        ({"expiresAt": "2027-01-01 00:00:00"}, "expiresAt", "must be ISO 8601 in UTC with seconds"),
        ({"expiresAt": "2027-01-01"}, "expiresAt", "must be ISO 8601 in UTC with seconds"),
        ({"expiresAt": "2027-02-30 00:00:00 +0000 UTC"}, "expiresAt", "is not a date that exists"),
        ({"expiresAt": "0001-01-01T00:00:00+14:00"}, "expiresAt", "is not a date that exists"),
        ({"expiresAt": 1798761600}, "expiresAt", "must be ISO 8601 in UTC with seconds"),
        ({"recoveryWindowInDays": "7.5"}, "recoveryWindowInDays", "must be 0 (delete at once) or 7 to 30 days"),
        ({"readers": "[half"}, "readers", "must be a list"),
    ],
)
def test_what_has_two_meanings_is_refused(raw: Props, path: str, what: str) -> None:
    """A value that could be two things, or nothing that the setting takes, is an error with the fix."""
    with pytest.raises(StackConfigError) as caught:
        parse_stack_config({"services": {"a": {"limit": 5, **raw}}}, "p/dev")
    (problem,) = caught.value.problems
    assert problem.path == f"services.a.{path}"
    assert what in problem.what


def test_every_section_of_the_project_is_read_so() -> None:
    """Defaults, policy, workspaces, guardrails, provider keys and maxLimit too, and a section in JSON."""
    raw: Props = {
        "maxLimit": "100",
        "defaults": {"limit": "2.50", "rotation": '{"every": "30d", "stagger": "false"}'},
        "services": {"a": '{"includeByokInLimit": "true"}', "b": {"limit": "7"}},
        "policy": {"requireReset": "false", "monthlyBudget": "500", "exemptions": {"a": {"namePattern": 42}}},
        "workspaces": {"w": {"name": 2027, "budgets": {"daily": "1.5", "weekly": "9"}, "includeByokInBudgets": "true"}},
        "guardrails": {"g": {"limit": "9.99", "limitReset": "daily", "enforceZdr": "true", "allowedModels": '["a/b"]'}},
        "byokKeys": {"k": {"provider": "openai", "key": 12345678, "isFallback": "TRUE", "allowedServices": '["a"]'}},
    }
    config = parse_stack_config(raw, "p/dev")
    a, b = config.services.values()
    assert (a.limit, a.include_byok_in_limit, b.limit) == (2.5, True, 7)
    assert a.rotation is not None
    assert (a.rotation.every, a.rotation.stagger) == ("30d", False)
    workspace, guardrail, byok = config.workspaces["w"], config.guardrails["g"], config.byok_keys["k"]
    assert workspace.budgets is not None
    assert (workspace.name, workspace.budgets.daily, workspace.include_byok_in_budgets) == ("2027", 1.5, True)
    assert guardrail.enforce_zdr is not None
    assert (guardrail.limit, guardrail.enforce_zdr.openai, guardrail.allowed_models) == (9.99, True, ("a/b",))
    assert (byok.key, byok.is_fallback, byok.allowed_services) == ("12345678", True, ("a",))


def test_the_parts_of_a_wish_are_compared_as_they_are_meant() -> None:
    """Budgets as texts rise as numbers do, and an empty list in a text is an empty list."""
    budgets = {"budgets": {"daily": "9", "weekly": "10"}}
    assert parse_stack_config({"services": {}, "workspaces": {"w": budgets}}, "p/dev").workspaces
    _, faults = checked(ByokKeyConfig, meant(ByokKeyConfig, {**EMPTY, "allowedServices": "[]"}))
    assert ("allowedServices",) in {fault.steps for fault in faults}


@pytest.mark.parametrize(
    "name", [name for name in SETTING_NAMES if name not in ("extends", "namePrefix", "environment", "expiryNotice")]
)
def test_every_setting_of_the_project_has_a_kind(name: str) -> None:
    """A new setting of the project is read by its meaning too; only texts, which come as such, need no reading."""
    text = {"maxLimit": "2.50", "budget": "2.50", "servicesFrom": "[]"}.get(name, "{}")
    assert as_meant({name: text}) == {name: json.loads(text)}
