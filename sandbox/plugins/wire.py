"""Properties on the wire: protobuf Structs with Pulumi's marks for secrets and unknown values."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from google.protobuf.struct_pb2 import Struct, Value  # type: ignore[import-untyped]  # it has no types here

Properties = dict[str, Any]

UNKNOWN_SENTINEL: Final = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
_SIGNATURE_KEY: Final = "4dabf18193072939515e22adb298388d"
_SECRET_SIGNATURE: Final = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 - the mark of a secret, not one


class Unknown:
    """A value that only a later step of the deployment will know."""

    def __repr__(self) -> str:
        return "<unknown>"


UNKNOWN: Final = Unknown()


@dataclass
class Decoded:
    """Plain properties, and which of the top-level ones held a secret anywhere inside."""

    values: Properties
    secret_names: set[str] = field(default_factory=set)


def decode(struct: Struct) -> Decoded:
    """Return the plain properties of `struct`, unwrapped, with the names of those that were secret."""
    decoded = Decoded({})
    for name, value in struct.fields.items():
        marks: list[bool] = []
        decoded.values[name] = _decode_value(value, marks)
        if marks:
            decoded.secret_names.add(name)
    return decoded


def encode(values: Mapping[str, Any], secret_names: Iterable[str] = ()) -> Struct:
    """Return `values` as a Struct, with each property in `secret_names` marked as a secret."""
    secret = set(secret_names)
    struct = Struct()
    struct.update({name: _encode_value(value, name in secret) for name, value in values.items()})
    return struct


def has_unknown(value: object) -> bool:
    """Say whether a value is unknown or holds an unknown one."""
    if isinstance(value, dict):
        return any(has_unknown(item) for item in value.values())
    if isinstance(value, list):
        return any(has_unknown(item) for item in value)
    return value is UNKNOWN


def _decode_value(value: Value, marks: list[bool]) -> object:
    kind = value.WhichOneof("kind")
    if kind == "struct_value":
        return _decode_struct(value.struct_value, marks)
    if kind == "list_value":
        return [_decode_value(item, marks) for item in value.list_value.values]
    if kind == "string_value":
        return UNKNOWN if value.string_value == UNKNOWN_SENTINEL else value.string_value
    if kind == "number_value":
        number = value.number_value
        return int(number) if number.is_integer() else number
    return value.bool_value if kind == "bool_value" else None


def _decode_struct(struct: Struct, marks: list[bool]) -> object:
    fields = struct.fields
    if _SIGNATURE_KEY in fields and fields[_SIGNATURE_KEY].string_value == _SECRET_SIGNATURE:
        marks.append(True)
        return _decode_value(fields["value"], marks)
    return {name: _decode_value(value, marks) for name, value in fields.items()}


def _encode_value(value: object, secret: bool = False) -> object:
    if secret:
        return {_SIGNATURE_KEY: _SECRET_SIGNATURE, "value": _encode_value(value)}
    if value is UNKNOWN:
        return UNKNOWN_SENTINEL
    if isinstance(value, dict):
        return {name: _encode_value(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_encode_value(item) for item in value]
    return value
