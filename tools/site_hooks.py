"""What mkdocs does beside rendering docs/: pages from outside docs/, links out of it, the reference, arguments.

The documents are written for GitHub, where they are read as well. mkdocs, started in the repository's folder, calls the
functions whose names begin with `on_`.
"""

from __future__ import annotations

import inspect
import posixpath
import re
import tempfile
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

import openrouter_provider
from tools import reference
from tools.shell import ROOT

FROM_OUTSIDE = {
    "README.md": "index.md",
    "SECURITY.md": "security.md",
    "CONTRIBUTING.md": "contributing.md",
    "CHANGELOG.md": "changelog.md",
    "examples/pipelines/README.md": "pipelines.md",
}
"""Pages of the site that lie outside docs/, by their place in the repository."""
STYLE = ".md-grid { max-width: 75rem } .md-typeset td code { word-break: normal }"
"""Room for tables of many columns; names of arguments on one line."""
_LINK = re.compile(r"\]\((?!https?://|mailto:|#)([^)\s#]+)(#[^)\s]*)?\)")
_ARGUMENTS = re.compile(r"^<!-- arguments: (\w+) -->$", re.MULTILINE)
_OUTPUTS = re.compile(r"^<!-- outputs: (\w+) -->$", re.MULTILINE)
_ITEM = re.compile(r"([-*]|\d\.) ")


def on_config(config: MkDocsConfig) -> None:
    """Take the site's address from the package's metadata."""
    config.site_url = urls()["Documentation"]


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages from outside docs/ and the reference."""
    for source, page in FROM_OUTSIDE.items():
        files.append(File.generated(config, page, content=(ROOT / source).read_text(encoding="utf-8")))
    files.append(File.generated(config, "site.css", content=STYLE))
    with tempfile.TemporaryDirectory() as scratch:
        reference.write(Path(scratch))
        for written in sorted(Path(scratch).rglob("*.html")):
            name = f"api/{written.relative_to(scratch).as_posix()}"
            files.append(File.generated(config, name, content=written.read_text(encoding="utf-8")))
    return files


def on_page_markdown(markdown: str, page: Page, files: Files, **_: Any) -> str:
    """Return a page's text with links that hold in the site, its arguments, and lists that Python's Markdown reads."""
    place = page.file.src_uri
    markdown = markdown.replace("<!-- reference -->", modules())
    text = _ARGUMENTS.sub(lambda found: table_of(getattr(openrouter_provider, found[1])), markdown)
    text = _OUTPUTS.sub(lambda found: outputs_of(getattr(openrouter_provider, found[1])), text)
    return indented(relinked(text, place, {file.src_uri for file in files}))


def modules() -> str:
    """Return links to the reference's pages, which pdoc writes."""
    return "\n".join(f"- [{name}](api/{name.replace('.', '/')}.html)" for name in reference.MODULES)


def urls() -> dict[str, str]:
    """Return the project's addresses."""
    found: dict[str, str] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["urls"]
    return found


def relinked(text: str, place: str, there: set[str]) -> str:
    """Return a page's text with each link to a file of the repository as one within the site, or to the repository.

    Args:
        text: the page.
        place: where it is in the site.
        there: what else is in the site.
    """
    outside = {page: source for source, page in FROM_OUTSIDE.items()}
    home = posixpath.dirname(outside.get(place, f"docs/{place}"))

    def link(found: re.Match[str]) -> str:
        target, anchor = found[1], found[2] or ""
        wanted = posixpath.normpath(posixpath.join(home, target))
        inside = FROM_OUTSIDE.get(wanted, wanted.removeprefix("docs/") if wanted.startswith("docs/") else "")
        if inside in there:
            return f"]({posixpath.relpath(inside, posixpath.dirname(place) or '.')}{anchor})"
        if not (ROOT / wanted).exists():
            return found[0]  # which mkdocs then finds
        return f"]({urls()['Repository']}/blob/main/{wanted}{anchor})"

    parts = re.split(r"(^```.*?^```$)", text, flags=re.MULTILINE | re.DOTALL)
    return "".join(part if part.startswith("```") else _LINK.sub(link, part) for part in parts)


def indented(text: str) -> str:
    """Return a text whose list items continue four columns in, which GitHub's Markdown doesn't ask for."""
    return "\n".join(_indented(text.split("\n")))


def _indented(lines: list[str]) -> Iterator[str]:
    offset, fenced = 0, False
    for line in lines:
        fenced ^= line.startswith("```")
        item = None if fenced else _ITEM.match(line)
        if item:
            offset = len(item[0])
        elif line and not line.startswith(" "):
            offset = 0
        yield " " * (4 - offset) + line if offset and line.startswith(" " * offset) else line


def table_of(subject: type) -> str:
    """Return a class's arguments as a table, from the docstring that describes them."""
    source = subject if "Attributes:" in (subject.__doc__ or "") else vars(subject)["__init__"]
    rows = [f"| `{name}` | {text} |" for name, text in described(inspect.getdoc(source) or "")]
    return "| argument | meaning |\n|---|---|\n" + "\n".join(rows)


def outputs_of(subject: type) -> str:
    """Return the names of a resource's outputs as a sentence."""
    ours = "openrouter_provider.resources."
    kinds = (kind for kind in subject.__mro__[::-1] if kind is subject or kind.__module__.startswith(ours))
    names = (name for kind in kinds for name in inspect.get_annotations(kind) if not name.endswith("_class"))
    return f"Outputs: {', '.join(f'`{name}`' for name in names)}."


def described(docstring: str) -> Iterator[tuple[str, str]]:
    """Yield the names and the meanings under `Args:` or `Attributes:` of a docstring."""
    section = re.search(r"^(?:Args|Attributes):\n(.*?)(?:^\S|\Z)", docstring, re.MULTILINE | re.DOTALL)
    entries = re.findall(r"^ {4}(\w+): (.*(?:\n {8}.*)*)", section[1] if section else "", re.MULTILINE)
    yield from ((name, " ".join(text.split()).replace("|", "\\|")) for name, text in entries)
