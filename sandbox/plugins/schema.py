"""What a resource type's properties are, and what a difference in one of them means."""

import inspect
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from sandbox.plugins.wire import Properties, has_unknown

DEFAULTS_NAME = "__defaults"


class Change(Enum):
    """What happened to one property."""

    ADD = "add"
    DELETE = "delete"
    UPDATE = "update"


@dataclass(frozen=True)
class Difference:
    """One changed property, and whether it needs a new resource."""

    change: Change
    replaces: bool


@dataclass(frozen=True)
class Schema:
    """The properties of one resource type.

    Args:
        inputs: names a program may give.
        required: inputs that must be given.
        replaces: inputs that can't be changed on an existing resource.
        computed: inputs for which the cloud's value stands when none is given.
        secrets: properties that are secret whether or not the input was.
        defaults: values of inputs that weren't given.
        normal_forms: how two spellings of one value are made equal, by property.
    """

    inputs: frozenset[str]
    required: frozenset[str] = frozenset()
    replaces: frozenset[str] = frozenset()
    computed: frozenset[str] = frozenset()
    secrets: frozenset[str] = frozenset()
    defaults: Mapping[str, Any] = field(default_factory=dict)
    normal_forms: Mapping[str, Callable[[Any], Any]] = field(default_factory=dict)

    def differences(self, state: Properties, wanted: Properties) -> dict[str, Difference]:
        """Return how `wanted` inputs differ from the last known `state`, by property."""
        found: dict[str, Difference] = {}
        for name in sorted(self.inputs):
            change = self._change(name, state.get(name), wanted.get(name))
            if change is not None:
                found[name] = Difference(change, name in self.replaces)
        return found

    def _change(self, name: str, old: object, new: object) -> Change | None:
        if has_unknown(new):
            return Change.ADD if _is_empty(old) else Change.UPDATE
        if new is None and name in self.computed:
            return None
        normal = self.normal_forms.get(name, _same)
        if (_is_empty(old) and _is_empty(new)) or normal(old) == normal(new):
            return None
        if _is_empty(old):
            return Change.ADD
        return Change.DELETE if new is None else Change.UPDATE


def input_names(arguments_class: type) -> frozenset[str]:
    """Return the property names that a generated arguments class accepts.

    Take the class from its package's service module (`secretmanager.SecretArgs`): importing the file that defines it
    leaves the lazily loaded service module without its names, for whoever imports that later.
    """
    signature = inspect.signature(arguments_class)
    return frozenset(_camel_case(name) for name in signature.parameters)


def normal_json(text: object) -> object:
    """Return a JSON document's meaning, or the text itself when it isn't JSON."""
    if not isinstance(text, str):
        return text
    try:
        return json.loads(text)
    except ValueError:
        return text


def normal_set(items: object) -> object:
    """Return a list's members without their order."""
    return sorted(items) if isinstance(items, list) else items


def _camel_case(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def _same(value: object) -> object:
    return value


def _is_empty(value: object) -> bool:
    return value is None or value is False or value in ("", [], {})
