"""What is drift, what is due, and what is only not deployed yet."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from openrouter_provider.keys.schedule import format_instant
from openrouter_provider.operations.drift.compare import plan_findings
from openrouter_provider.operations.drift.findings import DEPLOY, REFRESH, Finding
from openrouter_provider.operations.drift.plan import (
    API_KEY,
    SECRET,
    SECRET_POLICY,
    SECRET_VERSION,
    SUPERSEDED_KEYS,
    PlannedResource,
)
from tests.unit.operations.drift.test_drift_fixtures import NOW, STATES, resource

ROTATION = {"every": "90d", "overlap": "7d", "stagger": False}


def findings(*resources: PlannedResource) -> list[Finding]:
    """Return the findings of these resources."""
    return list(plan_findings("dev", resources, NOW))


def only(*resources: PlannedResource) -> Finding:
    """Return the one finding of these resources."""
    (found,) = findings(*resources)
    return found


def test_agreement_is_no_finding() -> None:
    """Where state, world and program agree there is nothing to report."""
    assert findings(*(resource(kind) for kind in STATES if kind != SECRET_POLICY)) == []


def test_world_that_left_state_and_program_is_drift() -> None:
    """A property changed behind Pulumi's back is healed by a refreshing up."""
    found = only(resource(API_KEY, actual={"limit": 5000, "usage": 3}, operation="update"))
    assert (found.property, found.wanted, found.actual) == ("limit", 50, 5000)
    assert (found.severity, found.heal) == ("critical", REFRESH)


def test_program_that_left_state_and_world_is_not_deployed_yet() -> None:
    """A changed config is a notice, whichever way it points."""
    for limit in (10, 100):
        found = only(resource(API_KEY, wanted={"limit": limit}, operation="update"))
        assert (found.severity, found.message, found.heal) == ("notice", "not deployed yet", DEPLOY)
        assert (found.wanted, found.actual) == (limit, 50)


def test_drift_and_a_change_not_deployed_yet_are_told_apart() -> None:
    """Drift is judged against what was deployed, also while the program wishes something else."""
    drifted, pending = findings(resource(API_KEY, actual={"limit": 40}, wanted={"limit": 30}, operation="update"))
    assert (drifted.message, drifted.wanted, drifted.actual) == ("limit lowered", 50, 40)
    assert (pending.message, pending.wanted, pending.actual) == ("not deployed yet", 30, 40)


def test_world_that_is_as_the_program_wishes_is_no_drift() -> None:
    """A change made by hand and then written into the config only waits for its deployment."""
    found = only(resource(API_KEY, actual={"limit": 60}, wanted={"limit": 60}))
    assert found.message == "not deployed yet"


def test_deleted_key_is_one_finding() -> None:
    """A key that is gone is reported once, not property by property."""
    found = only(resource(API_KEY, gone=True, operation="create"), resource(SECRET_VERSION, operation="replace"))
    assert (found.property, found.actual, found.severity) == ("key", None, "critical")


def test_properties_that_the_program_leaves_to_the_api_are_not_compared() -> None:
    """A workspace that the program doesn't declare may be any."""
    assert findings(resource(API_KEY, actual={"workspace_id": "w"})) == []


@pytest.mark.parametrize(("days", "severity"), [(0, "notice"), (7, "notice"), (7.1, "critical")])
def test_due_rotation_is_a_notice_until_its_overlap_is_over(days: float, severity: str) -> None:
    """A rotation in the preview is no drift; only one overdue beyond the overlap is critical."""
    due = format_instant(NOW - timedelta(days=days))
    state = {"rotation": ROTATION, "next_rotation_at": due}
    wanted = {"generation": 2, "name": "acme/dev/checkout-7654321", "rotated_at": format_instant(NOW)}
    found = only(resource(API_KEY, state=state, wanted=wanted, operation="update"))
    assert (found.property, found.severity, found.wanted) == ("rotation", severity, due)


