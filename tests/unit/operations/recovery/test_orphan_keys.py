"""Which keys that no state knows are a stack's orphans, and which of them it provably lost."""

import os
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from openrouter_provider.api.models import KeyRecord
from openrouter_provider.keys.naming import derived_suffix
from openrouter_provider.operations.recovery.orphan_keys import Records, orphan_steps
from openrouter_provider.operations.recovery.steps import Action
from openrouter_provider.operations.stack.history import CLOCK_SKEW, UnfinishedRun, unfinished_runs
from openrouter_provider.operations.stack.orphans import claim_of, drawn_names, orphans
from openrouter_provider.operations.stack.siblings import OtherStacks
from openrouter_provider.resources.creation_notes import CreationNote

NOW = datetime(2027, 1, 1, 12, tzinfo=UTC)
PREFIX, NAME = "acme/dev", "acme/dev/checkout-0a1b2c3"
KEY = "pulumi-python:dynamic/openrouter:ApiKey"
SUCCESSOR = f"{PREFIX}/checkout-{derived_suffix('0a1b2c3', 2)}"
STATE: dict[str, Any] = {
    "resources": [
        {
            "urn": f"urn:pulumi:dev::p::{KEY}::checkout",
            "type": KEY,
            "id": "first",
            "inputs": {"name": NAME, "name_prefix": f"{PREFIX}/checkout", "name_seed": "0a1b2c3", "generation": 1},
            "outputs": {"hash": "current"},
        },
    ]
}
OLD = {"config": {"openrouter-keys:namePrefix": {"value": "acme/old", "secret": False}}}
CLAIM = claim_of(STATE, PREFIX, "openrouter-keys/dev", [OLD, {"config": {}}])


def record(name: str, hash_: str = "orphan", **fields: Any) -> KeyRecord:
    """Return a key as a listing shows it."""
    facts: dict[str, Any] = {"label": "sk-or-…", "disabled": False, "limit": 5, "created_at": NOW, **fields}
    return KeyRecord(hash=hash_, name=name, **facts)


def shown(value: object) -> str:
    """Return a case's name."""
    return f"{value.name} {value.hash}" if isinstance(value, KeyRecord) else str(value)


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (record("acme/dev/checkout-1234567"), True),
        (record("acme/dev/other-1234567"), True),
        (record("acme/dev/a-b-1234567"), True),
        (record("acme/dev/checkout-1234567", usage_daily=0.01), True),
        (record("acme/dev/checkout-1234567", last_used_at=NOW + timedelta(days=1)), True),
        (record("acme/dev/checkout-1234567", disabled=True), True),
        (record("acme/dev/checkout"), True),
        (record("acme/old/checkout-1234567"), True),
        (record("openrouter-keys/dev/checkout-1234567"), True),
        (record(NAME, "another-of-the-name"), True),
        (record("acme/dev/checkout-1234567", "current"), False),
        (record("acme/dev/checkout-1234567", "first"), False),
        (record("acme/dev/eu/checkout-1234567"), False),
        (record("acme/dev2/checkout-1234567"), False),
        (record("acmeXdev/checkout-1234567"), False),
        (record("my acme/dev/checkout-1234567"), False),
    ],
    ids=shown,
)
def test_orphan_is_named_as_the_stack_names_or_ever_named(found: KeyRecord, expected: bool) -> None:
    """Each prefix of today's config, the state and the history counts; used, free or disabled keys are never hidden."""
    assert bool(orphans(CLAIM, [found], OtherStacks())) is expected


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (record("team/billing-1234567"), True),
        (record("team/billing"), True),
        (record("team/billing-123456"), False),
        (record("team/billing-x-1234567"), False),
        (record("team/other-1234567"), False),
    ],
    ids=shown,
)
def test_what_a_program_names_otherwise_is_claimed_by_what_its_names_are_drawn_from(
    found: KeyRecord, expected: bool
) -> None:
    """A key of one's own program need not be under the stack's prefix; a name that was given counts as it is."""
    drawn = {"urn": "urn::ledger", "type": KEY, "id": "x", "inputs": {"name_prefix": "team/billing", "name_seed": "s"}}
    given = {"urn": "urn::given", "type": KEY, "id": "y", "inputs": {"name": "team/billing"}}
    claim = claim_of({"resources": [drawn, given]}, PREFIX, PREFIX)
    assert bool(orphans(claim, [found], OtherStacks())) is expected


def test_prefix_of_a_creation_under_way_and_of_the_last_run_count() -> None:
    """Pulumi's note of a creation has its prefix, and the state has the config that its provider ran with."""
    pending = {"type": "creating", "resource": {"urn": "urn::a", "type": KEY, "inputs": {"name_prefix": "acme/was/a"}}}
    provider = {"type": "pulumi:providers:pulumi-python", "inputs": {"openrouter-keys:namePrefix": "acme/ran"}}
    claim = claim_of({"pending_operations": [pending], "resources": [provider]}, PREFIX, PREFIX)
    assert claim.prefixes == {PREFIX, "acme/was", "acme/ran"}


