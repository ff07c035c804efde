"""Instants, durations, the stagger, and when a rotation is due."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openrouter_provider.keys.schedule import (
    Generation,
    Rotation,
    Wish,
    format_instant,
    parse_duration,
    parse_instant,
    plan_generation,
)

NOW = datetime(2027, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)
NINETY = Rotation(every=90 * DAY, overlap=7 * DAY, stagger=False)

hours = st.integers(min_value=2, max_value=24 * 400).map(lambda number: timedelta(hours=number))
rotations = st.builds(Rotation, every=hours, overlap=st.just(timedelta(hours=1)), stagger=st.booleans())
instants = st.datetimes(datetime(2020, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)).map(
    lambda instant: instant.replace(microsecond=0)
)
wishes = st.builds(
    Wish,
    identity=st.sampled_from(["acme/dev/checkout", "acme/dev/search"]),
    rotation=st.none() | rotations,
    token=st.none() | st.sampled_from(["one", "two"]),
    now=instants,
)


def wish(
    rotation: Rotation | None = NINETY, *, days: float = 0, token: str | None = None, identity: str = "acme/dev/x"
) -> Wish:
    """Return what a run asks so many days after the first one."""
    return Wish(identity, rotation, token, NOW + days * DAY)


@pytest.mark.parametrize(
    ("text", "duration"),
    [
        ("90d", 90 * DAY),
        ("12h", timedelta(hours=12)),
        ("1w2d", 9 * DAY),
        ("1d12h30m5s", timedelta(days=1, hours=12, minutes=30, seconds=5)),
        (" 7d ", 7 * DAY),
        ("0w1d", DAY),
        ("100s", timedelta(seconds=100)),
    ],
)
def test_a_duration_is_units_from_large_to_small(text: str, duration: timedelta) -> None:
    """Weeks, days, hours, minutes and seconds are added up."""
    assert parse_duration(text) == duration


@pytest.mark.parametrize(
    "text",
    ["", "90", "d", "0d", "0h0m", "-1d", "1.5d", "1d1w", "90 d", "90D", "P90D", "1y", "ninety days", "9" * 5000 + "d"],
)
def test_anything_else_is_no_duration(text: str) -> None:
    """Another form, another order or nothing at all is refused with an example."""
    with pytest.raises(ValueError, match="must be a duration such as 90d"):
        parse_duration(text)


def test_a_duration_that_is_no_text_is_refused() -> None:
    """A number has no unit."""
    with pytest.raises(ValueError, match="must be a duration"):
        parse_duration(90)  # type: ignore[arg-type]  # config may hold anything


@pytest.mark.parametrize("text", ["40000d", "999999999w", "876601h"])
def test_a_duration_no_calendar_holds_is_refused(text: str) -> None:
    """What could run past the last year a date can have is refused while it is still config."""
    with pytest.raises(ValueError, match="100 years"):
        parse_duration(text)


@pytest.mark.parametrize(
    "text",
    [
        "2027-03-01T00:00:00Z",
        "2027-03-01t00:00:00z",
        "2027-03-01 00:00:00Z",
        "2027-03-01T00:00:00+00:00",
        "2027-03-01T00:00:00.999Z",
        " 2027-03-01T00:00:00Z ",
    ],
)
def test_instants_have_one_spelling(text: str) -> None:
    """Every accepted form is the same instant, written one way."""
    assert format_instant(parse_instant(text)) == "2027-03-01T00:00:00Z"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("2027-03-01", "UTC with seconds"),
        ("2027-03-01T00:00Z", "UTC with seconds"),
        ("2027-03-01T00:00:00", "UTC with seconds"),
        ("2027-03-01T00:00:00+02:00", "UTC with seconds"),
        ("1 March 2027", "UTC with seconds"),
        ("", "UTC with seconds"),
        ("2027-02-30T00:00:00Z", "not a date that exists"),
        ("2027-03-01T24:00:01Z", "not a date that exists"),
    ],
)
def test_other_instants_are_refused(text: str, reason: str) -> None:
    """Another zone, no seconds, or a day that no calendar has is refused."""
    with pytest.raises(ValueError, match=reason):
        parse_instant(text)


@given(st.datetimes(timezones=st.just(UTC)))
def test_a_written_instant_reads_back(instant: datetime) -> None:
    """Writing and reading loses nothing above the second."""
    assert parse_instant(format_instant(instant)) == instant.replace(microsecond=0)


@given(rotations, st.text())
def test_a_period_is_within_a_tenth_of_every(rotation: Rotation, identity: str) -> None:
    """No key outlives `every`, none is replaced more than a tenth early."""
    period = replace(rotation, stagger=True).period(identity)
    assert rotation.every * 0.9 - timedelta(seconds=1) <= period <= rotation.every


@given(rotations, st.text())
def test_a_period_is_decided_by_the_identity(rotation: Rotation, identity: str) -> None:
    """The same service always has the same period."""
    assert rotation.period(identity) == replace(rotation).period(identity)


def test_services_made_together_spread_out() -> None:
    """A hundred services fall on most days of the stagger's nine, none on a day alone for all."""
    staggered = replace(NINETY, stagger=True)
    days = [staggered.period(f"acme/prod/service-{number}").days for number in range(100)]
    assert len(set(days)) >= 8
    assert max(days.count(day) for day in days) <= 30


