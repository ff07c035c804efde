"""The reference of the stack config names every setting that there is, and no other."""

import re
from pathlib import Path

import pytest
from pydantic.alias_generators import to_camel

from openrouter_provider.config.around import SECTIONS
from openrouter_provider.config.models import ByokKeyConfig, GuardrailConfig, ServiceConfig, WorkspaceConfig
from openrouter_provider.config.names import SETTING_NAMES
from openrouter_provider.config.parsing import ConfigModel
from openrouter_provider.config.policy import PolicyConfig

ROOT = Path(__file__).resolve().parents[3]
REFERENCE = next(iter(sorted((ROOT / "docs").glob("config-reference*.md")))).read_text(encoding="utf-8")


def documented(table: str) -> list[str]:
    """Return the first steps of the paths in a table's first column, each once and in order."""
    text = REFERENCE.partition(f"<!-- {table} -->")[2].partition(f"<!-- /{table} -->")[0]
    return list(dict.fromkeys(re.findall(r"^\| `([\w:-]+)[.\w<>]*` \|", text, re.MULTILINE)))


@pytest.mark.parametrize(
    ("table", "model"),
    [
        ("service settings", ServiceConfig),
        ("policy settings", PolicyConfig),
        ("workspace settings", WorkspaceConfig),
        ("guardrail settings", GuardrailConfig),
        ("provider key settings", ByokKeyConfig),
        *((f"{section.setting} settings", section.model) for section in SECTIONS),
    ],
)
def test_each_section_s_table_is_its_model(table: str, model: type[ConfigModel]) -> None:
    """A table has a row for each field of the model, in its order."""
    assert documented(table) == [to_camel(field) for field in model.model_fields]


@pytest.mark.parametrize(
    ("table", "model", "section"),
    [
        *[("service settings", ServiceConfig, section) for section in ServiceConfig.inner],
        *[("workspace settings", WorkspaceConfig, section) for section in WorkspaceConfig.inner],
    ],
)
def test_each_section_within_a_section_has_its_rows(table: str, model: type[ConfigModel], section: str) -> None:
    """A setting that is an object has a row for each of its own settings, in their order."""
    text = REFERENCE.partition(f"<!-- {table} -->")[2].partition(f"<!-- /{table} -->")[0]
    rows = re.findall(rf"^\| `{section}\.(\w+)` \|", text, re.MULTILINE)
    assert rows == [to_camel(field) for field in model.inner[section].model_fields]


def test_the_project_s_table_has_every_setting() -> None:
    """Each setting that is read is in the table."""
    ours = [name.partition(":")[2] for name in documented("project settings") if name.startswith("openrouter-keys:")]
    assert sorted(ours) == sorted(SETTING_NAMES)
