"""Hashes of keys that are gone: a service's list keeps a retired key's until its next rotation.

OpenRouter refuses a list that names one, and shows it in none. To a guardrail or a provider key it is neither to be
written nor missed.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import TypeVar

from ..api.errors import ResponseError
from .reads import KeyReader

Result = TypeVar("Result")
_REFUSED = (400, 404)


def with_gone(reader: KeyReader, found: Collection[str], declared: Iterable[str]) -> list[str]:
    """Return, in order, the hashes that were found, and those declared ones whose keys are gone."""
    missing = set(declared) - set(found)
    return sorted({*found, *(hash_ for hash_ in missing if reader.read(hash_) is None)})


def write_living(reader: KeyReader, hashes: Sequence[str], write: Callable[[Sequence[str]], Result]) -> Result:
    """Write a list of hashes; where it is refused for keys that are gone, without those.

    Args:
        reader: asks whether a key exists.
        hashes: what to write.
        write: makes the call; it is given no empty list that was not empty before.

    Raises:
        ResponseError: it was refused, and not for such a key.
    """
    try:
        return write(hashes)
    except ResponseError as error:
        if error.status not in _REFUSED:
            raise
        living = [hash_ for hash_ in hashes if reader.read(hash_) is not None]
        if not living or len(living) == len(hashes):
            raise
    return write(living)
