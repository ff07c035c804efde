"""A simulator and an account of it for each module of tests."""

from collections.abc import Iterator

import pytest

from sandbox.openrouter import Control, SimulatorServer


@pytest.fixture(scope="module")
def simulator() -> Iterator[SimulatorServer]:
    """Serve the simulator in a thread."""
    with SimulatorServer() as server:
        yield server


@pytest.fixture(scope="module")
def account(simulator: SimulatorServer) -> Iterator[Control]:
    """Open the account of these tests."""
    with simulator.open_account() as opened:
        yield opened
