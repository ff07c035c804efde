"""Which keys that no state knows a run of this stack lost, and which may be somebody else's."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from openrouter_provider.api.models import KeyRecord
from openrouter_provider.operations.pending import SERVICE_TYPE
from openrouter_provider.operations.recovery_plan import Action
from openrouter_provider.operations.stack_state import unfinished_runs
from openrouter_provider.operations.stray_keys import (
    CLOCK_SKEW,
    UnfinishedRun,
    stray_keys,
    stray_steps,
    successor_names,
)
from openrouter_provider.resources.naming import derived_suffix

NOW = datetime(2027, 1, 1, 12, tzinfo=UTC)
PREFIX, NAME = "acme/dev", "acme/dev/checkout-0a1b2c3"
KEY = "pulumi-python:dynamic/openrouter:ApiKey"
SUCCESSOR = f"{PREFIX}/checkout-{derived_suffix('0a1b2c3', 2)}"
STATE: dict[str, Any] = {
    "resources": [
        {"urn": "urn:pulumi:dev::p::x::checkout", "type": SERVICE_TYPE},
        {
            "urn": f"urn:pulumi:dev::p::{KEY}::checkout",
            "type": KEY,
            "id": "first",
            "inputs": {"name": NAME, "name_prefix": f"{PREFIX}/checkout", "name_seed": "0a1b2c3", "generation": 1},
            "outputs": {"hash": "current"},
        },
    ]
}


def record(name: str, hash_: str = "stray", **fields: Any) -> KeyRecord:
    """Return a key as a listing shows it."""
    facts: dict[str, Any] = {"label": "sk-or-…", "disabled": False, "limit": 5, "created_at": NOW, **fields}
    return KeyRecord(hash=hash_, name=name, **facts)


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (record("acme/dev/checkout-1234567"), True),
        (record("acme/dev/other-1234567"), True),
        (record("acme/dev/a-b-1234567"), True),
        (record("acme/dev/checkout-1234567", usage_daily=0.01), False),
        (record("acme/dev/checkout-1234567", "current"), False),
        (record("acme/dev/checkout-1234567", "first"), False),
        (record("acme/dev/checkout-123456"), False),
        (record("acme/dev/checkout-12345678"), False),
        (record("acme/dev/checkout-123456G"), False),
        (record("acme/dev/checkout"), False),
        (record("acme/dev/eu/checkout-1234567"), False),
        (record("acme/dev2/checkout-1234567"), False),
        (record("acmeXdev/checkout-1234567"), False),
        (record("my acme/dev/checkout-1234567"), False),
    ],
    ids=lambda value: f"{value.name} {value.hash}" if isinstance(value, KeyRecord) else str(value),
)
def test_stray_is_named_exactly_as_the_stack_names_and_was_never_used(found: KeyRecord, expected: bool) -> None:
    """The whole name must be prefix, service and seven hex digits; a used or known key is none."""
    assert bool(stray_keys(STATE, PREFIX, [found])) is expected


def test_what_has_no_age_was_made_in_no_run() -> None:
    """A record need not say when it was made."""
    assert not RUN.may_have_made(None)


def test_key_of_a_pending_operation_is_no_stray() -> None:
    """What a pending operation names is decided with that operation."""
    pending = {"type": "creating", "resource": {"type": KEY, "inputs": {"name": "acme/dev/new-1234567"}}}
    deployment = {**STATE, "pending_operations": [pending]}
    assert stray_keys(deployment, PREFIX, [record("acme/dev/new-1234567")]) == []


RUN = UnfinishedRun(NOW - timedelta(minutes=1), NOW + timedelta(minutes=1))


@pytest.mark.parametrize(
    ("found", "runs", "expected"),
    [
        (record(SUCCESSOR), [], Action.LEAVE),
        (record(SUCCESSOR), [RUN], Action.DELETE_KEY),
        (record("acme/dev/checkout-1234567"), [], Action.LEAVE),
        (record("acme/dev/checkout-1234567"), [RUN], Action.DELETE_KEY),
        (record("acme/dev/removed-1234567"), [RUN], Action.LEAVE),
        (record("acme/dev/checkout-1234567", created_at=RUN.began - CLOCK_SKEW), [RUN], Action.DELETE_KEY),
        (record("acme/dev/checkout-1234567", created_at=NOW - timedelta(hours=1)), [RUN], Action.LEAVE),
        (record("acme/dev/checkout-1234567", created_at=NOW + timedelta(hours=1)), [RUN], Action.LEAVE),
        (
            record("acme/dev/checkout-1234567", created_at=NOW + timedelta(hours=1)),
            [UnfinishedRun(NOW)],
            Action.DELETE_KEY,
        ),
    ],
    ids=[
        "a rotation's name and no run known, as in a state restored from before the rotation",
        "a rotation's name, in a failed run",
        "no run known",
        "in a failed run",
        "of no service in the state",
        "at its very beginning",
        "before it",
        "after it",
        "in a killed run, which has no end",
    ],
)
def test_stray_is_deleted_only_with_a_sign_that_this_stack_lost_it(
    found: KeyRecord, runs: list[UnfinishedRun], expected: Action
) -> None:
    """The sign is a failed run of this stack at the time it was made; a name alone may be that of a key in use."""
    strays = stray_keys(STATE, PREFIX, [found])
    assert [(step.action, step.target) for step in stray_steps(STATE, PREFIX, strays, runs)] == [(expected, found.hash)]


def test_successors_are_those_that_were_and_the_next() -> None:
    """A key of generation 3 may have lost its second, third and fourth."""
    key = STATE["resources"][1]
    third = {"resources": [{**key, "inputs": {**key["inputs"], "generation": 3}}]}
    assert successor_names(third) == {f"{PREFIX}/checkout-{derived_suffix('0a1b2c3', number)}" for number in (2, 3, 4)}


def test_runs_are_those_that_pulumi_says_did_not_succeed() -> None:
    """A failed run has both its ends, one under way only its beginning; one without a readable beginning is none."""
    began, ended = "2027-01-01T12:00:00.000Z", "2027-01-01T12:05:00.000Z"
    history = [
        {"result": "succeeded", "startTime": began, "endTime": ended},
        {"result": "failed", "startTime": began, "endTime": ended},
        {"result": "in-progress", "startTime": began},
        {"result": "failed", "startTime": "yesterday"},
    ]
    assert unfinished_runs(history) == [UnfinishedRun(NOW, NOW + timedelta(minutes=5)), UnfinishedRun(NOW)]
