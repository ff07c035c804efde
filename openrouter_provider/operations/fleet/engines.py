"""Pulumi's engines under way, so that whoever stops this command stops them as Pulumi itself would be stopped."""

import os
import signal
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from threading import RLock
from types import FrameType

from pulumi.automation import CommandError, CommandResult, OnOutput, PulumiCommand

STOPPING = (signal.SIGINT, signal.SIGTERM)
_SAID = b"openrouter-keys: stopping: what each engine is doing is brought to its end; once more ends them at once\n"


class Stopped(Exception):
    """The command is being stopped: no engine is started any more."""


class Engines(PulumiCommand):
    """Pulumi's command; it keeps its running processes, and passes signals on to them.

    Each has a process group of its own: at a terminal, Ctrl-C would otherwise reach an engine twice, by the terminal
    and by this command, and the second time ends it without care.

    Args:
        root: the folder with bin/pulumi; None for the one on PATH.
    """

    def __init__(self, root: str | None = None) -> None:
        super().__init__(root)
        # Entered again by a signal's handler, which runs in whatever the main thread is doing.
        self._lock = RLock()
        self._running: set[subprocess.Popen[str]] = set()
        self._signals = 0

    @property
    def stopping(self) -> bool:
        """Whether a signal came."""
        return self._signals > 0

    def run(
        self,
        args: list[str],
        cwd: str,
        additional_env: Mapping[str, str],
        on_output: OnOutput | None = None,
        on_error: OnOutput | None = None,  # noqa: ARG002 - one stream: the order of a run's lines is what explains it
    ) -> CommandResult:
        """Run a command; both streams are told line by line and come back as one.

        Raises:
            CommandError: the command failed.
            Stopped: a signal came before it was started.
        """
        process = self._started(["--non-interactive", *args], cwd, additional_env)
        lines = []
        try:
            for line in process.stdout or ():
                lines.append(line.rstrip())
                if on_output:
                    on_output(lines[-1])
            code = process.wait()
        finally:
            with self._lock:
                self._running.discard(process)
        result = CommandResult("\n".join(lines), "", code)
        if code:
            raise CommandError(result)
        return result

    def _started(self, args: list[str], cwd: str, additional_env: Mapping[str, str]) -> subprocess.Popen[str]:
        with self._lock:
            if self.stopping:
                raise Stopped
            process = subprocess.Popen(
                [self.command, *args],
                cwd=cwd,
                env={**os.environ, **additional_env, "PULUMI_AUTOMATION_API": "true"},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                encoding="utf-8",
                errors="replace",
                process_group=0 if os.name == "posix" else None,
            )
            self._running.add(process)
        return process

    def stop(self, _number: int = 0, _frame: FrameType | None = None) -> None:
        """Pass a signal on to every engine: to Pulumi the first means to cancel with care, the second to end."""
        with self._lock:
            self._signals += 1
            if self._signals == 1:
                os.write(2, _SAID)
            for process in self._running:
                process.send_signal(signal.SIGINT)

    @contextmanager
    def passing_signals_on(self) -> Iterator[None]:
        """While the block runs, Ctrl-C and SIGTERM stop the engines and not this process."""
        before = {number: signal.signal(number, self.stop) for number in STOPPING}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
