"""What deleted keys spent: sums by window, and how a state keeps them."""

import pytest

from openrouter_provider.api.models import Usage
from openrouter_provider.api.money import usd
from openrouter_provider.keys.schedule import format_instant, parse_instant
from openrouter_provider.keys.spent import Spent, Window, carried, spent_of, window_end

READ = parse_instant("2027-03-31T23:30:00Z")
USAGE = Usage(usage=8, usage_daily=1, usage_weekly=2, usage_monthly=4)


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2027-03-31T23:59:59Z", (1, 2, 4)),
        ("2027-04-01T00:00:00Z", (0, 2, 0)),
        ("2027-04-05T00:00:00Z", (0, 0, 0)),
        ("2028-03-31T23:30:00Z", (0, 0, 0)),
    ],
)
def test_a_window_s_sum_ends_with_the_window(now: str, expected: tuple[float, float, float]) -> None:
    """Days, weeks from Monday on and months are UTC's; the total never ends."""
    spent = Spent().plus("a", USAGE, READ)
    windows: tuple[Window, ...] = ("daily", "weekly", "monthly")
    assert tuple(spent.within(window, parse_instant(now)) for window in windows) == expected
    assert spent.total == 8


def test_keys_of_one_month_add_up_and_of_another_do_not() -> None:
    """A key that is read in the next month begins that month's sum."""
    spent = Spent().plus("a", USAGE, READ).plus("b", USAGE, READ)
    assert (spent.keys, spent.total, spent.within("monthly", READ)) == (2, 16, 8)
    later = parse_instant("2027-04-02T00:00:00Z")
    next_month = spent.plus("c", USAGE, later)
    assert (next_month.total, next_month.within("monthly", later), next_month.within("weekly", later)) == (24, 4, 6)


@pytest.mark.parametrize("spent", [Spent(), Spent(unknown=2), Spent().plus("a", USAGE, READ).plus_unknown()])
def test_a_state_keeps_it_whole(spent: Spent) -> None:
    """What is written is read again; nothing spent writes nothing."""
    read = spent_of(spent.state())
    assert read.state() == spent.state()
    assert (read.keys, read.unknown, read.total) == (spent.keys, spent.unknown, spent.total)
    assert bool(spent.state()) == (spent != Spent())


@pytest.mark.parametrize("state", [None, {}, "edited by hand", 3])
def test_a_state_from_before_keeps_nothing(state: object) -> None:
    """A property that is absent is no error."""
    assert spent_of(state) == Spent()


@pytest.mark.parametrize(
    ("olds", "news", "unknown"),
    [
        ({}, {"current": "a", "keys": []}, 0),
        ({"current": "a", "keys": []}, {"current": "a", "keys": []}, 0),
        ({"current": "a", "keys": []}, {"current": "b", "keys": [{"hash": "a"}]}, 0),
        ({"current": "a"}, {"current": "b", "keys": []}, 1),
        ({"current": "a", "keys": [], "spent": {"unknown": 1}}, {"current": "b", "keys": []}, 2),
    ],
)
def test_a_current_key_that_nothing_names_is_missing(
    olds: dict[str, object], news: dict[str, object], unknown: int
) -> None:
    """A key that is neither current nor superseded by now went by hand."""
    assert carried(olds, news).unknown == unknown


@pytest.mark.parametrize(
    ("window", "end"),
    [("daily", "2027-04-01T00:00:00Z"), ("weekly", "2027-04-05T00:00:00Z"), ("monthly", "2027-04-01T00:00:00Z")],
)
def test_windows_end(window: Window, end: str) -> None:
    """A window ends at midnight UTC, a week on Monday."""
    assert format_instant(window_end(window, READ)) == end


@pytest.mark.parametrize(
    ("amount", "text"),
    [(None, "-"), (0, "$0.00"), (-0.001, "$0.00"), (-0.5, "-$0.50"), (50, "$50.00"), (-1234.5, "-$1,234.50")],
)
def test_money_is_written_one_way(amount: float | None, text: str) -> None:
    """The sign stands before the dollar, cents are two digits, and nothing is never negative."""
    assert usd(amount) == text
