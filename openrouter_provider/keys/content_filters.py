"""A guardrail's filters of what requests say: patterns of one's own, and those that OpenRouter brings along."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from .checks import check_text, one_of, text_up_to
from .fields import Props, has_unknown
from .list_checks import objects_of

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
