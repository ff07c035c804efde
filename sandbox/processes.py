"""Background processes that are known again later by their id and start time, never by name alone."""

import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

STOP_SECONDS = 5.0
_POLL_SECONDS = 0.02


@dataclass(frozen=True)
class ProcessIdentity:
    """A process id together with when that process began, since ids are used again."""

    pid: int
    started: str

    def is_running(self) -> bool:
        """Say whether this very process still runs."""
        return start_time(self.pid) == self.started

    def stop(self, seconds: float = STOP_SECONDS) -> None:
        """End this very process, by force when it takes longer than `seconds`; one that is gone is no error."""
        for number in (signal.SIGTERM, signal.SIGKILL):
            if not self.is_running():
                return
            _signal(self.pid, number)
            _wait_for_end(self, seconds)


def start_time(pid: int) -> str | None:
    """Return an opaque text that differs between two processes of the same id; None when none runs."""
    stat = Path(f"/proc/{pid}/stat")
    if not Path("/proc/self/stat").exists():
        return _start_time_by_ps(pid)
    try:
        fields = stat.read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] in "ZX" else fields[19]


def start(module: str, arguments: list[str], *, root: Path, log: Path, environment: dict[str, str]) -> ProcessIdentity:
    """Start `python -m module` detached from this terminal, its output appended to `log`."""
    with log.open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            cwd=root,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    process.returncode = 0  # detached on purpose: no warning that it outlives this object
    return ProcessIdentity(process.pid, start_time(process.pid) or "ended")


def running_with_argument(argument: str) -> list[ProcessIdentity]:
    """Return this user's processes that were started with exactly this command-line argument."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "cmdline").read_bytes().split(b"\0")
            mine = folder.stat().st_uid == os.getuid()
        except OSError:
            continue
        started = start_time(int(folder.name))
        if mine and argument.encode() in words and started is not None:
            found.append(ProcessIdentity(int(folder.name), started))
    return found


def _signal(pid: int, number: int) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return


def _wait_for_end(process: ProcessIdentity, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while process.is_running() and time.monotonic() < deadline:
        _reap(process.pid)
        time.sleep(_POLL_SECONDS)
    _reap(process.pid)


def _reap(pid: int) -> None:
    try:
        os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:
        return


def _start_time_by_ps(pid: int) -> str | None:
    command = ["ps", "-o", "lstart=", "-p", str(pid)]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    return answer.stdout.strip() or None
