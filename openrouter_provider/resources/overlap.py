"""How much a superseded key may still spend during its overlap."""

import math
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from ..api.models import KeyRecord

RESET_WINDOWS = {"daily": timedelta(days=1), "weekly": timedelta(days=7), "monthly": timedelta(days=30)}
LIFETIME_WINDOW = timedelta(days=90)
_CENTS_OF_CENTS = 4


def bounded_limit(record: KeyRecord, overlap: timedelta, wish: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return the changes that bound a superseded key's spending: no more resets, and only its share to spend.

    The share is the limit times the overlap's part of the reset window (a limit that never resets counts as one for
    90 days), at most what the key had left. Two live keys therefore never double a service's limit: all that an
    overlap can cost on top is that share, and never more than one window's limit. A key that was never to have a
    limit stays so; one whose limit somebody took away is bounded by what it was to be.

    >>> key = KeyRecord(
    ...     hash="c0ffee", name="acme/dev/checkout-1a2b3c4", label="sk-or-v1-c0f...fee", disabled=False, limit=60,
    ...     limit_reset="monthly", limit_remaining=48, usage=12, created_at="2027-01-01T00:00:00Z",
    ... )
    >>> bounded_limit(key, timedelta(days=7))
    {'limit': 26.0, 'limit_reset': None}

    Args:
        record: the key as it is, bounded already or not.
        overlap: how long it stays alive.
        wish: the limit and the reset that the key had while it was current. They make the bound repeatable: of a
            bounded key the record alone shows the bound, and a share of that would shrink with each run.
    """
    current = wish or {}
    if current.get("limit") is None:
        current = {"limit": record.limit, "limit_reset": record.limit_reset}
    if current["limit"] is None:
        return {}
    allowance = max(0.0, min(_share(current, overlap), _left_to_spend(record)))
    used = record.usage + (record.byok_usage if record.include_byok_in_limit else 0.0)
    return {"limit": round(used + allowance, _CENTS_OF_CENTS), "limit_reset": None}


def _left_to_spend(record: KeyRecord) -> float:
    """Return what the key may still spend as it is: without end, where somebody took its limit away."""
    if record.limit is None:
        return math.inf
    return record.limit if record.limit_remaining is None else record.limit_remaining


def wish_to_bound(olds: Mapping[str, Any], news: Mapping[str, Any], overlap: timedelta) -> dict[str, Any]:
    """Return the limit and the reset by which a key is bounded once it is superseded: the tighter of two wishes.

    The state's may have been raised by hand and read back by a refresh; the program's may be lowered in the very run
    that rotates.

    >>> wish_to_bound({"limit": 1000}, {"limit": 50}, timedelta(days=7))
    {'limit': 50}
    """
    wishes = [{name: props.get(name) for name in ("limit", "limit_reset")} for props in (olds, news)]
    tightest = min(wishes, key=lambda wish: _share(wish, overlap))
    return {name: value for name, value in tightest.items() if value is not None}


def _share(wish: Mapping[str, Any], overlap: timedelta) -> float:
    """Return what may be spent in an overlap, in USD; without end where the wish has no limit."""
    if wish.get("limit") is None:
        return math.inf
    window = RESET_WINDOWS.get(wish.get("limit_reset") or "", LIFETIME_WINDOW)
    return float(wish["limit"]) * min(1.0, overlap / window)
