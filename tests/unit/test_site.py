"""The site of the documents: it builds without a warning, fetches nothing, and has a page for each resource."""

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
import yaml

import openrouter_provider
from openrouter_provider.program.service_key import ServiceKeyArgs
from tools.shell import ROOT
from tools.site import build
from tools.site_hooks import described, indented, relinked, table_of, urls

DOCS = ROOT / "docs"
KEBAB = re.compile(r"(?<!^)(?=[A-Z])")
RESOURCES = {
    name: KEBAB.sub("-", name).lower()
    for name in openrouter_provider.__all__
    if name == "ServiceKey" or hasattr(getattr(openrouter_provider, name), "get_provider")
}
PICTURES = ("overview.svg", "state-and-trust.svg", "rotation.svg")
LARGEST_PICTURE = 120_000
FETCHED = re.compile(
    r"<(?:script|img|iframe)[^>]*\bsrc=\"?https?:|<link[^>]*rel=\"?(?:stylesheet|preconnect|icon)\"?[^>]*https?:"
)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built site; a warning of mkdocs fails here."""
    folder = tmp_path_factory.mktemp("site")
    build(folder)
    return folder


def test_nothing_is_fetched_from_elsewhere(site: Path) -> None:
    """No page loads a script, a style, a font or a picture from another place."""
    pages = sorted(site.rglob("*.html"))
    assert len(pages) > 30
    assert [str(page.relative_to(site)) for page in pages if FETCHED.search(page.read_text(encoding="utf-8"))] == []
    styles = "".join(path.read_text(encoding="utf-8") for path in site.rglob("*.css"))
    assert not re.search(r"url\(['\"]?https?:|@import", styles)


def test_each_resource_has_a_page_with_its_arguments(site: Path) -> None:
    """Every class that a program declares has its page, and there each argument of its docstring."""
    classes = {
        name for name in openrouter_provider.__all__ if hasattr(getattr(openrouter_provider, name), "get_provider")
    }
    assert set(RESOURCES) >= classes
    for name, page in RESOURCES.items():
        shown = (site / "resources" / f"{page}.html").read_text(encoding="utf-8")
        assert f'<h1 id="{name.lower()}">' in shown
        assert shown.count("<tr>") > 3, name


def test_the_reference_and_the_pages_outside_docs_are_in_it(site: Path) -> None:
    """README, security, changelog, pipelines and the Python reference are pages of the site."""
    for name in ("index", "security", "changelog", "contributing", "pipelines", "api/openrouter_provider/api/client"):
        assert (site / f"{name}.html").exists(), name


def test_every_page_is_in_the_menu() -> None:
    """No page of docs/ but the single decisions is missing from mkdocs.yml."""

    class Loader(yaml.SafeLoader):
        """Passes over what mkdocs calls by name."""

    Loader.add_multi_constructor("!", lambda _loader, _suffix, _node: None)
    Loader.add_multi_constructor("tag:yaml.org,2002:python/", lambda _loader, _suffix, _node: None)
    menu = yaml.load((ROOT / "mkdocs.yml").read_text(encoding="utf-8"), Loader)["nav"]  # noqa: S506 - it is a SafeLoader
    named = set(re.findall(r"[\w/-]+\.md", str(menu)))
    pages = {path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*.md") if not path.name.startswith("00")}
    assert pages - named == {name for name in pages if name.startswith("adr/0")}


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_is_for_light_and_dark(name: str) -> None:
    """Each drawing is well-formed, says in words what it shows, and has colours for either scheme."""
    text = (DOCS / name).read_text(encoding="utf-8")
    root = ElementTree.fromstring(text)  # noqa: S314 - a file of ours
    assert root.find("{http://www.w3.org/2000/svg}desc") is not None
    assert "prefers-color-scheme: dark" in text
    assert "http" not in text.replace("http://www.w3.org/2000/svg", "")


def test_the_report_s_picture_is_small() -> None:
    """The screenshot is a picture of moderate size, without a date or a comment in it."""
    picture = (DOCS / "report.png").read_bytes()
    assert picture.startswith(b"\x89PNG")
    assert len(picture) < LARGEST_PICTURE
    assert not re.search(rb"tEXt|tIME|iTXt", picture)


@pytest.mark.parametrize(
    ("place", "link", "wanted"),
    [
        ("index.md", "docs/errors.md#refused", "errors.md#refused"),
        ("pipelines.md", "../../docs/operations.md", "operations.md"),
        ("resources/api-key.md", "../stores.md", "../stores.md"),
        ("threat-model.md", "../examples/pipelines/README.md", "pipelines.md"),
        ("adr/0001.md", "../../CONTRIBUTING.md", "../contributing.md"),
        ("stores.md", "../tests/harness.py", f"{urls()['Repository']}/blob/main/tests/harness.py"),
        ("stores.md", "nowhere.md", "nowhere.md"),
        ("stores.md", "https://example.com/", "https://example.com/"),
    ],
)
def test_a_link_holds_in_the_site(place: str, link: str, wanted: str) -> None:
    """A link that is right on GitHub leads to the same page of the site, or back to the repository."""
    there = {"errors.md", "operations.md", "stores.md", "pipelines.md", "contributing.md", "index.md"}
    assert relinked(f"[x]({link})", place, there) == f"[x]({wanted})"


def test_code_is_not_relinked() -> None:
    """What looks like a link in a fenced block stays."""
    text = "```\n[x](docs/errors.md)\n```"
    assert relinked(text, "index.md", {"errors.md"}) == text


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("- one\n  two", "- one\n    two"),
        ("1. one\n   two", "1. one\n    two"),
        ("- one\n\n  ```sh\n  x\n  ```\n\ntext\n  x", "- one\n\n    ```sh\n    x\n    ```\n\ntext\n  x"),
        ("```\n- one\n  two\n```", "```\n- one\n  two\n```"),
    ],
)
def test_a_list_s_items_are_continued(text: str, wanted: str) -> None:
    """An item's further lines go in by four columns, as Python's Markdown wants them; code stays as it is."""
    assert indented(text) == wanted


def test_arguments_come_from_the_docstring() -> None:
    """A page's table of arguments is the docstring's, so that each is described once."""
    assert list(described("Do.\n\nArgs:\n    one: the\n        first | x.\n\nRaises:\n    X: y.\n")) == [
        ("one", "the first \\| x.")
    ]
    assert table_of(ServiceKeyArgs).count("\n") == len(ServiceKeyArgs.__dataclass_fields__) + 1