def test_key_of_another_stack_is_no_orphan() -> None:
    """What a stack of the project knows, or notes as being made, is its own, whatever its name."""
    other = {
        "resources": [{"type": KEY, "id": "theirs"}],
        "pending_operations": [
            {"type": "creating", "resource": {"type": KEY, "inputs": {"name": "acme/dev/b-1234567"}}}
        ],
    }
    listed = [
        record("acme/dev/a-1234567", "theirs"),
        record("acme/dev/b-1234567"),
        record("acme/dev/c-1234567", "nobodys"),
    ]
    assert [each.hash for each in orphans(CLAIM, listed, OtherStacks({"eu": other}))] == ["nobodys"]


def test_what_has_no_age_was_made_in_no_run() -> None:
    """A record need not say when it was made."""
    assert not RUN.may_have_made(None)


RUN = UnfinishedRun(NOW - timedelta(minutes=1), NOW + timedelta(minutes=1))
GONE, RUNNING = 2**22 + 1, os.getpid()


def decided(found: KeyRecord, noted: Iterable[tuple[str, int]] = (), runs: Iterable[UnfinishedRun] = ()) -> Action:
    """Return what is to be done about a orphan, given the names and processes of the notes."""
    notes = [CreationNote(name, pid, Path()) for name, pid in noted]
    (step,) = orphan_steps(Records(CLAIM, notes, list(runs)), [found])
    assert step.target == found.hash
    return step.action


DRAWN = "acme/dev/checkout-1234567"


@pytest.mark.parametrize(
    ("found", "noted", "runs", "expected"),
    [
        (record(SUCCESSOR), [], [], Action.DELETE_KEY),
        (record(f"acme/old/checkout-{derived_suffix('0a1b2c3', 2)}"), [], [], Action.DELETE_KEY),
        (record(SUCCESSOR, usage=1), [], [RUN], Action.LEAVE),
        (record(DRAWN), [], [], Action.LEAVE),
        (record(DRAWN), [], [RUN], Action.LEAVE),
        (record(DRAWN), [(DRAWN, GONE)], [], Action.DELETE_KEY),
        (record(DRAWN, byok_usage=1), [(DRAWN, GONE)], [RUN], Action.LEAVE),
        (record(DRAWN), [(DRAWN, RUNNING)], [RUN], Action.LEAVE),
        (record(DRAWN), [(DRAWN + "8", GONE)], [RUN], Action.LEAVE),
    ],
    ids=[
        "a rotation's name",
        "a rotation's name under an older prefix",
        "a rotation's name, used",
        "nothing known",
        "in a failed run, which is no proof",
        "noted and never answered",
        "noted, and used all the same",
        "noted, and its process still runs",
        "another name noted",
    ],
)
def test_orphan_is_deleted_only_with_a_record_that_this_stack_made_it(
    found: KeyRecord, noted: list[tuple[str, int]], runs: list[UnfinishedRun], expected: Action
) -> None:
    """The record is a seed in the state or the note of a creation; a name under the prefix and a time prove nothing."""
    assert decided(found, noted, runs) is expected


@pytest.mark.parametrize(
    ("age", "run", "expected"),
    [
        (timedelta(), RUN, True),
        (timedelta(minutes=1) + CLOCK_SKEW, RUN, True),
        (timedelta(hours=1), RUN, False),
        (-timedelta(hours=1), RUN, False),
        (-timedelta(hours=1), replace(RUN, ended=None), True),
    ],
    ids=["in it", "at its beginning, by another clock", "before it", "after it", "a killed one has no end"],
)
def test_person_is_told_whether_a_failed_run_may_have_made_it(
    age: timedelta, run: UnfinishedRun, expected: bool
) -> None:
    """Five minutes are allowed for clocks that differ."""
    assert run.may_have_made(NOW - age) is expected


def test_names_of_a_seed_are_its_own_under_every_prefix() -> None:
    """A state may be many rotations behind, and may have had another prefix then; another seed is somebody else's."""
    (key,) = STATE["resources"]
    third = {"resources": [{**key, "inputs": {**key["inputs"], "generation": 3.0}}]}
    names = drawn_names(third, ["acme/old"])
    stems = [f"{prefix}/checkout" for prefix in (PREFIX, "acme/old")]
    assert names >= {NAME, *(f"{stem}-{derived_suffix('0a1b2c3', number)}" for stem in stems for number in (2, 9))}
    assert f"{PREFIX}/checkout-{derived_suffix('1a1b2c3', 2)}" not in names


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
