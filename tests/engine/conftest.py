"""The sandbox that the engine tests of one worker share, and a fresh stack for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.lifecycle import Sandbox
from tests.engine.schedule import ROTATING, START
from tests.harness import Stack, open_stack


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """A sandbox that lives as long as the worker."""
    with Sandbox(tmp_path_factory.mktemp("sandbox") / "data") as running:
        yield running


@pytest.fixture
def stack(sandbox: Sandbox, tmp_path: Path) -> Stack:
    """A new, empty stack on an account of its own."""
    return open_stack(tmp_path / "project", sandbox)


@pytest.fixture
def rotating(stack: Stack) -> Stack:
    """A stack with one service on a 90 day schedule, deployed at the start."""
    stack.now = START
    stack.configure({"checkout": ROTATING})
    stack.up()
    return stack
