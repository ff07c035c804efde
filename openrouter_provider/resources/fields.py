"""What a resource's properties are to its provider: one table of fields answers diff, update and read."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pulumi.output import Unknown
from pulumi.runtime.rpc import UNKNOWN

Props = dict[str, Any]


@dataclass(frozen=True)
class Field:
    """One managed property.

    Attributes:
        name: as in the resource's inputs and in the API.
        replaces: the API takes it only at creation, so that a change needs a new object.
        if_declared: managed only where the program declares it; otherwise the API's choice stands.
    """

    name: str
    replaces: bool = False
    if_declared: bool = False


def is_unknown(value: object) -> bool:
    """Return whether a preview does not know this value yet."""
    return isinstance(value, Unknown) or (isinstance(value, str) and value == UNKNOWN)


def on_the_wire(value: Any) -> Any:
    """Return the value with each unknown in it as the sentinel that an answer to the engine may carry."""
    if is_unknown(value):
        return UNKNOWN
    if isinstance(value, dict):
        return {name: on_the_wire(part) for name, part in value.items()}
    return [on_the_wire(part) for part in value] if isinstance(value, list) else value


def same(one: object, other: object) -> bool:
    """Return whether two wishes are the same: numbers by value, null and absent alike, nothing equal to unknown."""
    if is_unknown(one) or is_unknown(other):
        return False
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    return one == other


def changed(fields: Iterable[Field], actual: Mapping[str, Any], wanted: Mapping[str, Any]) -> list[Field]:
    """Return the managed fields whose wanted value differs from the actual one."""
    return [field for field in fields if _differs(field, actual, wanted)]


def _differs(field: Field, actual: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    if field.if_declared and wanted.get(field.name) is None:
        return False
    return not same(actual.get(field.name), wanted.get(field.name))


def present(props: Mapping[str, Any]) -> Props:
    """Return the properties without those that are null: the engine keeps null and absent alike."""
    return {name: value for name, value in props.items() if value is not None}
