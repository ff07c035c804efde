"""How much a superseded key may still spend."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openrouter_provider.api.models import KeyRecord
from openrouter_provider.keys.overlap import bounded_limit

WEEK = timedelta(days=7)
ROUNDING = 0.0001
dollars = st.floats(0, 10_000)


def record(**fields: Any) -> KeyRecord:
    """Return a key's record with these fields."""
    defaults = {
        "hash": "h",
        "name": "n",
        "label": "l",
        "disabled": False,
        "created_at": datetime(2027, 1, 1, tzinfo=UTC),
    }
    return KeyRecord.model_validate({**defaults, "limit": None, **fields})


@pytest.mark.parametrize(
    ("fields", "overlap", "limit"),
    [
        ({"limit": 30, "limit_reset": "monthly", "limit_remaining": 30}, timedelta(days=3), 3),
        ({"limit": 30, "limit_reset": "monthly", "limit_remaining": 30, "usage": 100}, timedelta(days=3), 103),
        ({"limit": 30, "limit_reset": "monthly", "limit_remaining": 2, "usage": 28}, timedelta(days=3), 30),
        ({"limit": 30, "limit_reset": "monthly", "limit_remaining": 0, "usage": 30}, timedelta(days=3), 30),
        ({"limit": 30, "limit_reset": "monthly", "limit_remaining": -1, "usage": 31}, timedelta(days=3), 31),
        ({"limit": 10, "limit_reset": "daily", "limit_remaining": 10}, WEEK, 10),
        ({"limit": 10, "limit_reset": "weekly", "limit_remaining": 10}, timedelta(days=70), 10),
        ({"limit": 90, "limit_remaining": 90}, WEEK, 7),
        ({"limit": 90, "limit_remaining": None}, WEEK, 7),
        ({"limit": 0, "limit_remaining": 0}, WEEK, 0),
    ],
)
def test_a_share_of_the_window_is_left(fields: dict[str, Any], overlap: timedelta, limit: float) -> None:
    """The new limit is what was used plus the overlap's part of the window, at most what was left."""
    assert bounded_limit(record(**fields), overlap) == {"limit": limit, "limit_reset": None}


def test_usage_through_own_keys_counts_where_the_limit_counts_it() -> None:
    """A limit that includes usage through provider keys keeps the share on top of both counters."""
    fields = {"limit": 30, "limit_reset": "monthly", "limit_remaining": 20, "usage": 4, "byok_usage": 6}
    three_days = timedelta(days=3)
    assert bounded_limit(record(**fields, include_byok_in_limit=True), three_days)["limit"] == 13
    assert bounded_limit(record(**fields, include_byok_in_limit=False), three_days)["limit"] == 7


def test_a_key_without_a_limit_stays_so() -> None:
    """There is no share of no limit."""
    assert bounded_limit(record(limit=None), WEEK) == {}


@given(
    limit=dollars,
    used=dollars,
    remaining=st.none() | st.floats(-100, 10_000),
    reset=st.sampled_from([None, "daily", "weekly", "monthly"]),
    days=st.integers(1, 400),
)
def test_an_overlap_never_doubles_a_limit(
    limit: float, used: float, remaining: float | None, reset: str | None, days: int
) -> None:
    """What may still be spent is neither more than was left nor more than one window's limit, and never resets."""
    fields = {"limit": limit, "usage": used, "limit_remaining": remaining, "limit_reset": reset}
    changes = bounded_limit(record(**fields), timedelta(days=days))
    left = limit if remaining is None else max(0.0, remaining)
    assert -ROUNDING <= changes["limit"] - used <= min(limit, left) + ROUNDING
    assert changes["limit_reset"] is None


def test_bounding_again_changes_nothing() -> None:
    """A key that was bounded, and used since, keeps its bound: the share is drawn from the wish, not from the bound."""
    wish = {"limit": 50, "limit_reset": "monthly"}
    first = bounded_limit(record(**wish, limit_remaining=50), WEEK, wish)
    spent = {**first, "usage": 4, "limit_remaining": first["limit"] - 4}
    assert bounded_limit(record(**spent), WEEK, wish) == first
