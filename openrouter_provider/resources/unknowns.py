"""What a preview does not know yet."""

from collections.abc import Mapping
from typing import Any

from pulumi.output import Unknown
from pulumi.runtime.rpc import UNKNOWN


def is_unknown(value: object) -> bool:
    """Return whether a preview does not know this value yet."""
    return isinstance(value, Unknown) or (isinstance(value, str) and value == UNKNOWN)


def has_unknown(value: object) -> bool:
    """Return whether a preview does not know this value or a part of it."""
    if isinstance(value, Mapping):
        return any(has_unknown(part) for part in value.values())
    return any(has_unknown(part) for part in value) if isinstance(value, list) else is_unknown(value)


def on_the_wire(value: Any) -> Any:
    """Return the value with each unknown in it as the sentinel that an answer to the engine may carry."""
    if is_unknown(value):
        return UNKNOWN
    if isinstance(value, dict):
        return {name: on_the_wire(part) for name, part in value.items()}
    return [on_the_wire(part) for part in value] if isinstance(value, list) else value
