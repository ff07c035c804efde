"""`openrouter-keys explain`."""

import json
import re
import sys
from collections.abc import Iterator, Mapping
from importlib.metadata import metadata
from importlib.resources import files
from pathlib import Path
from shutil import get_terminal_size
from textwrap import wrap
from typing import Annotated

import typer

from .options import CLEAN, FAILED, JsonOption, TextFormat, TextFormatOption, format_of

EXAMPLE = "Example: openrouter-keys explain daily-limit"
PAGE = "errors.md"
SEARCHED = 4
"""The fewest letters that are looked for in the page's text."""
_LINK = re.compile(r"\[([^\]]+)\]\(([^)\s]*)\)")
_ANCHOR = re.compile(r"errors\.(?:md|html)#([a-z0-9-]+)")
_ROW = re.compile(r"^\| (.+?) \|.*\(#([a-z0-9-]+)\) \|$", re.MULTILINE)
_LEAD = re.compile(r"^(?:- )?(`[^:]*`): ", re.MULTILINE)
"""Other programs' words, before what they mean."""
_ITEM = re.compile(r"\s*(?:[-*]|\d+\.) ")
_PHRASE = re.compile(r"`([^`]{12,})`")

ErrorArgument = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="ERROR",
        help="An anchor, an error's class, an HTTP status, or a whole message.",
        show_default="list all",
    ),
]


def explain(
    error: ErrorArgument = None, format_: TextFormatOption = TextFormat.TEXT, as_json: JsonOption = False
) -> None:
    """Say what an error means and what to do about it: the page that messages name, without a network.

    Exit code 0: explained; 1: nothing is known under that name.
    """
    sections = sections_of(page())
    asked = " ".join(error or ())
    in_json = format_of(format_, as_json) is TextFormat.JSON
    found = anchors_for(asked, page()) if asked else list(sections)
    if in_json and found:
        typer.echo(json.dumps([_as_object(anchor, sections[anchor]) for anchor in found], indent=2))
        raise typer.Exit(CLEAN)
    if not asked:
        for anchor, text in sections.items():
            typer.echo(f"{anchor:<30}{text.partition(chr(10))[0]}")
        raise typer.Exit(CLEAN)
    for anchor in found:
        typer.echo(f"{for_terminal(plain(sections[anchor]))}\n")
    if not found:
        typer.echo("openrouter-keys: no such error; `openrouter-keys explain` lists those there are", err=True)
        raise typer.Exit(FAILED)
    typer.echo(f"{documentation()}errors.html#{found[0]}")


def _as_object(anchor: str, text: str) -> dict[str, str]:
    return {
        "anchor": anchor,
        "title": text.partition("\n")[0],
        "text": plain(text),
        "url": f"{documentation()}errors.html#{anchor}",
    }


def page() -> str:
    """Return docs/errors.md: what the package was built with, or the checkout's own."""
    built = files(__package__) / PAGE
    source = built if built.is_file() else Path(__file__).parents[2] / "docs" / PAGE
    return source.read_text(encoding="utf-8")


def documentation() -> str:
    """Return the address of the documents, from the package's metadata, with a slash at its end."""
    labelled = [entry.partition(", ") for entry in metadata("openrouter-keys").get_all("Project-URL") or []]
    return next((url.rstrip("/") + "/" for label, _, url in labelled if label == "Documentation"), "")


def sections_of(text: str) -> Mapping[str, str]:
    """Return the sections of the page, each with its title, by anchor."""
    parts = re.split(r"^## ", text, flags=re.MULTILINE)[1:]
    return {anchor_of(part.partition("\n")[0]): part.strip() for part in parts}


def anchor_of(title: str) -> str:
    """Return the anchor that a heading gets.

    >>> anchor_of("Not a management key")
    'not-a-management-key'
    """
    return re.sub(r"[^\w -]", "", title.lower()).strip().replace(" ", "-")


