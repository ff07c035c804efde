"""What a setting's value means, whatever type it comes in.

`pulumi config set --path` writes 2.50 as a text and 20270301 as a number, YAML has types of its own, and what is set
with `--type string`, or comes from an environment, is a text. A value that has one meaning for its setting is read as
that; one that has none or two stays as it is, and its setting's check says what it must be.
"""

import json
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.alias_generators import to_camel

Reader = Callable[[Any], Any]

_NUMBER = re.compile(r"[-+]?(?:(?:0|[1-9][0-9]{0,399})(?:\.[0-9]{0,99})?|\.[0-9]{1,99})(?:[eE][-+]?[0-9]{1,3})?")
_WHOLE = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,399})")
_FLAGS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}


def meant(kind: Any, value: Any) -> Any:
    """Return the value as the kind of setting has it where it can mean nothing else, and otherwise as it came.

    >>> meant(float, "2.50"), meant(str, 20270301), meant(bool, "TRUE"), meant(float, "1,000")
    (2.5, '20270301', True, '1,000')

    Args:
        kind: the annotation of the setting in its model: a scalar, a tuple, a dict, or a section's model.
        value: what Pulumi or a file of services has there.
    """
    return _reader(kind)(value)


@cache
def _reader(kind: Any) -> Reader:
    """Return what reads values of this kind; made once, since a model has many settings and a stack many services."""
    origin, parts = get_origin(kind), get_args(kind)
    if origin is Annotated:
        return _reader(parts[0])
    if origin in (Union, UnionType):
        return _optional(next(part for part in parts if part is not NoneType))
    if origin is tuple:
        return _list_of(_reader(parts[0]))
    if origin is dict:
        return _by_name(_label if parts[1] is str else _reader(parts[1]))
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return _section(kind)
    return {float: _number, int: _whole, bool: _flag}.get(kind, _text)


def _optional(kind: Any) -> Reader:
    """Null is written as a text where `config set` writes it; for a setting that is a text, it may be meant as one."""
    read = _reader(kind)
    return lambda value: None if value == "null" and read is not _text else read(value)


def _number(value: Any) -> Any:
    text = value.strip() if isinstance(value, str) else ""
    if _WHOLE.fullmatch(text):
        return int(text)
    return float(text) if _NUMBER.fullmatch(text) else value


def _whole(value: Any) -> Any:
    number = _number(value)
    if not isinstance(number, float):
        return number
    return int(number) if number.is_integer() else value


def _flag(value: Any) -> Any:
    return _FLAGS.get(value.strip(), value) if isinstance(value, str) else value


def _text(value: Any) -> Any:
    """A whole number is the text of its digits. YAML has taken zeros off a fraction, and true may be no text at all."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _label(value: Any) -> Any:
    return str(value).lower() if isinstance(value, bool) else _text(value)


def _list_of(read: Reader) -> Reader:
    def elements(value: Any) -> Any:
        found = _from_json(value)
        return [read(element) for element in found] if isinstance(found, list | tuple) else value

    return elements


def _by_name(read: Reader) -> Reader:
    def entries(value: Any) -> Any:
        found = _from_json(value)
        return {_text(name): read(entry) for name, entry in found.items()} if isinstance(found, Mapping) else value

    return entries


def _section(model: type[BaseModel]) -> Reader:
    kinds: dict[str, Any] = {
        field.alias or to_camel(name): field.annotation for name, field in model.model_fields.items()
    }
    readers = {name: _reader(kind) for name, kind in kinds.items()}

    def settings(value: Any) -> Any:
        found = _from_json(value)
        if not isinstance(found, Mapping):
            return _flag(value)  # Some sections may be switched on or off as a whole.
        return {_text(name): readers.get(name, _as_it_is)(setting) for name, setting in found.items()}

    return settings


def _as_it_is(value: Any) -> Any:
    return value


def _from_json(value: Any) -> Any:
    """Return the object or list that a text holds as JSON."""
    if not isinstance(value, str) or not value.lstrip().startswith(("{", "[")):
        return value
    with suppress(ValueError, RecursionError):
        return json.loads(value)
    return value
