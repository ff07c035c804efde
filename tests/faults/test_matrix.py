"""A sample of the fault matrix; `make faults` runs every row."""

import pytest

from tests.faults import api_faults, aws_faults
from tests.faults.diagnostics import complaints
from tests.faults.lives import CREATE, DESTROY, ROTATE, Row, live_through
from tests.faults.matrix import TABLES
from tests.harness import Stack

LOST = api_faults.FAULTS["504 after the work"]
SAMPLE = [
    Row("504 after the work", api_faults.spoiled(LOST), (CREATE, ROTATE, DESTROY)),
    Row("denied", aws_faults.denied("PutSecretValue"), (CREATE,), refusal=aws_faults.DENIED),
]


@pytest.mark.parametrize("row", SAMPLE, ids=lambda row: row.name)
def test_trouble_costs_nothing(stack: Stack, row: Row) -> None:
    """Lost answers fail no run; a missing permission fails one, clearly; neither orphans, loses or leaks a key."""
    outcome = live_through(stack, row)
    assert outcome.clean, outcome


def test_rows_have_names_of_their_own() -> None:
    """Each row of a table can be asked for by its name."""
    for make in TABLES.values():
        names = [row.name for row in make()]
        assert len(names) == len(set(names))


def test_complaints_are_told_apart_by_resource() -> None:
    """The lines of a run's diagnostics are read by resource, without the stack's own summary."""
    output = """
Diagnostics:
  ApiKey (s1):
    error: one

  pulumi:pulumi:Stack (p):
    error: update failed

  Secret (s2):
    error: two
    error: three

Outputs:
    services: {}
"""
    assert complaints(output) == {"ApiKey (s1)": ["error: one"], "Secret (s2)": ["error: two", "error: three"]}
