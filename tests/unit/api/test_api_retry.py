"""When a call is made again, and when not."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openrouter_provider.api.errors import ConnectionFailed, InvalidResponse, OpenRouterError, class_for
from openrouter_provider.api.http.retry import (
    Progress,
    RetryPolicy,
    Verdict,
    backoff,
    next_wait,
    parse_retry_after,
    verdict,
)

NOW = datetime(2026, 1, 1, tzinfo=UTC)
FULL = RetryPolicy(jitter=lambda: 1.0)
SAME, DOUBT, WAIT, FAIL = Verdict.RETRY, Verdict.RECONCILE, Verdict.THROTTLED, Verdict.FAIL


def _answered(status: int, retry_after: float | None = None) -> OpenRouterError:
    return class_for(status)(status, "GET", "/keys", retry_after, "text")


@pytest.mark.parametrize(
    ("failure", "repeatable", "post"),
    [
        (ConnectionFailed("refused"), SAME, SAME),
        (ConnectionFailed("hang", ambiguous=True), SAME, DOUBT),
        (InvalidResponse("HTML"), SAME, DOUBT),
        (InvalidResponse("redirect", status=302, redirect=True), SAME, DOUBT),
        (InvalidResponse("HTML", status=404), SAME, FAIL),
        *[(_answered(status), SAME, DOUBT) for status in (408, 409, 423, 425, 500, 502, 503, 504, 599)],
        *[(_answered(status), FAIL, FAIL) for status in (400, 401, 402, 403, 404, 422)],
        (_answered(429), WAIT, WAIT),
        (ValueError("a bug"), FAIL, FAIL),
    ],
)
def test_verdict(failure: Exception, repeatable: Verdict, post: Verdict) -> None:
    """A read, change or deletion is repeated where a create must first be looked up."""
    assert [verdict(method, failure) for method in ("GET", "PATCH", "DELETE")] == [repeatable] * 3
    assert verdict("POST", failure) is post


@pytest.mark.parametrize(
    ("failure", "progress", "wait"),
    [
        (_answered(500), Progress(1, 0), 0.5),
        (_answered(500), Progress(3, 10), 2.0),
        (_answered(500), Progress(7, 10), 20.0),
        (_answered(500), Progress(8, 10), None),
        (_answered(500), Progress(2, 120), None),
        (_answered(500), Progress(2, 119.75), 0.25),
        (_answered(500), Progress(2, 300, excused_seconds=290), 1.0),
        (_answered(500), Progress(2, 600, excused_seconds=599), None),
        (_answered(503, 7.0), Progress(1, 0), 7.0),
        (_answered(503, 7000.0), Progress(1, 20), 100.0),
        (_answered(404), Progress(1, 0), None),
        (_answered(429), Progress(0, 599), 0.0),
        (_answered(429), Progress(0, 600), None),
        (_answered(429, 30), Progress(500, 400), 0.0),
        (_answered(429, 30), Progress(0, 580), None),
        (InvalidResponse("odd"), Progress(4, 0), 4.0),
        (InvalidResponse("odd"), Progress(5, 0), None),
        (_answered(409), Progress(4, 0), 4.0),
        (_answered(409), Progress(5, 0), None),
        (ConnectionFailed("refused"), Progress(8, 10), None),
        (ConnectionFailed("refused"), Progress(8, 10, reached=True), 20.0),
        (ConnectionFailed("refused"), Progress(50, 119, reached=True), 1.0),
        (ConnectionFailed("refused"), Progress(9, 120, reached=True), None),
        (_answered(500), Progress(8, 10, reached=True), None),
    ],
)
def test_next_wait(failure: Exception, progress: Progress, wait: float | None) -> None:
    """Failures use up attempts and the deadline; waiting for the rate limit uses up neither."""
    assert next_wait(FULL, "GET", failure, progress) == wait


@given(attempts=st.integers(0, 10_000), jitter=st.floats(0, 1))
def test_backoff_is_bounded(attempts: int, jitter: float) -> None:
    """No wait is negative or longer than the policy's maximum."""
    policy = RetryPolicy(jitter=lambda: jitter)
    assert 0 <= backoff(policy, attempts) <= policy.max_wait_seconds


@pytest.mark.parametrize("failure", [ConnectionFailed("refused"), _answered(503)])
def test_outage_of_twenty_seconds(failure: Exception) -> None:
    """However the dice fall, the attempts last longer than an outage of twenty seconds."""
    unlucky = RetryPolicy(jitter=lambda: 0.0)
    elapsed, attempts = 0.0, 1
    while (wait := next_wait(unlucky, "GET", failure, Progress(attempts, elapsed))) is not None:
        elapsed, attempts = elapsed + wait, attempts + 1
    assert elapsed > 20


@given(st.text(max_size=60) | st.none())
def test_retry_after_never_raises(value: str | None) -> None:
    """Whatever a server sends as Retry-After is seconds or nothing."""
    seconds = parse_retry_after(value, NOW)
    assert seconds is None or seconds >= 0


@given(st.integers(-(10**6), 10**6))
def test_retry_after_date(seconds: int) -> None:
    """A date is the time until it; one that has passed is 0."""
    header = format_datetime(NOW + timedelta(seconds=seconds), usegmt=True)
    assert parse_retry_after(header, NOW) == max(0, seconds)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("0", 0),
        ("7", 7),
        (" 7 ", 7),
        ("1.5", 1.5),
        ("-1", None),
        ("", None),
        ("soon", None),
        ("٣", None),
        ("9" * 99, 1e9),
    ],
)
def test_retry_after_seconds(value: str, seconds: float | None) -> None:
    """Seconds are read as they are, and huge ones are cut."""
    assert parse_retry_after(value, NOW) == seconds
