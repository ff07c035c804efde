"""The checks of lists, as in checks.py: sets of texts, and lists of objects with parts of their own."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from .credential_checks import check_no_credential
from .fields import has_unknown
from .nested import name_problem


def check_texts(value: object) -> Any:
    """Return a set of texts as a sorted list; one with unknown parts as it is.

    Raises:
        ValueError: no list, an empty one, or something else than texts in it.
    """
    if has_unknown(value):
        return value
    if not isinstance(value, Sequence) or isinstance(value, str):
        raise ValueError("must be a list")
    if not value:
        raise ValueError("must not be empty: leave it out for no restriction")
    if not all(isinstance(text, str) and text.strip() for text in value):
        raise ValueError("must be a list of texts that are not empty")
    return sorted({check_no_credential(text) for text in value})


def check_any_texts(value: object) -> Any:
    """Return a set of texts, perhaps an empty one, as a sorted list; one with unknown parts as it is.

    Raises:
        ValueError: no list, or something else than texts in it.
    """
    return [] if isinstance(value, Sequence) and not isinstance(value, str) and not value else check_texts(value)


def texts_of(value: Sequence[str] | None) -> list[str] | None:
    """Return a record's set of texts as a wish spells it: sorted, and null where it is empty."""
    return sorted(set(value)) if value else None


def objects_of(required: Mapping[str, Callable[[Any], Any]], optional: Mapping[str, Callable[[Any], Any]]) -> Any:
    """Return a check of lists of objects that have these parts and no others.

    Args:
        required: by part, its check.
        optional: by part that may be left out, its check.
    """

    def check(value: object) -> Any:
        if has_unknown(value):
            return value
        if not isinstance(value, Sequence) or isinstance(value, str):
            raise ValueError("must be a list")
        if not value:
            raise ValueError("must not be empty: leave it out for none")
        return [_object(each, required, optional, f"[{index}]") for index, each in enumerate(value)]

    return check


def _object(
    value: object,
    required: Mapping[str, Callable[[Any], Any]],
    optional: Mapping[str, Callable[[Any], Any]],
    where: str,
) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise ValueError(f"{where} must be an object with {' and '.join(required)}")
    parts = {name: part for name, part in value.items() if part is not None}
    problem = name_problem([*parts], [*required], [*optional])
    if problem:
        raise ValueError(f"{where} {problem}")
    return {name: _part({**required, **optional}[name], part, f"{where}.{name}") for name, part in parts.items()}


def _part(check: Callable[[Any], Any], value: object, where: str) -> Any:
    try:
        return check(value)
    except ValueError as error:
        raise ValueError(f"{where} {error}") from None
