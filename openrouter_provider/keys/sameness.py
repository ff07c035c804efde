"""When two values are one wish, though the API rounds an instant, trims a name, or spells an id another way."""

import json
import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

from pulumi.output import Unknown
from pulumi.runtime.rpc import UNKNOWN

from .schedule import same_instant


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


_CASELESS = re.compile(r"[0-9a-f]{64}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
"""A hash or a UUID: hexadecimal digits, whose case means nothing."""
_NOISE = 1e-9
"""How far apart two spellings of one number may be: 0.1 + 0.2 is 0.3."""


def same(one: object, other: object) -> bool:
    """Return whether two wishes are the same: numbers by value, null and absent alike, nothing equal to unknown."""
    if is_unknown(one) or is_unknown(other):
        return False
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, int | float) and isinstance(other, int | float):
        return one == other or math.isclose(one, other, rel_tol=_NOISE, abs_tol=_NOISE)
    return one == other


def same_moment(one: object, other: object) -> bool:
    """Return whether two texts name one instant, within the tolerance."""
    if isinstance(one, str) and isinstance(other, str):
        return same_instant(one, other)
    return same(one, other)


def same_text(one: object, other: object) -> bool:
    """Return whether two texts are the same but for blanks around them."""
    if isinstance(one, str) and isinstance(other, str):
        return one.strip() == other.strip()
    return same(one, other)


def same_id(one: object, other: object) -> bool:
    """Return whether two identifiers name one object."""
    if isinstance(one, str) and isinstance(other, str):
        return folded(one) == folded(other)
    return same(one, other)


def same_ids(one: object, other: object) -> bool:
    """Return whether two lists name the same objects."""
    if isinstance(one, list) and isinstance(other, list):
        return {folded(str(each)) for each in one} == {folded(str(each)) for each in other}
    return same(one, other)


def same_set(one: object, other: object) -> bool:
    """Return whether two lists have the same entries, in whichever order."""
    if isinstance(one, list) and isinstance(other, list):
        return _sorted(one) == _sorted(other)
    return same(one, other)


def folded(identifier: str) -> str:
    """Return an identifier in the one case it is compared in; one that isn't hexadecimal as it is."""
    return identifier.lower() if _CASELESS.fullmatch(identifier) else identifier


def _sorted(entries: Sequence[object]) -> list[str]:
    return sorted(json.dumps(entry, sort_keys=True, default=str) for entry in entries)
