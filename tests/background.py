"""A command of a stack that runs beside the test, to be watched, interrupted or killed."""

import os
import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import Self

from tests.harness import COMMAND_TIMEOUT_SECONDS, Run, Stack
from tests.processes import kill

MOMENT_SECONDS = 90
POLL_SECONDS = 0.01


def eventually(moment: Callable[[], bool]) -> None:
    """Wait until it has come."""
    deadline = time.monotonic() + MOMENT_SECONDS
    while not moment():
        assert time.monotonic() < deadline, "the moment never came"
        time.sleep(POLL_SECONDS)


class Background:
    """One command under way, in a process group of its own as a terminal gives it; killed at the end of the block.

    Args:
        stack: whose folder and environment it runs in.
        arguments: the command's words.
    """

    def __init__(self, stack: Stack, *arguments: str) -> None:
        self._stack = stack
        self._arguments = list(arguments)
        # A file, since a pipe that nobody reads would hold the command up.
        self._output = (stack.folder.parent / f"{stack.folder.name}.{time.monotonic_ns()}.out").open("w+")
        self._process = subprocess.Popen(
            arguments,
            cwd=stack.folder,
            env=stack.command_environment(),
            stdin=subprocess.DEVNULL,
            stdout=self._output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    @classmethod
    def pulumi(cls, stack: Stack, *arguments: str) -> Self:
        """Start pulumi for a stack."""
        return cls(stack, "pulumi", *arguments, "--stack", stack.name, "--non-interactive")

    def until(self, moment: Callable[[], bool]) -> bool:
        """Wait for the moment; return whether the command was still running then."""
        eventually(lambda: self._process.poll() is not None or moment())
        return self._process.poll() is None

    def signal_group(self, number: signal.Signals) -> None:
        """Send a signal to the command's process group, as a terminal does at Ctrl-C."""
        os.killpg(self._process.pid, number)

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the command alone, as a supervisor does."""
        self._process.send_signal(number)

    def finish(self) -> Run:
        """Wait for its end; return what it printed."""
        code = self._process.wait(COMMAND_TIMEOUT_SECONDS)
        self._output.seek(0)
        return Run(self._arguments, code, self._output.read(), "")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process.poll() is None:
            kill(self._stack.folder)
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(MOMENT_SECONDS)
        self._output.close()


def kill_up_when(stack: Stack, moment: Callable[[], bool]) -> bool:
    """Start `pulumi up`, kill it with all its processes at the moment; return whether it was still running."""
    with Background.pulumi(stack, "up", "--yes", "--skip-preview") as running:
        hit = running.until(moment)
        kill(stack.folder)
        running.finish()
    return hit