def anchors_for(asked: str, text: str) -> list[str]:
    """Return the sections that an anchor, a class, a status or a message leads to, in the order of the page.

    Args:
        asked: what the user typed or pasted.
        text: the page.
    """
    sections = sections_of(text)
    for candidates in (_named(asked), _quoted(asked, sections), _in_table(asked, text), _said(asked, sections)):
        found = set(candidates) & set(sections)
        if found:
            return [anchor for anchor in sections if anchor in found]
    return []


def _named(asked: str) -> list[str]:
    return _ANCHOR.findall(asked) or [anchor_of(asked.removeprefix("#"))]


def _quoted(asked: str, sections: Mapping[str, str]) -> Iterator[str]:
    """Yield the sections that explain a sentence of another program which is in a pasted message."""
    for anchor, text in sections.items():
        sentences = (sentence for lead in _LEAD.findall(text) for sentence in re.findall(r"`([^`]+)`", lead))
        if any(sentence.casefold() in asked.casefold() for sentence in sentences):
            yield anchor


def _in_table(asked: str, text: str) -> Iterator[str]:
    """Yield the anchors of the table's rows whose first cell has a word of what was asked: a class, or a status."""
    words = set(re.findall(r"[A-Z]\w+[a-z]\w*|\b[45]\d\d\b", asked))
    for cell, anchor in _ROW.findall(text):
        if words & set(re.findall(r"\w+", cell)):
            yield anchor


def _said(asked: str, sections: Mapping[str, str]) -> Iterator[str]:
    """Yield the sections whose title or quoted sentence is in a pasted message, or that have what was asked in them."""
    lowered = asked.casefold()
    for anchor, text in sections.items():
        title = text.partition("\n")[0].casefold()
        phrases = [phrase.casefold() for phrase in _PHRASE.findall(text)]
        searched = len(lowered) >= SEARCHED and lowered in text.casefold()
        if title in lowered or any(phrase in lowered for phrase in phrases) or searched:
            yield anchor


def plain(text: str) -> str:
    """Return a section for a terminal: links within the page as the command that shows them, others as addresses."""
    return _LINK.sub(_plain_link, text)


def for_terminal(text: str) -> str:
    """Return a section with its paragraphs as wide as the terminal; elsewhere as it is."""
    return folded(text, get_terminal_size().columns) if sys.stdout.isatty() else text


def folded(text: str, width: int) -> str:
    """Return a section whose paragraphs are broken between words; code, tables and titles stay as they are.

    Args:
        text: the section.
        width: the characters of a line.
    """
    folds = (_folded(lines, width) if is_prose else lines for lines, is_prose in _blocks(text))
    return "\n".join(line for lines in folds for line in lines)


def _blocks(text: str) -> Iterator[tuple[list[str], bool]]:
    """Yield the lines of each paragraph and item of a list, and each other line by itself; and whether it is prose."""
    prose: list[str] = []
    in_code = False
    for line in text.splitlines():
        is_fence = line.startswith("```")
        is_whole = in_code or is_fence or not line.strip() or line.startswith(("|", "#"))
        if prose and (is_whole or _ITEM.match(line)):
            yield prose, True
            prose = []
        if is_whole:
            yield [line], False
        else:
            prose.append(line)
        in_code ^= is_fence
    yield prose, True


def _folded(lines: list[str], width: int) -> list[str]:
    after = "  " if lines and _ITEM.match(lines[0]) else ""
    joined = " ".join(line.strip() for line in lines)
    return wrap(joined, width, subsequent_indent=after, break_long_words=False, break_on_hyphens=False)


def _plain_link(link: re.Match[str]) -> str:
    label, target = link.groups()
    if target.startswith("#"):
        return f"{label} (`openrouter-keys explain {target[1:]}`)"
    address = target if "://" in target else documentation() + target.replace(".md", ".html")
    return f"{label} ({address})"
