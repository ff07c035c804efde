"""A sample of the fault matrix; `make faults` runs every row."""

import pytest

from tests.faults import api_faults, aws_faults
from tests.faults.diagnostics import complaints, problem_of
from tests.faults.lives import CREATE, DESTROY, ROTATE, Row, live_through
from tests.faults.matrix import TABLES
from tests.harness import Run, Stack

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


def test_an_error_of_a_provider_of_pulumis_is_one_clear_line() -> None:
    """Pulumi's providers log an error, count it and repeat it; two errors are not one line all the same."""
    output = """
Diagnostics:
  aws:secretsmanager:SecretVersion (s1):
    error:   sdk-v2/provider2.go:572: sdk.helper_schema: putting X: AccessDeniedException: no: provider=aws@7.51.1
    error: 1 error occurred:
    \t* putting X: AccessDeniedException: no

"""
    twice = output.replace("    \t* putting", "    error: another\n    \t* putting")
    assert problem_of(Run([], 1, output, ""), "AccessDenied") is None
    assert problem_of(Run([], 1, output, ""), "Throttling") is not None
    assert problem_of(Run([], 1, twice, ""), "AccessDenied") is not None
