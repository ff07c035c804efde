"""ApiKey's inputs: validated, normalised, and completed with what is decided once (name, generation)."""

import hashlib
import re
import secrets
import sys
import unicodedata
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from ..schedule import (
    DEFAULT_OVERLAP,
    Generation,
    Rotation,
    Wish,
    format_instant,
    parse_duration,
    parse_instant,
    plan_generation,
)
from .fields import Props, is_unknown, present

LIMIT_RESETS = ("daily", "weekly", "monthly")
NAME_MAX_LENGTH = 255
SUFFIX_LENGTH = 7
_HASH = re.compile(r"[A-Za-z0-9_-]{1,128}")

Failures = dict[str, str]


def check_inputs(olds: Mapping[str, Any], news: Mapping[str, Any], now: datetime) -> tuple[Props, Failures]:
    """Return the normalised inputs and, by property, what is wrong with them.

    Args:
        olds: the inputs of the last run; empty for a new key.
        news: the program's inputs; any value may be unknown in a preview.
        now: the run's instant, which decides whether a rotation is due.
    """
    failures: Failures = {}
    inputs = {name: _checked(check, name, news, failures) for name, check in _CHECKS.items()}
    if news.get("name") is None and news.get("name_prefix") is None:
        failures["name"] = "is missing: give a name, or a name_prefix to draw one from"
    _check_limit(news, failures)
    _check_adoption(news, failures)
    _check_expiry_is_ahead(inputs, olds, now, failures)
    if not failures:
        inputs |= _generation(olds, inputs, now)
        inputs |= _name(olds, inputs)
    return present(inputs), failures


def _checked(check: Callable[[Any], Any], name: str, news: Mapping[str, Any], failures: Failures) -> Any:
    value = news.get(name)
    if value is None or is_unknown(value):
        return _DEFAULTS.get(name) if value is None else value
    try:
        return check(value)
    except ValueError as error:
        failures[name] = str(error)
        return None


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


