"""Ctrl-C and SIGTERM while keys are being created."""

import signal
from collections.abc import Callable

import pytest

from tests.background import Background
from tests.harness import Stack

SERVICES = {f"s{number}": {"limit": 5} for number in range(3)}
ANSWER_SECONDS = 3


def ctrl_c(running: Background) -> None:
    """Send what a terminal sends: SIGINT to the whole process group."""
    running.signal_group(signal.SIGINT)


def terminate(running: Background) -> None:
    """Send what a CI runner sends when a job is cancelled: SIGTERM to the command."""
    running.signal(signal.SIGTERM)


@pytest.mark.parametrize("interrupt", [ctrl_c, terminate])
def test_creates_under_way_are_finished_and_recorded(stack: Stack, interrupt: Callable[[Background], None]) -> None:
    """An interrupted up records every key that it made and leaves no lock; the next up makes only the rest."""
    stack.configure(SERVICES)
    # The keys exist and their answers are on the way when the signal comes.
    stack.control.fault("create_key", "hang", after=True, count=len(SERVICES), seconds=ANSWER_SECONDS)
    with Background.pulumi(stack, "up", "--yes", "--skip-preview", "--parallel", "2") as running:
        assert running.until(lambda: len(stack.control.keys()) == 2)
        interrupt(running)
        run = running.finish()
    assert run.code != 0
    assert "received; cancelling" in run.output, run
    made = {key["hash"] for key in stack.control.keys()}
    deployment = stack.export()["deployment"]
    assert not deployment.get("pending_operations")
    assert {key["outputs"]["hash"] for key in stack.resources("ApiKey").values()} == made
    assert len(made) == 2
    stack.control.clear_faults()
    stack.up()
    assert all(stack.authenticates(service) for service in SERVICES)
    assert made < {key["hash"] for key in stack.control.keys()}
    assert len(stack.control.keys()) == len(SERVICES)
