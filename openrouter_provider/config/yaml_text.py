"""Reads YAML files as Pulumi reads a stack's config: plain data, each name once, nothing that multiplies itself."""

import re
from collections.abc import Hashable
from typing import Any

import yaml

from ..api.scrub import printable


class Unusable(Exception):
    """A file can't be used as config; says why, without a value of it."""


class _Loader(yaml.SafeLoader):
    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012 - the base class declares it so

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            raise Unusable("has an alias (*name): write the settings out, or put them into defaults")
        return super().compose_node(parent, index)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode) and key.value in seen:
                raise Unusable(f"has {printable(key.value, length=63)} twice: keep one of the two")
            seen.add(key.value if isinstance(key, yaml.ScalarNode) else None)
        return super().construct_mapping(node, deep)


# The core types of YAML 1.2: NO stays a country's code, 12:30 a text, and 2027-01-01 a token.
for _tag, _form, _first in (
    ("null", r"(?:~|null|Null|NULL|)", "~nN"),
    ("bool", r"(?:true|True|TRUE|false|False|FALSE)", "tTfF"),
    ("int", r"[-+]?(?:0|[1-9][0-9]{0,399})", "-+0123456789"),
    ("float", r"[-+]?(?:\.[0-9]+|(?:0|[1-9][0-9]*)(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]{1,9})?", "-+.0123456789"),
):
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(f"^{_form}$"), [*_first, ""])


def load_yaml(content: bytes) -> object:
    """Return what a YAML document holds.

    Raises:
        Unusable: it is no YAML, goes too deep, has an alias, or has a name twice.
    """
    try:
        return yaml.load(content.decode("utf-8"), _Loader)  # noqa: S506 - a loader of plain data
    except yaml.MarkedYAMLError as error:
        line = f" at line {error.problem_mark.line + 1}" if error.problem_mark else ""
        raise Unusable(f"is no YAML{line}") from None
    except (yaml.YAMLError, ValueError, OverflowError):
        raise Unusable("is no YAML in UTF-8") from None
    except RecursionError:
        raise Unusable("goes too deep") from None
