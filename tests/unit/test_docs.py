"""What the documents say of the config, and where they point to."""

import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic.alias_generators import to_camel

import openrouter_provider
from openrouter_provider.config.models import ServiceConfig
from openrouter_provider.config.names import SETTING_NAMES
from openrouter_provider.config.stack import StackConfig, parse_stack_config
from openrouter_provider.settings import BASE_URL_CONFIG, MANAGEMENT_KEY_CONFIG

ROOT = Path(__file__).resolve().parents[2]
PROJECT = "openrouter-keys"
README = (ROOT / "README.md").read_text(encoding="utf-8")
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("examples/*/*.md")])
PLAIN = [path for path in DOCUMENTS if path.parent.name != "adr"]
OWN_WORDS = re.compile(
    r"\b(?:wish(?:es|ed)?|respelled|respelling|spellings?|li(?:fe|ves) of (?:its|their) own)\b", re.IGNORECASE
)
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)


def documented(table: str) -> list[str]:
    """Return the names in the first column of the README's table between two markers."""
    text = README.partition(f"<!-- {table} -->")[2].partition(f"<!-- /{table} -->")[0]
    return [name for cell in re.findall(r"^\|([^|]+)\|", text, re.MULTILINE) for name in re.findall("`([^`]+)`", cell)]


def links(document: Path) -> Iterator[tuple[Path, str]]:
    """Yield the file and the anchor of each link of a document that leads to this repository."""
    text = FENCE.sub("", document.read_text(encoding="utf-8"))
    for target in LINK.findall(text):
        if "://" not in target and not target.startswith("mailto:"):
            name, _, anchor = target.partition("#")
            yield (document.parent / name).resolve() if name else document, anchor


def anchors(document: Path) -> set[str]:
    """Return the anchors that a document's headings make."""
    text = FENCE.sub("", document.read_text(encoding="utf-8"))
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


def stack_config(name: str) -> dict[str, Any]:
    """Return a stack's config file."""
    loaded: dict[str, Any] = yaml.safe_load((ROOT / f"Pulumi.{name}.yaml").read_text(encoding="utf-8"))
    return loaded


def parsed(name: str) -> StackConfig:
    """Return a stack's config as the program would see it."""
    config = stack_config(name)["config"]
    return parse_stack_config({key: config.get(f"{PROJECT}:{key}") for key in SETTING_NAMES}, f"{PROJECT}/{name}")


def test_readme_names_settings_that_exist() -> None:
    """The short tables are a choice from the full reference: each name in them is a setting."""
    assert documented("service settings")
    assert set(documented("service settings")) <= {to_camel(field) for field in ServiceConfig.model_fields}
    stack = documented("project settings")
    assert [name for name in stack if not name.startswith("openrouter:")]
    assert {name.removeprefix(f"{PROJECT}:") for name in stack} <= {
        *SETTING_NAMES,
        MANAGEMENT_KEY_CONFIG,
        BASE_URL_CONFIG,
    }


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(document: Path) -> None:
    """Each link to a file of the repository leads to a file, and each anchor to a heading."""
    for target, anchor in links(document):
        assert target.exists(), target.name
        assert not anchor or anchor in anchors(target), f"{target.name}#{anchor}"


@pytest.mark.parametrize("document", PLAIN, ids=lambda path: str(path.relative_to(ROOT)))
def test_documents_use_known_words(document: Path) -> None:
    """Arguments are arguments and settings are settings: words of the code's own stay in the code."""
    assert OWN_WORDS.findall(LINK.sub("", document.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize("name", openrouter_provider.__all__)
def test_public_docstrings_use_known_words(name: str) -> None:
    """So it is with what `help()` and the reference show of a public name."""
    subject = getattr(openrouter_provider, name)
    shown = [subject, *(member for part, member in vars(subject).items() if not part.startswith("_"))]
    texts = [inspect.getdoc(each) or "" for each in [*shown, getattr(subject, "__init__", None)]]
    said = re.sub(r"^ *\w+:", "", "\n".join(texts), flags=re.MULTILINE)  # without the names of arguments
    assert OWN_WORDS.findall(said) == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_tests_that_are_named_exist(document: Path) -> None:
    """Whoever looks for the test that shows a promise finds it."""
    text = document.read_text(encoding="utf-8")
    defined = "\n".join(path.read_text(encoding="utf-8") for path in ROOT.glob("tests/**/test_*.py"))
    for name in re.findall(r"`(?:tests/[\w/]+\.py::)?(test_\w+)`", text):
        assert f"def {name}(" in defined, name
    for path, name in re.findall(r"(tests/[\w/]+\.py)(?:::(\w+))?", text):
        assert f"def {name}(" in (ROOT / path).read_text(encoding="utf-8") if name else (ROOT / path).exists(), (
            name or path
        )


def test_each_protection_names_its_test() -> None:
    """Each row of the threat model's table says what shows it."""
    table = (ROOT / "docs" / "threat-model.md").read_text(encoding="utf-8").partition("## What is protected")[2]
    rows = [line for line in table.partition("\n## ")[0].splitlines() if line.startswith("| ")][1:]
    assert len(rows) > 10
    assert [row for row in rows if "::test_" not in row.split(" | ")[-1]] == []


@pytest.mark.parametrize("page", sorted((ROOT / "docs" / "adr").glob("0*.md")), ids=lambda path: path.name)
def test_decisions_say_what_was_weighed(page: Path) -> None:
    """A decision's page has its four parts and stands in the list."""
    headings = re.findall(r"^## (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    assert headings == ["Context", "Decision", "Consequences", "Rejected"]
    assert f"]({page.name})" in (page.parent / "README.md").read_text(encoding="utf-8")


def test_dev_has_three_services_that_differ() -> None:
    """The example stack parses, and its services differ in limit, reset and readers."""
    services = parsed("dev").services
    assert len({(wish.limit, wish.limit_reset) for wish in services.values()}) == len(services) == 3
    assert len({wish.readers for wish in services.values()}) == 3


def test_prod_shows_production_settings() -> None:
    """The production stack parses, and each service has a KMS key, a recovery window, readers and a rotation."""
    for wish in parsed("prod").services.values():
        assert wish.kms_key_id
        assert wish.recovery_window_in_days == 30
        assert wish.readers
        assert wish.rotation
    assert stack_config("prod")["config"][f"{PROJECT}:maxLimit"]


@pytest.mark.parametrize("name", ["dev", "prod"])
def test_stack_files_hold_no_management_key(name: str) -> None:
    """The committed stacks leave the management key to the environment."""
    assert not any(key.startswith("openrouter:") for key in stack_config(name)["config"])


def test_project_declares_settings_that_exist() -> None:
    """Each declared setting is one of the program's; one without a default is demanded, so only `services` has none."""
    project = yaml.safe_load((ROOT / "Pulumi.yaml").read_text(encoding="utf-8"))
    declared = project["config"]
    assert set(declared) <= {f"{PROJECT}:{name}" for name in SETTING_NAMES}
    assert [key for key, entry in declared.items() if "default" not in entry] == [f"{PROJECT}:services"]
    assert all(entry["type"] in ("string", "object", "array") and entry["description"] for entry in declared.values())


def test_readme_shows_two_commands_that_exist() -> None:
    """The commands that the README starts with are the Makefile's."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = re.findall(r"^make (\w+)", README, re.MULTILINE)
    assert targets[:2] == ["demo", "test"]
    assert all(re.search(rf"^{target}:", makefile, re.MULTILINE) for target in targets)
