"""What the documents about using a key show is what the files beside them hold."""

import json
import re
from textwrap import dedent
from typing import Any

import pytest
import yaml

from openrouter_provider.config.stack import parse_stack_config
from tests.harness import ROOT

DOCS = ROOT / "docs"
CONSUMERS = ROOT / "examples" / "consumers"
LOCK = ROOT / "examples" / "typescript-client" / "package-lock.json"


def blocks(document: str, language: str) -> list[str]:
    """Return the fenced blocks of a language in a document."""
    text = (DOCS / document).read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def squeezed(text: str) -> str:
    """Return a text without its indentation."""
    return "\n".join(line.strip() for line in dedent(text).splitlines())


@pytest.mark.parametrize(
    ("language", "files"),
    [("json", "*.json"), ("yaml", "*.yaml"), ("python", "lambda/*.py")],
)
def test_excerpts_are_in_the_files(language: str, files: str) -> None:
    """Each excerpt of a consumer's file is still in that file."""
    sources = [squeezed(path.read_text(encoding="utf-8")) for path in CONSUMERS.glob(files)]
    excerpts = blocks("using-the-key.md", language)
    assert excerpts
    for excerpt in excerpts:
        assert any(squeezed(excerpt) in source for source in sources), excerpt


def services(settings: dict[str, Any]) -> Any:
    """Return the services of a part of a stack's config."""
    return settings["openrouter-keys:services"]


def test_config_of_the_documents_is_accepted() -> None:
    """The services that the quick start and the page on headers declare are ones that the program takes."""
    quick, headers = blocks("quickstart.md", "yaml")[0], blocks("headers.md", "yaml")[0]
    hello = parse_stack_config({"services": services(yaml.safe_load(quick)["config"])}, "openrouter-keys/team").services
    checkout = parse_stack_config({"services": services(yaml.safe_load(headers))}, "openrouter-keys/team").services
    assert hello["hello"].app_title == "Quick start"
    assert checkout["checkout"].app_url == "https://checkout.example.com"


def test_lock_of_the_typescript_client_names_no_registry() -> None:
    """Each locked package has its hash, and leaves from where it comes to the machine."""
    packages = json.loads(LOCK.read_text(encoding="utf-8"))["packages"]
    installed = {name: package for name, package in packages.items() if name}
    assert all(package["integrity"].startswith("sha512-") for package in installed.values())
    assert not any("resolved" in package for package in installed.values())
