"""The checks of single property values: each returns the normalised value, or says what is wrong with it.

No message quotes the value: it may be a secret.
"""

import re
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from .credential_checks import check_no_credential
from .fields import has_unknown
from .schedule import format_instant, parse_instant

LIMIT_RESETS = ("daily", "weekly", "monthly")
_HASH = re.compile(r"[A-Za-z0-9_-]{1,128}")
_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


def check_limit(value: object) -> float:
    """Return a credit limit in USD as the number it is; whole numbers stay whole.

    Raises:
        ValueError: not a number, not finite, or negative.
    """
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError("must be a number of USD")
    if not 0 <= value <= sys.float_info.max:
        raise ValueError("must be a finite number of USD, 0 or more")
    return int(value) if float(value).is_integer() else value


def check_limit_reset(value: object) -> str:
    """Return the reset interval.

    Raises:
        ValueError: none of daily, weekly and monthly (leave it out for no reset).
    """
    if value not in LIMIT_RESETS:
        raise ValueError("must be daily, weekly or monthly (or left out for no reset)")
    return str(value)


def check_instant(value: object) -> str:
    """Return the instant in its one spelling.

    Raises:
        ValueError: not ISO 8601 in UTC with seconds.
    """
    try:
        return format_instant(parse_instant(str(value)))
    except ValueError as error:
        raise ValueError(f"{error}, like 2027-12-31T23:59:59Z") from None


def check_positive_limit(value: object) -> float:
    """Return a spending limit in USD that lets something be spent.

    Raises:
        ValueError: not a finite number above 0.
    """
    limit = check_limit(value)
    if not limit:
        raise ValueError("must be more than 0 USD")
    return limit


def check_flag(value: object) -> bool:
    """Return a flag.

    Raises:
        ValueError: neither true nor false.
    """
    if not isinstance(value, bool):
        raise ValueError("must be true or false")
    return value


def check_text(value: object) -> str:
    """Return a text that is not empty.

    Raises:
        ValueError: anything else, and a text with an OpenRouter key in it.
    """
    if not isinstance(value, str) or not value.strip():
        raise ValueError("must be a text that is not empty")
    return check_no_credential(value)


def check_hash(value: object) -> str:
    """Return a key's hash.

    Raises:
        ValueError: not of the form that a hash has.
    """
    if not isinstance(value, str) or not _HASH.fullmatch(value):
        raise ValueError("must be a key's hash, as `openrouter-keys list` prints it")
    return check_no_credential(value)


def check_id(value: object) -> str:
    """Return an identifier: an id as the API draws it, or a slug.

    Raises:
        ValueError: it has characters that no identifier has.
    """
    if not isinstance(value, str) or not _HASH.fullmatch(value):
        raise ValueError("must be an id: letters, digits, hyphens and underscores")
    return check_no_credential(value)


def check_slug(value: object) -> str:
    """Return a slug.

    Raises:
        ValueError: not lower-case letters and digits, in groups joined by single hyphens.
    """
    if not isinstance(value, str) or not _SLUG.fullmatch(value):
        raise ValueError("must be lower-case letters and digits, with single hyphens between")
    return check_no_credential(value)


def check_provider(value: object) -> str:
    """Return a provider's slug, such as `openai` or `amazon-bedrock/claude-on-aws`.

    Raises:
        ValueError: not slugs joined by a slash.
    """
    if not isinstance(value, str) or not all(_SLUG.fullmatch(part) for part in value.split("/")):
        raise ValueError("must be a provider's slug: lower-case letters and digits, with hyphens or slashes between")
    return value


def slug_up_to(length: int) -> Callable[[object], str]:
    """Return a check of slugs with at most that many characters."""

    def check(value: object) -> str:
        slug = check_slug(value)
        if len(slug) > length:
            raise ValueError(f"must have at most {length} characters")
        return slug

    return check


def text_up_to(length: int) -> Callable[[object], str]:
    """Return a check of texts with at most that many characters."""

    def check(value: object) -> str:
        text = check_text(value)
        if len(text) > length:
            raise ValueError(f"must have at most {length} characters")
        return text

    return check


def one_of(*choices: str) -> Callable[[object], str]:
    """Return a check of texts that are one of these."""

    def check(value: object) -> str:
        if value not in choices:
            raise ValueError(f"must be {', '.join(choices[:-1])} or {choices[-1]}")
        return str(value)

    return check


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
    missing = [name for name in required if name not in parts]
    unknown = [name for name in parts if name not in {*required, *optional}]
    if missing or unknown:
        problem = f"lacks {missing[0]}" if missing else f"must have only {', '.join([*required, *optional])}"
        raise ValueError(f"{where} {problem}")
    return {name: _part({**required, **optional}[name], part, f"{where}.{name}") for name, part in parts.items()}


def _part(check: Callable[[Any], Any], value: object, where: str) -> Any:
    try:
        return check(value)
    except ValueError as error:
        raise ValueError(f"{where} {error}") from None