def test_rotation_by_token_is_not_deployed_yet() -> None:
    """A new token is a change of the program, not a rotation that was missed."""
    found = only(resource(API_KEY, wanted={"generation": 2, "rotate_now": "x", "name": "n"}, operation="update"))
    assert (found.property, found.message) == ("rotate_now", "not deployed yet")


def test_service_dropped_in_the_program_is_not_deployed_yet() -> None:
    """A service that only the state has is one notice."""
    dropped = replace(resource(API_KEY), wanted=None, operation="delete")
    assert only(dropped).actual == "deployed"


def test_secret_properties_are_compared_but_for_what_is_empty_on_both_sides() -> None:
    """Another KMS key is a warning; empty text and absence are the same."""
    assert findings(resource(SECRET, actual={"kmsKeyId": None})) == []
    assert only(resource(SECRET, actual={"kmsKeyId": "theirs"})).property == "secret.kmsKeyId"


def policy(*principals: str, action: str = "secretsmanager:GetSecretValue") -> str:
    """Return a policy that lets these principals do one thing."""
    statement = {"Effect": "Allow", "Principal": {"AWS": list(principals)}, "Action": action, "Resource": "*"}
    return json.dumps({"Statement": [statement]})


def with_policy(actual: str, **wanted: Any) -> tuple[PlannedResource, PlannedResource]:
    """Return a secret whose declared policy is for one principal and whose actual one is given."""
    state: Mapping[str, Any] = {"policy": policy("one")}
    declared = resource(SECRET_POLICY, state=state, actual={"policy": actual}, wanted=wanted)
    return resource(SECRET, actual={"policy": actual}), declared


def test_widened_policy_is_one_critical_finding_that_says_what_was_added() -> None:
    """Secret and SecretPolicy both see the policy; it is reported once."""
    found = only(*with_policy(policy("one", "two")))
    assert (found.severity, found.heal) == ("critical", REFRESH)
    assert found.actual == "adds two: secretsmanager:getsecretvalue"


def test_narrowed_policy_is_a_warning() -> None:
    """A policy that allows less is changed, not widened."""
    assert only(*with_policy("")).severity == "warning"


def test_policy_of_the_program_not_deployed_yet_is_a_notice() -> None:
    """A reader added in the config is no drift."""
    assert only(*with_policy(policy("one"), policy=policy("one", "two"))).severity == "notice"


def test_policy_where_none_is_declared_needs_a_person_also_once_the_state_knows_it() -> None:
    """Pulumi doesn't manage a policy without readers, so a refresh only hides it."""
    for state in ("", policy("two")):
        found = only(resource(SECRET, state={"policy": state}, actual={"policy": policy("two")}))
        assert (found.severity, found.wanted) == ("critical", None)
        assert found.heal.startswith("a person must")


def test_new_format_of_the_secret_is_not_deployed_yet_and_a_new_key_is_no_format() -> None:
    """A value replaced for the same key is a pending change; one that follows its key is none of its own."""
    version = resource(SECRET_VERSION, operation="replace", differing=("secretString",))
    assert only(resource(API_KEY), version).property == "secret.value"
    assert len(findings(resource(API_KEY, actual={"limit": 9}, operation="update"), version)) == 1


def superseded(state: str, actual: str, retires_in: float) -> PlannedResource:
    """Return a service with one superseded key."""
    entry = {"hash": "b" * 64, "retires_at": format_instant(NOW + timedelta(days=retires_in))}
    return resource(
        SUPERSEDED_KEYS, state={"keys": [{**entry, "state": state}]}, actual={"keys": [{**entry, "state": actual}]}
    )


def test_superseded_key_is_reported_when_due_or_enabled_again() -> None:
    """Within its overlap it is none of the findings, at its end a notice, enabled again critical."""
    assert findings(superseded("bound", "bound", 1), superseded("deleted", "deleted", -1)) == []
    assert only(superseded("bound", "bound", -1)).severity == "notice"
    assert only(superseded("disabled", "bound", 1)).severity == "critical"
