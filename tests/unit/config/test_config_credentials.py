"""An OpenRouter key in the stack's settings: refused by its path wherever it would be stored and shown."""

from dataclasses import fields
from typing import Any

import pytest
from pydantic.alias_generators import to_camel

from openrouter_provider import ServiceKeyArgs
from openrouter_provider.api.errors import ConfigurationError
from openrouter_provider.config.around import SECTIONS
from openrouter_provider.config.models import ByokKeyConfig, GuardrailConfig, ServiceConfig, WorkspaceConfig
from openrouter_provider.config.parsing import ConfigModel
from openrouter_provider.config.plaintext import misplaced_keys
from openrouter_provider.config.policy import PolicyConfig
from openrouter_provider.config.problems import StackConfigError
from openrouter_provider.config.stack import parse_stack_config
from openrouter_provider.keys.args import ApiKeyArgs
from openrouter_provider.stores.secret_args import SecretArgs

CANARY = "sk-or-v1-" + "c" * 24
HOLDS = "holds an OpenRouter key, which would be stored and shown with it"
BY_NAME: dict[str, type[ConfigModel]] = {
    "workspaces": WorkspaceConfig,
    "guardrails": GuardrailConfig,
    "byokKeys": ByokKeyConfig,
    **{each.setting: each.model for each in SECTIONS},
}
PLACES: list[tuple[str, type[ConfigModel]]] = [
    ("services.a", ServiceConfig),
    ("defaults", ServiceConfig),
    ("policy", PolicyConfig),
    *((f"{section}.a", model) for section, model in BY_NAME.items()),
]


def settings_of(place: str, model: type[ConfigModel]) -> list[str]:
    """Return the paths of a section's settings and of those in its sections."""
    own = [f"{place}.{to_camel(name)}" for name in model.model_fields]
    return [*own, *(path for name, inner in model.inner.items() for path in settings_of(f"{place}.{name}", inner))]


PATHS = [path for place, model in PLACES for path in settings_of(place, model)]
IN_PLACE = ("services.a.adopt.key", "byokKeys.a.key")


def nested(path: str, value: object) -> dict[str, Any]:
    """Return settings that have the value at a path."""
    for step in reversed(path.split(".")):
        value = {step: value}
    assert isinstance(value, dict)
    return value


@pytest.mark.parametrize("path", PATHS)
def test_no_setting_takes_a_key(path: str) -> None:
    """Each setting of each section refuses a key in a text, in a list and as a name, but for the two made for one."""
    for value, more in ((f"see {CANARY}", ""), (["x", CANARY], ".1"), ({CANARY: 1}, ".sk-or-…")):
        settings = {"services": {}} | nested(path, value)
        if path in IN_PLACE and isinstance(value, str):
            assert list(misplaced_keys(settings)) == []
            continue
        with pytest.raises(StackConfigError) as caught:
            parse_stack_config(settings, "p/dev")
        assert {problem.path: problem.what for problem in caught.value.problems}[path + more].startswith(HOLDS)
        assert CANARY not in str(caught.value)


@pytest.mark.parametrize("setting", ["namePrefix", "maxLimit", "servicesFrom", "services", "policy"])
def test_no_setting_of_the_project_takes_a_key(setting: str) -> None:
    """A key in place of a whole section is named for what it is."""
    with pytest.raises(StackConfigError, match=f"{setting}: holds an OpenRouter key") as caught:
        parse_stack_config({"services": {}, setting: f"acme/{CANARY}"}, "p/dev")
    assert CANARY not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "held"),
    [
        (CANARY, True),
        (CANARY.upper(), True),
        (f"https://{CANARY}@example.com", True),
        (f"x{CANARY}", True),
        (f"{CANARY[:12]}\u200b{CANARY[12:]}", True),
        ("sk-or-mgmt-" + "d" * 24, True),
        ("sk-or-" + "e" * 32, True),
        ("sk-or-v1-0e6...1c96", False),
        ("sk-or-…", False),
        ("arn:aws:iam::123456789012:role/sk-or-shop", False),
        ("acme/desk-or-table-lamps-of-all-kinds", False),
        ("sk-or-v1-[0-9a-f]{64}", False),
        ("", False),
    ],
)
def test_what_is_a_key(text: str, held: bool) -> None:
    """A key is known also inside other text and with something unseen in it; a label, a role and a pattern are none."""
    settings = {"services": {"a": {"tags": {"T": text}}}}
    assert [problem.path for problem in misplaced_keys(settings)] == (["services.a.tags.T"] if held else [])


@pytest.mark.parametrize("value", [f"{CANARY}\n", f"  {CANARY}\t", f"\r\n{CANARY}\r\n"])
def test_white_space_around_an_adopted_value_is_taken_off(value: str) -> None:
    """What pasting and `echo` leave at a key's ends is no part of it."""
    services = {"a": {"limit": 5, "adopt": {"hash": "abc", "key": value}}}
    adopt = parse_stack_config({"services": services}, "p/dev").services["a"].adopt
    assert adopt is not None
    assert adopt.key == CANARY


def test_white_space_within_an_adopted_value_is_an_error() -> None:
    """Two values, or half of one on the next line, are refused before any call, and not repeated."""
    services = {"a": {"limit": 5, "adopt": {"hash": "abc", "key": f"{CANARY}\n{CANARY}"}}}
    with pytest.raises(StackConfigError, match=r"services.a.adopt.key: must be the key's value alone") as caught:
        parse_stack_config({"services": services}, "p/dev")
    assert CANARY not in str(caught.value)


TEXTS = sorted({each.name for kind in (ApiKeyArgs, SecretArgs) for each in fields(kind)} - {"adopt_key"})


@pytest.mark.parametrize("name", [*(name for name in TEXTS if name != "store_settings"), "guardrail_id"])
def test_a_program_s_wish_takes_no_key_either(name: str) -> None:
    """Each argument of a ServiceKey that holds a key is refused by its name; the value to adopt is in its place."""
    given: dict[str, Any] = {"secret_name": "acme/a", "name_prefix": "acme/a", "adopt_key": CANARY}
    ServiceKeyArgs(**given).refuse_contradictions()
    with pytest.raises(ConfigurationError, match=f"{name} holds an OpenRouter key") as caught:
        ServiceKeyArgs(**{**given, name: CANARY}).refuse_contradictions()
    assert CANARY not in str(caught.value)


def test_the_paths_cover_the_models() -> None:
    """The table has settings of every section, each once."""
    assert len(set(PATHS)) == len(PATHS)
    assert {"services.a.rotation.every", "defaults.vault.mount", "guardrails.a.enforceZdr.openai"} <= set(PATHS)
