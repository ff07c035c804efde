"""A killed run is seen from wherever one looks, with the command that heals it."""

import json
import os
import socket
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from openrouter_provider.operations.doctor.stack_checks import interruption
from openrouter_provider.operations.drift.findings import Severity, commands_in
from openrouter_provider.operations.drift.killed_runs import run_findings
from openrouter_provider.operations.stack.locks import Lock, locks_in
from openrouter_provider.operations.verify import verify_stack
from tests.unit.report_fixtures import stack_of

PENDING = {"pending_operations": [{"type": "creating", "resource": {"urn": "x"}}]}
HERE = socket.gethostname()
NOBODY = 2**22 + 1
"""No process has an id that high."""
LEFT, RUNNING, ELSEWHERE = Lock("ann@here", HERE, NOBODY), Lock("ann@here", HERE, os.getpid()), Lock("ci@far", "far", 1)
RECOVER, CLEAR = "openrouter-keys recover --stack acme/prod", "openrouter-keys recover --stack acme/prod --clear-lock"


@pytest.mark.parametrize(
    ("deployment", "lock", "heals"),
    [
        ({}, None, []),
        (PENDING, None, [RECOVER]),
        ({}, LEFT, [CLEAR]),
        (PENDING, LEFT, [RECOVER, CLEAR]),
        ({}, RUNNING, [CLEAR]),
    ],
)
def test_each_command_names_what_heals(deployment: dict[str, Any], lock: Lock | None, heals: list[str]) -> None:
    """doctor, drift and verify have the same words and the same commands, with the stack's name."""
    checked = interruption(deployment, lock, "acme/prod")
    findings = list(run_findings("acme/prod", deployment, lock))
    pending = tuple(deployment.get("pending_operations", ()))
    stack = replace(stack_of(), name="acme/prod", has_no_config=True, pending=pending)
    verified = verify_stack(stack, lock=lock).services
    assert [each.fix.rpartition("run: ")[2] for each in checked] == heals
    assert [command for each in findings for command in commands_in(each.heal)] == heals
    assert [each.actual for each in findings] == [each.text for each in checked]
    said = [text.rpartition("run: ")[2] for each in verified for text in (*each.findings, *each.notices)]
    assert said == heals


@pytest.mark.parametrize(
    ("lock", "severity"),
    [(LEFT, Severity.WARNING), (RUNNING, Severity.NOTICE), (ELSEWHERE, Severity.NOTICE)],
)
def test_a_run_that_may_go_on_fails_no_check(lock: Lock, severity: Severity) -> None:
    """Only a lock whose process is known to be gone is more than a notice."""
    (found,) = run_findings("prod", {}, lock)
    assert found.severity is severity
    (row,) = verify_stack(replace(stack_of(), has_no_config=True), lock=lock).services
    assert bool(row.findings) is (severity is Severity.WARNING)


def test_a_file_backend_s_locks_are_read_without_taking_one(tmp_path: Path) -> None:
    """The stack's own locks of this project are found, in whatever organisation; one that is cut off is a lock too."""
    told = {"pid": NOBODY, "username": "ann", "hostname": HERE, "timestamp": "2027-01-01T00:00:00Z"}
    for name in ("organization/shop/prod/1", "organization/shop/dev/2", "organization/other/prod/3"):
        path = tmp_path / "locks" / f"{name}.json"
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps(told))
    (found,) = locks_in(tmp_path, "shop", "acme/prod")
    assert (found.holder, found.is_left(), found.is_alive()) == (
        f"ann@{HERE} (pid {NOBODY}) since 2027-01-01T00:00:00Z",
        True,
        False,
    )
    (tmp_path / "locks/organization/shop/prod/1.json").write_text("")
    assert list(locks_in(tmp_path, "shop", "prod")) == [Lock("another update")]
    assert list(locks_in(tmp_path, "shop", "nobody")) == []
