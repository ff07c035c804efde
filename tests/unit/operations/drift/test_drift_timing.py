"""Expiries, rotations that can't happen, and times that no schedule can have made."""

from datetime import timedelta
from typing import Any

import pytest

from openrouter_provider.keys.schedule import format_instant
from openrouter_provider.operations.drift.findings import DEPLOY, Change, Subject, commands_in
from openrouter_provider.operations.drift.one_stack import Looked, findings_of
from openrouter_provider.operations.drift.plan import API_KEY, SUPERSEDED_KEYS, PlannedResource
from openrouter_provider.operations.drift.service_keys import timing_findings
from tests.unit.operations.drift.test_drift import world
from tests.unit.operations.drift.test_drift_fixtures import NOW, resource

ROTATION = {"every": "90d", "overlap": "7d", "stagger": False}


def at(days: float) -> str:
    """Return the instant so many days from now."""
    return format_instant(NOW + timedelta(days=days))


def rotating(rotated: float = -1, due: float | None = 89, **more: Any) -> dict[str, Any]:
    """Return the times of a key that rotates every 90 days, in days from now."""
    return {"rotation": ROTATION, "rotated_at": at(rotated), "next_rotation_at": at(due) if due else None, **more}


def found(part: PlannedResource) -> list[str]:
    """Return what the times of a part tell, fourteen days ahead; every heal is, or ends in, a deployment."""
    findings = list(timing_findings(Subject("dev", "checkout"), {part.kind: part}, NOW, timedelta(days=14)))
    assert all(commands_in(finding.heal) == [DEPLOY] for finding in findings)
    return [finding.message for finding in findings]


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ({}, []),
        ({"expires_at": at(14.1)}, []),
        ({"expires_at": at(14)}, [Change.KEY_EXPIRES_SOON]),
        ({"expires_at": at(0)}, [Change.KEY_EXPIRED]),
        ({"expires_at": at(-1), "disabled": True}, []),
        (rotating(expires_at=at(-1)), [Change.KEY_EXPIRED, Change.ROTATION_STOPPED]),
        (rotating(), []),
        (rotating(due=None), [Change.ROTATION_STOPPED]),
        (rotating(rotated=-200, due=-110), []),
        (rotating(rotated=0.003, due=90.003), []),
        (rotating(rotated=1), [Change.SCHEDULE_IMPOSSIBLE]),
        (rotating(due=91), [Change.SCHEDULE_IMPOSSIBLE]),
        (rotating(rotated=26000, due=26090), [Change.SCHEDULE_IMPOSSIBLE, Change.SCHEDULE_IMPOSSIBLE]),
    ],
)
def test_the_times_of_a_key(state: dict[str, Any], expected: list[Change]) -> None:
    """A clock may be five minutes off; beyond that a time ahead of its schedule was never decided by a right one."""
    assert found(resource(API_KEY, state=state)) == [change.message for change in expected]


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ({"retires_at": at(7)}, []),
        ({"retires_at": at(8)}, [Change.SCHEDULE_IMPOSSIBLE]),
        ({"retires_at": at(8), "overlap": "30d"}, []),
        ({"retires_at": at(8), "state": "deleted"}, []),
        ({"retires_at": None, "state": "held"}, []),
    ],
)
def test_the_end_of_an_overlap(entry: dict[str, Any], expected: list[Change]) -> None:
    """No overlap ends later than its length from now; one that has not begun has no end."""
    keys = {"keys": [{"hash": "b" * 64, "state": "bound", **entry}]}
    assert found(resource(SUPERSEDED_KEYS, state=keys)) == [change.message for change in expected]


@pytest.mark.parametrize(("minutes", "expected"), [(4, []), (-4, []), (6, ["behind"]), (-6, ["ahead of"])])
def test_a_clock_that_is_more_than_five_minutes_off_is_found(minutes: float, expected: list[str]) -> None:
    """The API's own time is the measure, whichever way this machine's is off."""
    drift = findings_of(Looked("dev", "acme/dev", []), world([], timedelta(minutes=minutes)), NOW)
    assert [
        str(finding.actual).partition(" s ")[2].removesuffix(" the API's") for finding in drift.findings
    ] == expected
