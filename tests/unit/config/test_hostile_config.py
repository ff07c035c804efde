"""Arbitrary config: it is accepted, or refused as config in printable lines that quote no value; never a crash."""

import json
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic.alias_generators import to_camel

from openrouter_provider.config.around import SECTIONS, SETTINGS
from openrouter_provider.config.files import Unusable, load_yaml
from openrouter_provider.config.models import ByokKeyConfig, GuardrailConfig, ServiceConfig, WorkspaceConfig
from openrouter_provider.config.names import SETTING_NAMES
from openrouter_provider.config.parsing import ConfigModel
from openrouter_provider.config.policy import ExemptionConfig, PolicyConfig
from openrouter_provider.config.problems import StackConfigError
from openrouter_provider.config.source import read_config
from openrouter_provider.config.stack import StackConfig, parse_stack_config

CANARY = "sk-or-v1-" + "c" * 24
PREFIX = "openrouter-keys/dev"
FEW = settings(max_examples=60)
NASTY = [
    CANARY,
    f"{CANARY}\x1b[31m",
    f"\u202e{CANARY}",
    "line\nbreak\r\x1b]0;title\x07",
    "\u2028\u200b\ufeff\ud800",
    "a" * 10_000,
    "",
    " ",
    "__proto__",
    "a.b",
]


def deep(levels: int) -> list[Any]:
    """Return lists in lists."""
    value: list[Any] = []
    for _ in range(levels):
        value = [value]
    return value


def names(model: type[ConfigModel]) -> list[str]:
    """Return a section's settings and those of the sections in it."""
    inner = [name for section in model.inner.values() for name in names(section)]
    return [*map(to_camel, model.model_fields), *inner]


texts = st.sampled_from(NASTY) | st.text(st.characters(codec=None), max_size=12)
numbers = st.integers() | st.floats() | st.sampled_from([10**400, -(10**400), float("nan"), float("inf"), 1e308, 2**63])
scalars = st.none() | st.booleans() | numbers | texts | st.sampled_from(["daily", "90d", "a", "b", "shop"])
known = st.sampled_from(sorted({name for model in (ServiceConfig, PolicyConfig) for name in names(model)}))
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(known | texts, inner, max_size=3),
    max_leaves=6,
)


def section(model: type[ConfigModel]) -> st.SearchStrategy[Any]:
    """Return arbitrary settings, most of them by names that exist."""
    return values | st.dictionaries(st.sampled_from(names(model)) | texts, values, max_size=4)


def by_name(model: type[ConfigModel]) -> st.SearchStrategy[Any]:
    """Return arbitrary sections by name."""
    return values | st.dictionaries(st.sampled_from(["a", "b"]) | texts, section(model), max_size=3)


configs = st.fixed_dictionaries(
    {"services": by_name(ServiceConfig)},
    optional={
        "namePrefix": values,
        "maxLimit": values,
        "defaults": section(ServiceConfig),
        "policy": section(PolicyConfig) | st.fixed_dictionaries({"exemptions": by_name(ExemptionConfig)}),
        "workspaces": by_name(WorkspaceConfig),
        "guardrails": by_name(GuardrailConfig),
        "byokKeys": by_name(ByokKeyConfig),
        **{each.setting: section(each.model) if each.single else by_name(each.model) for each in SECTIONS},
    },
)


def refused(parse: Callable[[], StackConfig]) -> StackConfigError | None:
    """Return the refusal of a config, None where it is accepted. Any other error passes through."""
    try:
        config = parse()
    except StackConfigError as error:
        return error
    assert all(service.unlimited or service.limit is not None for service in config.services.values())
    return None


def told(error: StackConfigError | None) -> str:
    """Return all that a refusal shows, after a look at its lines; empty for none."""
    if error is None:
        return ""
    assert error.problems
    assert all(str(problem).isprintable() for problem in error.problems)
    assert len(str(error).splitlines()) == len(error.problems) + 1
    return f"{error} {error!r} {error.__cause__!r} {error.__context__!r}"


def refusal(raw: dict[str, Any]) -> str:
    """Return what is wrong with a config; empty where nothing is."""
    return told(refused(lambda: parse_stack_config(raw, PREFIX)))


@FEW
@given(configs)
def test_any_config_is_accepted_or_refused_in_printable_lines(raw: dict[str, Any]) -> None:
    """Whatever JSON stands anywhere, each problem is one printable line, and a key that stands somewhere is in none."""
    assert CANARY not in refusal(raw)


MODELS: dict[str, type[ConfigModel]] = {
    "services": ServiceConfig,
    "workspaces": WorkspaceConfig,
    "guardrails": GuardrailConfig,
    "byokKeys": ByokKeyConfig,
    **{each.setting: each.model for each in SECTIONS},
}
PLACES = [(place, name) for place, model in MODELS.items() for name in map(to_camel, model.model_fields)]
BAD: list[Any] = [*NASTY, deep(500), {"a": deep(500)}, 10**400, float("nan"), {CANARY: CANARY}, {5: CANARY}, [CANARY]]


@pytest.mark.parametrize(("place", "name"), PLACES)
def test_a_bad_value_in_any_place_is_no_crash(place: str, name: str) -> None:
    """Each setting of each section survives each bad value, and quotes none."""
    for value in BAD:
        for wish in ({"a": {"limit": 5, name: value}}, {name: value}):
            assert CANARY not in refusal({"services": {}, place: wish})
        assert CANARY not in refusal({"services": {"a": {}}, "defaults": {"limit": 5, name: value}})


@pytest.mark.parametrize("name", list(map(to_camel, PolicyConfig.model_fields)))
def test_a_bad_rule_is_no_crash(name: str) -> None:
    """Each rule survives each bad value."""
    services = {"a": {"limit": 1e308}, "b": {"unlimited": True}}
    for value in [*BAD, *({key: value} for key in ("a", "b") for value in BAD)]:
        assert CANARY not in refusal({"services": services, "policy": {name: value, "monthlyBudget": 1}})


@pytest.mark.parametrize("place", ["services", "workspaces", "guardrails", "byokKeys", "defaults", "policy", *SETTINGS])
@pytest.mark.parametrize("name", NASTY)
def test_a_bad_name_is_no_crash(place: str, name: str) -> None:
    """A name of 10,000 characters, of escapes or of a key is shown short, harmless and without the key."""
    said = refusal({"services": {}, place: {name: {name: CANARY}}})
    assert CANARY not in said
    assert all(len(line) < 600 for line in said.splitlines()[1:-1])


@pytest.mark.parametrize("name", SETTING_NAMES)
@pytest.mark.parametrize("text", ["[" * 100_000, "1" * 5000, '{"a": NaN}', "{", "\ud800", CANARY, "1e999", "null"])
def test_any_text_of_a_setting_is_read(tmp_path: Path, name: str, text: str) -> None:
    """The text that Pulumi hands over may be no JSON, or JSON that no program should read."""
    texts_by_name = {"openrouter-keys:services": "{}", f"openrouter-keys:{name}": text}
    raw = read_config(texts_by_name.get, tmp_path)
    assert CANARY not in told(refused(lambda: raw.parsed("dev")))


@FEW
@given(
    st.binary(max_size=60)
    | values.map(lambda value: json.dumps(value).encode())
    | texts.map(lambda text: repr(text).encode())
)
def test_any_file_is_yaml_or_refused(content: bytes) -> None:
    """A services file of arbitrary bytes is read or refused, and nothing else."""
    with suppress(Unusable):
        load_yaml(content)
