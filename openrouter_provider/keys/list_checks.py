"""The checks of lists, as in checks.py: sets of texts, lists of objects with parts of their own, content filters."""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from .checks import DATA_REGIONS, check_text, one_of, text_up_to
from .credential_checks import check_no_credential
from .fields import Props, has_unknown
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


def texts_among(choices: Collection[str]) -> Callable[[object], Any]:
    """Return a check of sets of texts that are each one of these."""

    def check(value: object) -> Any:
        texts = check_texts(value)
        if not has_unknown(texts) and not {*texts} <= {*choices}:
            raise ValueError(f"must be a list of {', '.join(choices)}")
        return texts

    return check


SERVER_TOOLS = tuple(
    f"openrouter:{name}"
    for name in (
        "advisor",
        "apply_patch",
        "bash",
        "datetime",
        "experimental__search_models",
        "fusion",
        "image_generation",
        "shell",
        "subagent",
        "tool_search",
        "web_fetch",
        "web_search",
    )
)
check_regions = texts_among(DATA_REGIONS)
check_tools = texts_among(SERVER_TOOLS)


def check_numbers(value: object) -> Any:
    """Return a set of whole numbers as a sorted list; one with unknown parts as it is.

    Raises:
        ValueError: no list, an empty one, or something else than whole numbers in it.
    """
    if has_unknown(value):
        return value
    if not isinstance(value, Sequence) or isinstance(value, str) or not value:
        raise ValueError("must be a list with one number at least")
    if not all(_is_whole(number) for number in value):
        raise ValueError("must be a list of whole numbers")
    return sorted({int(number) for number in value})


def _is_whole(value: object) -> bool:
    return (isinstance(value, int) and not isinstance(value, bool)) or (isinstance(value, float) and value.is_integer())


def numbers_of(value: Sequence[int] | None) -> list[int] | None:
    """Return a record's set of numbers as a wish spells it: sorted, and null where it is empty."""
    return sorted(set(value)) if value else None


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


LABEL_LENGTH = 100
INJECTION, EVERY_MESSAGE = "regex-prompt-injection", "all_messages"
BUILTINS = ("email", "phone", "ssn", "credit-card", "ip-address", "person-name", "address", "secrets", INJECTION)
_ACTION = one_of("redact", "block", "flag")
_UNSUPPORTED = re.compile(r"\(\?<?[=!]|\(\?P=|\\[1-9k]")
"""Look-arounds and back references, in a pattern whose other escapes were taken out."""


def check_pattern(value: object) -> str:
    """Return a regular expression of the kind that OpenRouter takes.

    Raises:
        ValueError: no text, or one with a look-around or a back reference.
    """
    pattern = check_text(value)
    if _UNSUPPORTED.search(re.sub(r"\\[^1-9k]", "", pattern)):
        raise ValueError("must be a regular expression without look-arounds and back references: OpenRouter has none")
    return pattern


check_filters = objects_of({"pattern": check_pattern, "action": _ACTION}, {"label": text_up_to(LABEL_LENGTH)})
_builtins = objects_of(
    {"slug": one_of(*BUILTINS), "action": _ACTION}, {"scan_scope": one_of("user_only", EVERY_MESSAGE)}
)


def check_builtins(value: object) -> Any:
    """Return builtin filters by slug, the one that has a scope with it.

    Raises:
        ValueError: no list of such filters, or one of them twice.
    """
    entries = _builtins(value)
    if has_unknown(entries):
        return entries
    if len({entry["slug"] for entry in entries}) < len(entries):
        raise ValueError("must name each builtin filter once")
    return sorted((_scoped(entry) for entry in entries), key=lambda entry: str(entry["slug"]))


def _scoped(entry: Mapping[str, Any]) -> Props:
    """Return the filter as the API answers it: only the one against injections has a scope."""
    scope = {"scan_scope": entry.get("scan_scope") or EVERY_MESSAGE} if entry["slug"] == INJECTION else {}
    return {"slug": entry["slug"], "action": entry["action"], **scope}


def read_filters(value: Sequence[Any] | None) -> list[Props] | None:
    """Return a record's filters as a wish spells them."""
    return [each.model_dump(exclude_none=True) for each in value] if value else None


def read_builtins(value: Sequence[Any] | None) -> list[Props] | None:
    """Return a record's builtin filters as a wish spells them, by slug."""
    entries = [_scoped(each.model_dump()) for each in value or []]
    return sorted(entries, key=lambda entry: str(entry["slug"])) or None
