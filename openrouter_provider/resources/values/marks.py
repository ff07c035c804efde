"""What tells that a value which OpenRouter shows masked is another one by now, and tells next to nothing else of it.

A mark is 16 bits of a slow, salted digest of the masked form. Another masked form has another mark but for one time in
65,536; and whoever has a mark can't prove a guess with it, since of every 65,536 guesses one fits by chance.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from ...keys.fields import Props

_ROUNDS = 100_000
_BYTES = 2


def marks_of(shown: Mapping[str, Any], names: Iterable[str], salt: str) -> Props:
    """Return the mark of each of these values; what isn't shown has none.

    Args:
        shown: what OpenRouter shows, by name.
        names: whose marks are wanted.
        salt: the object's id, so that equal values of two objects have different marks.
    """
    return {name: _mark(json.dumps(shown[name], sort_keys=True), f"{salt}:{name}") for name in names if shown.get(name)}


@lru_cache
def _mark(text: str, salt: str) -> str:
    return hashlib.pbkdf2_hmac("sha256", text.encode(), salt.encode(), _ROUNDS, _BYTES).hex()