def check_name(value: object) -> str:
    """Return a key's name.

    Raises:
        ValueError: empty, too long, or with characters that a terminal would act on.
    """
    if not isinstance(value, str) or not value.strip():
        raise ValueError("must be a text that is not empty")
    if len(value) > NAME_MAX_LENGTH - SUFFIX_LENGTH - 1:
        raise ValueError(f"must have at most {NAME_MAX_LENGTH - SUFFIX_LENGTH - 1} characters")
    if any(unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp") for character in value):
        raise ValueError("must not have control or direction characters")
    return value


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError("must be true or false")
    return value


def check_text(value: object) -> str:
    """Return a text that is not empty.

    Raises:
        ValueError: anything else.
    """
    if not isinstance(value, str) or not value.strip():
        raise ValueError("must be a text that is not empty")
    return value


def check_hash(value: object) -> str:
    """Return a key's hash.

    Raises:
        ValueError: not of the form that a hash has.
    """
    if not isinstance(value, str) or not _HASH.fullmatch(value):
        raise ValueError("must be a key's hash, as `openrouter-keys list` prints it")
    return value


def _rotation(value: object) -> Props:
    if not isinstance(value, Mapping):
        raise ValueError("must be an object with `every` and `overlap`")
    if any(is_unknown(part) for part in value.values()):
        raise ValueError("must be known before the deployment")
    overlap = value.get("overlap") or DEFAULT_OVERLAP
    if parse_duration(str(value.get("every"))) <= parse_duration(str(overlap)):
        raise ValueError("every must be longer than overlap")
    return {"every": str(value["every"]), "overlap": str(overlap), "stagger": value.get("stagger", True) is True}


_CHECKS: dict[str, Callable[[Any], Any]] = {
    "name": check_name,
    "name_prefix": check_name,
    "limit": check_limit,
    "unlimited": _flag,
    "limit_reset": check_limit_reset,
    "include_byok_in_limit": _flag,
    "disabled": _flag,
    "expires_at": check_instant,
    "workspace_id": check_text,
    "creator_user_id": check_text,
    "rotation": _rotation,
    "rotate_now": check_text,
    "emergency": _flag,
    "adopt_hash": check_hash,
    "adopt_key": check_text,
}
_DEFAULTS: Props = {"include_byok_in_limit": False, "disabled": False}


def _check_limit(news: Mapping[str, Any], failures: Failures) -> None:
    unlimited, limit = news.get("unlimited"), news.get("limit")
    if limit is None and unlimited is not True and not is_unknown(unlimited):
        failures.setdefault("limit", "is missing: give a limit in USD, or unlimited: true")
    if limit is not None and unlimited is True:
        failures.setdefault("unlimited", "contradicts limit: give one of the two")


def _check_adoption(news: Mapping[str, Any], failures: Failures) -> None:
    if (news.get("adopt_hash") is None) != (news.get("adopt_key") is None):
        missing = "adopt_key" if news.get("adopt_key") is None else "adopt_hash"
        failures.setdefault(missing, "is missing: adopting a key needs its hash and its value")


def _check_expiry_is_ahead(inputs: Props, olds: Mapping[str, Any], now: datetime, failures: Failures) -> None:
    expires_at = inputs.get("expires_at")
    if expires_at is None or is_unknown(expires_at) or expires_at == olds.get("expires_at"):
        return
    if parse_instant(expires_at) <= now:
        failures.setdefault("expires_at", f"is not in the future (now is {format_instant(now)})")


def as_rotation(value: Mapping[str, Any] | None) -> Rotation | None:
    """Return the schedule that a checked `rotation` input describes; None too where a preview does not know it."""
    if not value or is_unknown(value):
        return None
    return Rotation(parse_duration(value["every"]), parse_duration(value["overlap"]), value.get("stagger", True))


def _generation(olds: Mapping[str, Any], inputs: Props, now: datetime) -> Props:
    if "generation" in olds and _expired(inputs, now):
        # A successor would be born expired. A new expires_at replaces the key, and its schedule begins anew.
        return {name: olds.get(name) for name in ("generation", "rotated_at", "next_rotation_at", "rotation_reason")}
    current, before = _current(olds), _wish(olds, now)
    planned = plan_generation(current, before if current else None, _wish(inputs, now))
    due = planned.next_rotation_at
    return {
        "generation": planned.number,
        "rotated_at": format_instant(planned.started_at),
        "next_rotation_at": format_instant(due) if due else None,
        "rotation_reason": planned.reason,
    }


def _expired(inputs: Mapping[str, Any], now: datetime) -> bool:
    expires_at = inputs.get("expires_at")
    return expires_at is not None and not is_unknown(expires_at) and parse_instant(expires_at) <= now


def _current(olds: Mapping[str, Any]) -> Generation | None:
    if "generation" not in olds:
        return None
    due = olds.get("next_rotation_at")
    return Generation(
        int(olds["generation"]),
        parse_instant(olds["rotated_at"]),
        parse_instant(due) if due else None,
        olds.get("rotation_reason"),
    )


def _wish(inputs: Mapping[str, Any], now: datetime) -> Wish:
    identity = str(inputs.get("name_prefix") or inputs.get("name") or "")
    token = inputs.get("rotate_now")
    return Wish(identity, as_rotation(inputs.get("rotation")), None if is_unknown(token) else token, now)


def _name(olds: Mapping[str, Any], inputs: Props) -> Props:
    """Return the physical name of this generation: unique, and computable again after a crash.

    The random seed is drawn once for a key, the way Pulumi draws an autoname; each later generation's suffix is
    derived from it. A run that dies between a rotation's create and its checkpoint leaves a key whose exact name the
    next run computes again, finds and deletes.
    """
    if inputs.get("name") is not None:
        name = inputs["name"]
        derived = name if inputs["generation"] == 1 else f"{name}-{_suffix(name, inputs['generation'])}"
        return {"name": name if is_unknown(name) else derived}
    prefix = inputs.get("name_prefix")
    seed = olds.get("name_seed") or secrets.token_hex(4)[:SUFFIX_LENGTH]
    suffix = seed if inputs["generation"] == 1 else _suffix(seed, inputs["generation"])
    return {"name_seed": seed, "name": prefix if is_unknown(prefix) else f"{prefix}-{suffix}"}


def _suffix(seed: str, generation: int) -> str:
    return hashlib.sha256(f"{seed}:{generation}".encode()).hexdigest()[:SUFFIX_LENGTH]
