"""The checks of single property values: each returns the normalised value, or says what is wrong with it.

No message quotes the value: it may be a secret.
"""

import re
import sys
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from .credential_checks import check_no_credential
from .fields import is_unknown
from .schedule import format_instant, parse_instant

LIMIT_RESETS = ("daily", "weekly", "monthly")
DATA_REGIONS = ("global", "europe", "us")
MIN_SHARE = 0.0001
_CONTROLS = ("Cc", "Cf", "Cs", "Zl", "Zp")
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


def limit_or_unlimited(limit: object, unlimited: object) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with the two together; what a preview doesn't know yet may be either.

    >>> list(limit_or_unlimited(None, None))
    [('limit', 'is missing: give a limit in USD, or unlimited: true')]
    """
    if limit is None and not unlimited:
        yield "limit", "is missing: give a limit in USD, or unlimited: true"
    if limit is not None and unlimited and not is_unknown(unlimited):
        yield "unlimited", "contradicts limit: give one of the two"


def limit_and_reset(settings: Mapping[str, Any], limit: str, reset: str) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with a guardrail's limit and the interval at which it resets: they go together.

    Args:
        settings: where the two stand.
        limit: the name of the limit there.
        reset: the name of the interval.
    """
    limited, resets = (settings.get(name) is not None for name in (limit, reset))
    if limited and not resets:
        yield reset, f"is missing: a guardrail's {limit} needs daily, weekly or monthly"
    if resets and not limited:
        yield limit, f"is missing: {reset} needs a limit in USD"


def fallback_or_only(settings: Mapping[str, Any], fallback: str, only: str) -> Iterator[tuple[str, str]]:
    """Yield that a vendor's key is used after the others and is the only way to the vendor, which OpenRouter refuses.

    Args:
        settings: where the two stand.
        fallback: the name of the first there.
        only: the name of the second.
    """
    if settings.get(fallback) is True and settings.get(only) is True:
        yield only, f"contradicts {fallback}: OpenRouter takes one of the two"


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


def check_share(value: object) -> float:
    """Return the share of requests that are sampled.

    Raises:
        ValueError: not a number from the least share that OpenRouter takes to 1.
    """
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not number or not MIN_SHARE <= float(str(value)) <= 1:
        raise ValueError(f"must be a share from {MIN_SHARE} to 1")
    return float(str(value))


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


def check_printable(value: object) -> str:
    """Return a text as it may be sent and shown.

    Raises:
        ValueError: no text, an empty one, or one with control or direction characters.
    """
    text = check_text(value)
    if any(unicodedata.category(character) in _CONTROLS for character in text):
        raise ValueError("must not have control or direction characters")
    return text


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


def check_provider(value: object) -> str:
    """Return a provider's slug, such as `openai` or `amazon-bedrock/claude-on-aws`.

    Raises:
        ValueError: not slugs joined by a slash.
    """
    if not isinstance(value, str) or not all(_SLUG.fullmatch(part) for part in value.split("/")):
        raise ValueError("must be a vendor's slug, like openai or amazon-bedrock")
    return check_no_credential(value)


def slug_up_to(length: int) -> Callable[[object], str]:
    """Return a check of slugs with at most that many characters."""

    def check(value: object) -> str:
        if not isinstance(value, str) or not _SLUG.fullmatch(value) or len(value) > length:
            raise ValueError(f"must be at most {length} characters: a-z and 0-9 in parts joined by single hyphens")
        return check_no_credential(value)

    return check


def text_up_to(length: int, check_text: Callable[[object], str] = check_text) -> Callable[[object], str]:
    """Return a check of texts with at most that many characters.

    Args:
        length: that many.
        check_text: what else a text must be.
    """

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
