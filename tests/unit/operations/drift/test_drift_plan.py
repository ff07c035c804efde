"""Reading a preview's events."""

from openrouter_provider.operations.drift.plan import API_KEY, SECRET, SECRET_VERSION, planned_resources
from tests.unit.operations.drift.test_drift_fixtures import STATES, event, planned, refreshed, urn

KEY = STATES[API_KEY]


def test_refresh_step_carries_state_and_world_and_the_plan_the_wish() -> None:
    """The three sides of a resource come from the refresh's result and the step after it."""
    events = [refreshed(API_KEY, KEY, KEY | {"limit": 60}), planned(API_KEY, "update", {"limit": 50})]
    (found,) = planned_resources(events)
    assert (found.service, found.operation) == ("checkout", "update")
    assert [side and side["limit"] for side in (found.state, found.actual, found.wanted)] == [50, 60, 50]


def test_resource_that_is_gone_has_no_actual_side() -> None:
    """A refresh without a new state means that the resource is gone; the plan's create does not hide it."""
    (found,) = planned_resources([refreshed(API_KEY, KEY, None), planned(API_KEY, "create", KEY)])
    assert (found.state, found.actual, found.operation) == (KEY, None, "create")


def test_resource_that_is_not_in_the_state_has_only_a_wish() -> None:
    """A create without a refresh is a resource not deployed yet."""
    (found,) = planned_resources([planned(SECRET, "create", {"name": "n"})])
    assert (found.state, found.actual, found.wanted) == (None, None, {"name": "n"})


def test_resource_that_the_program_dropped_has_no_wish() -> None:
    """A delete step carries no inputs of the program."""
    (found,) = planned_resources([refreshed(API_KEY, KEY, KEY), planned(API_KEY, "delete", None)])
    assert (found.wanted, found.operation) == (None, "delete")


def test_three_steps_of_a_replacement_are_one() -> None:
    """Of a replacement the creating step counts, with the properties that ask for it."""
    inputs = {"secretString": "[secret]"}
    events = [
        refreshed(SECRET_VERSION, STATES[SECRET_VERSION], STATES[SECRET_VERSION]),
        planned(SECRET_VERSION, "create-replacement", inputs, ["secretString"]),
        planned(SECRET_VERSION, "replace", inputs, ["secretString"]),
        planned(SECRET_VERSION, "delete-replaced", None),
    ]
    (found,) = planned_resources(events)
    assert (found.operation, found.differing, found.wanted) == ("replace", ("secretString",), inputs)


def test_what_is_left_of_a_replacement_is_not_the_resource() -> None:
    """An old copy that waits for its deletion is no side of the resource."""
    old = refreshed(API_KEY, KEY | {"limit": 1}, KEY, delete=True)
    (found,) = planned_resources([refreshed(API_KEY, KEY, KEY), old])
    assert found.state == KEY


def test_other_resources_and_other_events_are_passed_over() -> None:
    """Components, foreign resources and diagnostics are no findings."""
    foreign = refreshed("aws:s3/bucket:Bucket", {"a": 1}, {"a": 2})
    assert planned_resources([foreign, event(diagnosticEvent={"message": urn(API_KEY), "severity": "error"})]) == []
