"""What a resource's properties are to its provider: one table of fields answers check, diff, update and read."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pulumi.runtime.rpc import UNKNOWN

from ..api.scrub import spelled_out
from .sameness import has_unknown, is_unknown, on_the_wire, same, same_set

__all__ = [
    "UNKNOWN",
    "Failures",
    "Field",
    "Props",
    "actual",
    "changed",
    "checked",
    "given",
    "has_unknown",
    "is_undeclared",
    "is_unknown",
    "on_the_wire",
    "present",
    "same",
    "shown",
    "storable",
]

Props = dict[str, Any]
Failures = dict[str, str]
"""By property, what is wrong with it."""


def _as_it_is(value: Any) -> Any:
    return value


@dataclass(frozen=True)
class Field:
    """One managed property.

    Attributes:
        name: as in the resource's inputs and in the API.
        check: returns a wish as it is kept, or raises ValueError with what is wrong; a null or unknown one is not
            checked.
        replaces: the API takes it only at creation, so that a change needs a new object.
        if_declared: managed only where the program declares it; otherwise the API's choice stands.
        cleared: what is managed only where it is declared is taken back, as null, when its declaration is taken out.
        required: an object cannot be made without it.
        default: what a null wish means.
        shown: whether the API's records show it; one that they don't stays as it was last wished.
        secret: whether the state holds it encrypted only.
        respelled: the API may answer it in another spelling than it was given.
        read: returns a record's value as a wish would spell it.
        alike: whether two values are one wish, whichever way the API rounds, trims or spells it.
        reordered: the API may answer the list in another order, which is no change; the program's order is one.
    """

    name: str
    check: Callable[[Any], Any] = _as_it_is
    replaces: bool = False
    if_declared: bool = False
    cleared: bool = False
    required: bool = False
    default: Any = None
    shown: bool = True
    secret: bool = False
    respelled: bool = False
    read: Callable[[Any], Any] = _as_it_is
    alike: Callable[[Any, Any], bool] = same
    reordered: bool = False


def checked(fields: Iterable[Field], news: Mapping[str, Any]) -> tuple[Props, Failures]:
    """Return the normalised wishes and, by property, what is wrong with them."""
    inputs: Props = {}
    failures: Failures = {}
    for field in fields:
        value = news.get(field.name)
        try:
            known = value is not None and not is_unknown(value)
            inputs[field.name] = field.check(value) if known else field.default if value is None else value
        except ValueError as error:
            failures[field.name] = str(error)
    return inputs, failures


def changed(fields: Iterable[Field], actual: Mapping[str, Any], wanted: Mapping[str, Any]) -> list[Field]:
    """Return the managed fields whose wanted value differs from the actual one."""
    return [field for field in fields if _differs(field, actual, wanted)]


def is_undeclared(field: Field, wanted: Mapping[str, Any]) -> bool:
    """Return whether a wish leaves the property to the API."""
    return field.if_declared and wanted.get(field.name) is None


def _differs(field: Field, actual: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    if is_undeclared(field, wanted):
        return field.cleared and actual.get(field.name) is not None
    one, other = actual.get(field.name), wanted.get(field.name)
    return is_unknown(one) or is_unknown(other) or not field.alike(one, other)


def shown(fields: Iterable[Field], record: object) -> Props:
    """Return what a record says of the managed fields, as wishes would spell it."""
    return {field.name: field.read(getattr(record, field.name)) for field in fields if field.shown}


def given(fields: Iterable[Field], props: Mapping[str, Any]) -> Props:
    """Return the wishes that are not null, as a request that makes the object takes them."""
    return present({field.name: props.get(field.name) for field in fields})


def actual(fields: Iterable[Field], props: Mapping[str, Any], record: object) -> Props:
    """Return what a record says of those fields that the state manages, fit to be printed by Pulumi."""
    managed = [field for field in fields if not is_undeclared(field, props)]
    found = shown(managed, record)
    return {field.name: _settled(field, found[field.name], props.get(field.name)) for field in managed if field.shown}


def _settled(field: Field, value: Any, known: Any) -> Any:
    """Return what the state has where the API's answer is another spelling of that: a refresh must see no change."""
    if is_unknown(known):
        return storable(value)
    return known if field.alike(value, known) or (field.reordered and same_set(value, known)) else storable(value)


def storable(value: Any, known: Any = None) -> Any:
    """Return the API's value as the state keeps it: Pulumi prints what is there as it is, escapes and all.

    What the state has already was the program's own wish, which may well have several lines.
    """
    if same(value, known):
        return value
    if isinstance(value, Mapping):
        return {name: storable(part) for name, part in value.items()}
    if isinstance(value, list):
        return [storable(part) for part in value]
    return spelled_out(value) if isinstance(value, str) else value


def present(props: Mapping[str, Any]) -> Props:
    """Return the properties without those that are null: the engine keeps null and absent alike."""
    return {name: value for name, value in props.items() if value is not None}
