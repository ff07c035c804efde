"""One row of the fault matrix; `make faults` runs them all."""

from tests.faults.matrix import FAULTS, live_through
from tests.harness import Stack


def test_lost_answers_cost_nothing(stack: Stack) -> None:
    """A 504 after the work was done, twice in a row on every operation, leaves no failed run, orphan or lost value."""
    name = "504 after the work"
    outcome = live_through(stack, name, FAULTS[name])
    assert (outcome.clean, outcome.met) == (True, 4), outcome