def test_stagger_can_be_turned_off() -> None:
    """Without stagger every service has the full period."""
    assert {NINETY.period(f"service-{number}") for number in range(10)} == {90 * DAY}


def test_a_new_key_is_the_first_generation() -> None:
    """A key that does not exist yet starts at 1, due after one period, whatever token it has."""
    planned = plan_generation(None, None, wish(token="leak"))
    assert planned == Generation(1, NOW, NOW + 90 * DAY)


@pytest.mark.parametrize("days", [0, 1, 89.99])
def test_nothing_happens_within_the_period(days: float) -> None:
    """Until it is due, a generation stays exactly as it is."""
    first = plan_generation(None, None, wish())
    assert plan_generation(first, wish(), wish(days=days)) == first


@pytest.mark.parametrize("days", [90, 91, 365])
def test_a_due_key_rotates_once(days: float) -> None:
    """However long no run happened, one run moves one generation on and the next period starts at that run."""
    first = plan_generation(None, None, wish())
    second = plan_generation(first, wish(), wish(days=days))
    assert (second.number, second.started_at) == (2, NOW + days * DAY)
    assert second.next_rotation_at == NOW + (days + 90) * DAY
    assert plan_generation(second, wish(days=days), wish(days=days)) == second


def test_a_rotation_says_why_and_when_the_old_key_retires() -> None:
    """The preview's reason names the due instant and the end of the overlap."""
    first = plan_generation(None, None, wish())
    reason = plan_generation(first, wish(), wish(days=100)).reason
    assert reason == "due since 2027-04-01T00:00:00Z; the superseded key retires at 2027-04-18T00:00:00Z"


@pytest.mark.parametrize("rotation", [NINETY, None])
@pytest.mark.parametrize(("before", "after", "number"), [(None, "a", 2), ("a", "b", 2), ("a", "a", 1), ("a", None, 1)])
def test_a_changed_token_rotates(rotation: Rotation | None, before: str | None, after: str | None, number: int) -> None:
    """A new token rotates at once, with a schedule and without; the same one or none does not."""
    asked = wish(rotation, token=before)
    first = plan_generation(None, None, asked)
    assert plan_generation(first, asked, wish(rotation, days=1, token=after)).number == number


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (None, NINETY),
        (NINETY, None),
        (NINETY, replace(NINETY, every=10 * DAY)),
        (NINETY, replace(NINETY, every=900 * DAY)),
        (NINETY, replace(NINETY, stagger=True)),
    ],
    ids=["on", "off", "shorter", "longer", "staggered"],
)
@pytest.mark.parametrize("days", [1, 50, 200])
def test_switching_never_rotates(before: Rotation | None, after: Rotation | None, days: float) -> None:
    """Turning rotation on or off, or changing its period, keeps the key in that run and in a second one."""
    first = plan_generation(None, None, wish(before))
    switched = plan_generation(first, wish(before), wish(after, days=days))
    assert (switched.number, switched.started_at) == (1, NOW)
    assert plan_generation(switched, wish(after, days=days), wish(after, days=days)) == switched


def test_a_longer_overlap_moves_nothing() -> None:
    """The overlap is no part of the period."""
    first = plan_generation(None, None, wish())
    assert plan_generation(first, wish(), wish(replace(NINETY, overlap=30 * DAY), days=80)) == first


def test_a_period_that_is_over_when_it_is_set_begins_anew() -> None:
    """A key older than a new, shorter period gets one more period from the run that set it."""
    first = plan_generation(None, None, wish(None))
    switched = plan_generation(first, wish(None), wish(NINETY, days=200))
    assert switched.next_rotation_at == NOW + 290 * DAY


@given(st.lists(wishes, min_size=1, max_size=8))
def test_a_second_run_at_the_same_instant_changes_nothing(timeline: list[Wish]) -> None:
    """Whatever the runs before asked, running again at once plans the very same generation."""
    current, before = None, None
    for asked in sorted(timeline, key=lambda each: each.now):
        planned = plan_generation(current, before, asked)
        assert plan_generation(planned, asked, asked) == planned
        current, before = planned, asked


@given(st.lists(wishes, min_size=2, max_size=8))
def test_a_run_moves_at_most_one_generation(timeline: list[Wish]) -> None:
    """Each run keeps the generation or starts the next one at its own instant."""
    ordered = sorted(timeline, key=lambda each: each.now)
    current, before = plan_generation(None, None, ordered[0]), ordered[0]
    for asked in ordered[1:]:
        planned = plan_generation(current, before, asked)
        assert planned.number - current.number in {0, 1}
        assert planned.started_at == (current.started_at if planned.number == current.number else asked.now)
        current, before = planned, asked
