"""A YAML text by its lines, so that one entry of it can be taken out or put in and every other line stays as it is."""

import json
import re
from collections.abc import Collection, Mapping
from typing import Any

import yaml

STEP = "  "
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_.:-]*(?<!:)")
_WORDS = frozenset(("true", "false", "null", "yes", "no", "on", "off", "y", "n"))


def written(name: str, value: Any) -> list[str]:
    """Return the lines of a setting: an object as a block two levels deep, and everything else as JSON, which is YAML.

    >>> written("checkout", {"limit": 5, "tags": {"Team": "a b"}})
    ['checkout:', '  limit: 5', '  tags: {"Team": "a b"}']
    """
    nested = isinstance(value, Mapping) and value and any(isinstance(part, Mapping) for part in value.values())
    of_settings = isinstance(value, Mapping) and value and "limit" in value
    if nested or of_settings:
        return [f"{key_of(name)}:", *indented([line for each in value.items() for line in written(*each)], STEP)]
    return [f"{key_of(name)}: {json.dumps(value, ensure_ascii=False)}"]


def key_of(name: str) -> str:
    """Return a name as YAML has it before a colon."""
    return name if _PLAIN.fullmatch(name) and name.lower() not in _WORDS else json.dumps(name)


def indented(lines: Collection[str], by: str) -> list[str]:
    """Return lines further to the right; empty ones stay empty."""
    return [f"{by}{line}" if line else line for line in lines]


class YamlLines:
    """A YAML text from which entries of block mappings are cut and into which they are put.

    Args:
        text: the text.
    """

    def __init__(self, text: str) -> None:
        self._lines = text.splitlines()

        self._node: tuple[str, yaml.Node | None] = ("", None)

    @property
    def text(self) -> str:
        """The text as it is by now."""
        return "".join(f"{line}\n" for line in self._lines)

    def _composed(self) -> yaml.Node | None:
        text = self.text
        if self._node[0] != text:
            self._node = text, yaml.compose(text, _LOADER)
        return self._node[1]

    def _find(self, path: tuple[str, ...]) -> tuple[yaml.Node, yaml.Node] | None:
        """Return the nodes of an entry's name and value."""
        found: tuple[yaml.Node, yaml.Node] | None = None
        node = self._composed()
        for step in path:
            pairs = node.value if isinstance(node, yaml.MappingNode) else []
            found = next((pair for pair in pairs if pair[0].value == step), None)
            if found is None:
                return None
            node = found[1]
        return found

    def is_block(self, path: tuple[str, ...]) -> bool:
        """Return whether there is an entry that is a mapping with a line for each of its own."""
        found = self._find(path)
        return found is not None and isinstance(found[1], yaml.MappingNode) and not found[1].flow_style

    def _span(self, path: tuple[str, ...]) -> tuple[int, int, int]:
        """Return an entry's first line with the comments right above it, the line after its last, and its column."""
        found = self._find(path)
        assert found is not None, "looked for before"  # noqa: S101 - callers ask first
        first, column = found[0].start_mark.line, found[0].start_mark.column
        last = first + 1
        for number in range(first + 1, len(self._lines)):
            if not self._belongs(self._lines[number], column):
                break
            if self._lines[number].strip():
                last = number + 1
        while first > 0 and self._lines[first - 1].startswith(" " * column + "#"):
            first -= 1
        return first, last, column

    @staticmethod
    def _belongs(line: str, column: int) -> bool:
        indent = len(line) - len(line.lstrip(" "))
        return not line.strip() or indent > column or (indent == column and line.lstrip(" ").startswith("- "))

    def cut(self, paths: Collection[tuple[str, ...]]) -> None:
        """Take entries away, each with the comments right above it."""
        for first, last, _ in sorted((self._span(path) for path in paths), reverse=True):
            del self._lines[first:last]

    def taken(self, path: tuple[str, ...]) -> list[str]:
        """Return an entry's lines as if it stood at the margin."""
        first, last, column = self._span(path)
        return [line[column:] for line in self._lines[first:last]]

    def append(self, path: tuple[str, ...], lines: Collection[str]) -> None:
        """Put an entry after the last one of a block mapping."""
        found = self._find(path)
        assert found is not None, "looked for before"  # noqa: S101 - callers ask first
        final = found[1].value[-1][0].value
        _, last, column = self._span((*path, final))
        self._lines[last:last] = indented(lines, " " * column)

    def write(self, path: tuple[str, ...], value: Any) -> None:
        """Make an entry say something else."""
        self.write_lines(path, written(path[-1], value))

    def write_lines(self, path: tuple[str, ...], lines: Collection[str]) -> None:
        """Make an entry's lines these; where there is none, it comes last in its mapping."""
        if self._find(path):
            found = self._find(path)
            first, last, column = self._span(path)
            first = found[0].start_mark.line if found else first
            self._lines[first:last] = indented(lines, " " * column)
        elif self.is_block(path[:-1]):
            self.append(path[:-1], lines)
        elif len(path) > 1:
            self.write_lines(path[:-1], [f"{key_of(path[-2])}:", *indented(lines, STEP)])
        else:
            self._lines += lines
