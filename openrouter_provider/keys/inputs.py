"""ApiKey's inputs: validated, normalised, and completed with what is decided once (name, generation)."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from .checks import check_flag, check_hash, check_text, limit_or_unlimited
from .credential_checks import check_key_value
from .fields import Failures, Field, Props, checked, is_unknown, present
from .naming import NAME_MISSING, NAME_PREFIX, physical_name
from .nested import check_rotation, check_stored_in
from .schedule import (
    Generation,
    Rotation,
    Wish,
    format_instant,
    parse_duration,
    parse_instant,
    plan_generation,
    same_instant,
)
from .state import FIELDS


def check_inputs(olds: Mapping[str, Any], news: Mapping[str, Any], now: datetime) -> tuple[Props, Failures]:
    """Return the normalised inputs and, by property, what is wrong with them.

    Args:
        olds: the inputs of the last run; empty for a new key.
        news: the program's inputs; any value may be unknown in a preview.
        now: the run's instant, which decides whether a rotation is due.
    """
    inputs, failures = checked((*FIELDS, *_SETTINGS), news)
    if news.get("name") is None and news.get("name_prefix") is None:
        failures["name"] = NAME_MISSING
    for name, what in limit_or_unlimited(news.get("limit"), news.get("unlimited")):
        failures.setdefault(name, what)
    _check_adoption(olds, news, failures)
    _check_expiry_is_ahead(inputs, olds, now, failures)
    if olds.get("adopt_hash") and olds.get("adopt_key") is None:
        # Imported, and its value not known yet: what names it stays, so that the value may come with a later program.
        inputs["adopt_hash"] = inputs.get("adopt_hash") or olds["adopt_hash"]
    if not failures:
        inputs |= _generation(olds, inputs, now)
        inputs |= physical_name(olds, inputs, inputs["generation"])
    return present(inputs), failures


_SETTINGS = (
    NAME_PREFIX,
    Field("unlimited", check_flag),
    Field("rotation", check_rotation),
    Field("rotate_now", check_text),
    Field("emergency", check_flag),
    Field("adopt_hash", check_hash),
    Field("adopt_key", check_key_value),
    Field("stored_in", check_stored_in),
)
_ONLY_A_NEW_KEY = ("expires_at", "creator_user_id", "adopt_hash")


def _check_adoption(olds: Mapping[str, Any], news: Mapping[str, Any], failures: Failures) -> None:
    if news.get("adopt_hash") is not None and news.get("adopt_hash") == olds.get("adopt_hash"):
        return  # It is the resource's own already; an import knows no value.
    if (news.get("adopt_hash") is None) != (news.get("adopt_key") is None):
        missing = "adopt_key" if news.get("adopt_key") is None else "adopt_hash"
        failures.setdefault(missing, "is missing: adopting a key needs its hash and its value")


def _check_expiry_is_ahead(inputs: Props, olds: Mapping[str, Any], now: datetime, failures: Failures) -> None:
    expires_at = inputs.get("expires_at")
    if expires_at is None or is_unknown(expires_at) or same_instant(expires_at, olds.get("expires_at")):
        return
    if parse_instant(expires_at) <= now:
        failures.setdefault("expires_at", f"is not in the future (now is {format_instant(now)})")


def as_rotation(value: Mapping[str, Any] | None) -> Rotation | None:
    """Return the schedule that a checked `rotation` input describes; None too where a preview does not know it."""
    if not value or is_unknown(value):
        return None
    return Rotation(parse_duration(value["every"]), parse_duration(value["overlap"]), value.get("stagger", True))


def _generation(olds: Mapping[str, Any], inputs: Props, now: datetime) -> Props:
    current, before = _current(olds), _wish(olds, now)
    if current and _expired(inputs, now):
        # A successor would be born expired. A new expires_at brings a new generation, and its schedule begins anew.
        kept = {name: olds.get(name) for name in ("rotated_at", "next_rotation_at", "rotation_reason")}
        return {**kept, "generation": current.number}
    wish = replace(_wish(inputs, now), new_key_for=_new_key_for(olds, inputs) if current else None)
    planned = plan_generation(current, before if current else None, wish)
    due = planned.next_rotation_at
    return {
        "generation": planned.number,
        "rotated_at": format_instant(planned.started_at),
        "next_rotation_at": format_instant(due) if due else None,
        "rotation_reason": planned.reason,
    }


def _new_key_for(olds: Mapping[str, Any], inputs: Mapping[str, Any]) -> str | None:
    """Return what the program asks now that the API takes only at a key's creation, in words; None where nothing.

    An adopted key is a new one to this resource too. What the program no longer says stays as it is, but for an expiry:
    only a new key has none.
    """
    changed = [name for name in _ONLY_A_NEW_KEY if _asks_anew(name, olds.get(name), inputs.get(name))]
    return f"{' and '.join(changed)} changed" if changed else None


def _asks_anew(name: str, before: Any, wanted: Any) -> bool:
    if is_unknown(wanted) or is_unknown(before):
        return False
    if name == "expires_at":
        return not same_instant(wanted, before)
    return wanted is not None and wanted != before


def is_scheduled(olds: Mapping[str, Any], news: Mapping[str, Any]) -> bool:
    """Return whether a rotation comes of the schedule alone, not of something that the program asks anew."""
    return news.get("rotate_now") in (None, olds.get("rotate_now")) and _new_key_for(olds, news) is None


def believes_schedule(olds: Mapping[str, Any], now: datetime) -> bool:
    """Return whether the state's schedule can be one that a right clock made, seen from this instant."""
    current, wish = _current(olds), _wish(olds, now)
    if current is None:
        return True
    latest = now + wish.rotation.period(wish.identity) if wish.rotation else None
    too_late = bool(latest and current.next_rotation_at and current.next_rotation_at > latest)
    return current.started_at <= now and not too_late


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
