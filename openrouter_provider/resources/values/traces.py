"""The checks of what a receiver of traces is given, and of the rules of what is sent."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from ...api.errors import ConfigurationError
from ...keys.checks import check_flag, check_text, one_of
from ...keys.credential_checks import check_source
from ...keys.fields import has_unknown
from ...keys.list_checks import objects_of
from .write_only import read_source

HEADERS = "headers"
RULE_FIELDS = (
    *("model", "provider", "session_id", "user_id", "api_key_name", "finish_reason", "input", "output"),
    *("total_cost", "total_tokens", "prompt_tokens", "completion_tokens"),
)
OPERATORS = (
    *("equals", "not_equals", "contains", "not_contains", "regex", "starts_with", "ends_with"),
    *("gt", "lt", "gte", "lte", "exists", "not_exists"),
)


def _value(value: object) -> object:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else check_text(value)


_rules = objects_of({"field": one_of(*RULE_FIELDS), "operator": one_of(*OPERATORS)}, {"value": _value})
_groups = objects_of({"rules": _rules}, {"logic": one_of("and", "or")})
_filters = objects_of({"groups": _groups}, {"enabled": check_flag})


def check_filter_rules(value: object) -> Any:
    """Return the rules of what is sent, with what their left-out parts mean.

    Raises:
        ValueError: other parts than groups of rules, and whether they are enabled.
    """
    if has_unknown(value):
        return value
    (rules,) = _filters([value])
    groups = [{"logic": group.get("logic", "and"), "rules": group["rules"]} for group in rules["groups"]]
    return {"enabled": rules.get("enabled", True), "groups": groups}


def read_filter_rules(value: Mapping[str, Any] | None) -> Any:
    """Return a record's rules as a wish spells them; what this release can't read as it came."""
    try:
        return check_filter_rules(value) if value else None
    except ValueError:
        return value


def _parts(check: Callable[[str, object], object]) -> Callable[[object], Any]:
    """Return a check of an object of which each part is checked by its name."""

    def check_all(value: object) -> Any:
        if has_unknown(value):
            return value
        if not isinstance(value, Mapping):
            raise ValueError("must be an object, with OpenRouter's own names")
        return {name: check(name, part) for name, part in value.items() if part is not None}

    return check_all


def _setting(_name: str, value: object) -> object:
    return value if isinstance(value, bool) else check_text(value)


def _credential(name: str, value: object) -> object:
    if name == HEADERS and isinstance(value, Mapping) and all(isinstance(text, str) for text in value.values()):
        return dict(value)
    if not isinstance(value, str) or not value.strip():
        raise ValueError("must be an object of texts; headers an object of its own")
    return value


def read_credential(setting: str, name: str, source: str) -> Any:
    """Return a credential that stands elsewhere, as a receiver takes it: headers are an object there, in JSON.

    Args:
        setting: what names its place, for messages.
        name: which it is.
        source: the place.

    Raises:
        ConfigurationError: there is nothing there, or headers of another form.
    """
    where = f"{setting}.{name}"
    text = read_source(where, source)
    if name != HEADERS:
        return text
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if isinstance(found, dict) and all(isinstance(part, str) for part in found.values()):
        return found
    raise ConfigurationError(
        f'{where} {source}: must be an object of texts in JSON, such as {{"Authorization": "…"}}; it was not sent: '
        "correct what stands there (docs/errors.md#write-only-values)"
    )


check_settings = _parts(_setting)
check_credentials = _parts(_credential)
check_sources = _parts(lambda _name, source: check_source(source))
