"""Runs a command and measures it together with every process that it starts."""

import os
import subprocess
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

SAMPLE_SECONDS = 0.05
TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
MEGABYTE = 1_000_000


class CommandFailed(Exception):
    """A measured command failed; the message ends with what it printed last."""


@dataclass(frozen=True)
class Cost:
    """What a command took: wall-clock seconds, CPU seconds and the largest resident memory of its process tree."""

    seconds: float
    cpu_seconds: float
    peak_megabytes: float


@dataclass(frozen=True)
class ProcessSample:
    """One process at one moment, as /proc shows it."""

    pid: int
    parent: int
    started: int
    cpu_seconds: float
    resident_bytes: int


def parse_stat(text: str) -> ProcessSample:
    """Return what a line of /proc/PID/stat says; the name in it may hold spaces and brackets."""
    pid, _, rest = text.partition(" ")
    fields = rest.rpartition(")")[2].split()
    cpu = (int(fields[11]) + int(fields[12])) / TICKS_A_SECOND
    return ProcessSample(int(pid), int(fields[1]), int(fields[19]), cpu, int(fields[21]) * PAGE_BYTES)


def descendants(
    processes: Sequence[ProcessSample], roots: Collection[int], known: frozenset[tuple[int, int]]
) -> list[ProcessSample]:
    """Return the roots and what descends from them; a process once known stays so when its parent ends before it."""
    children: dict[int, list[ProcessSample]] = {}
    for process in processes:
        children.setdefault(process.parent, []).append(process)
    waiting = [process for process in processes if process.pid in roots or (process.pid, process.started) in known]
    found: dict[int, ProcessSample] = {}
    while waiting:
        process = waiting.pop()
        if process.pid not in found:
            found[process.pid] = process
            waiting.extend(children.get(process.pid, ()))
    return list(found.values())


class TreeMeter:
    """Adds up what the processes of a tree use, from samples of it.

    A process's last moments, at most one sample's length each, are not seen; resident memory counts shared pages once
    for each process.

    Args:
        forking: a process outside the tree that forks some of its parts; what it forks counts, itself it doesn't.
    """

    def __init__(self, forking: int | None = None) -> None:
        self.peak_bytes = 0
        self._forking = forking
        self._cpu: dict[tuple[int, int], float] = {}

    @property
    def cpu_seconds(self) -> float:
        """The CPU seconds of all processes seen so far."""
        return sum(self._cpu.values())

    def note(self, root: int, processes: Sequence[ProcessSample]) -> None:
        """Take one sample of the whole machine into account."""
        roots = {root} if self._forking is None else {root, self._forking}
        found = descendants(processes, roots, frozenset(self._cpu))
        tree = [process for process in found if process.pid != self._forking]
        self._cpu |= {(process.pid, process.started): process.cpu_seconds for process in tree}
        self.peak_bytes = max(self.peak_bytes, sum(process.resident_bytes for process in tree))


def running_processes() -> list[ProcessSample]:
    """Return every process of the machine."""
    found = []
    for entry in os.scandir("/proc"):
        if entry.name.isdigit():
            try:
                found.append(parse_stat(Path(entry.path, "stat").read_text(encoding="utf-8", errors="replace")))
            except OSError:
                continue  # It ended in the meantime.
    return found


def measure(
    command: Sequence[str],
    folder: Path,
    environment: Mapping[str, str],
    expected: Sequence[int] = (0,),
    forking: int | None = None,
) -> Cost:
    """Run a command to its end and return what it cost.

    Args:
        command: its words.
        folder: where it runs.
        environment: its variables.
        expected: the exit codes that are no failure.
        forking: the process that forks the command's plugins, which count.

    Raises:
        CommandFailed: its exit code is none of the expected ones.
    """
    meter = TreeMeter(forking)
    log = folder / "command.log"
    with log.open("w", encoding="utf-8") as output:
        began = time.perf_counter()
        running = subprocess.Popen(
            command, cwd=folder, env=dict(environment), stdin=subprocess.DEVNULL, stdout=output, stderr=output
        )
        while (code := running.poll()) is None:
            meter.note(running.pid, running_processes())
            time.sleep(SAMPLE_SECONDS)
        seconds = time.perf_counter() - began
    if code not in expected:
        last = log.read_text(encoding="utf-8", errors="replace")[-2000:]
        raise CommandFailed(f"{' '.join(command)}: exit code {code}\n{last}")
    return Cost(seconds, meter.cpu_seconds, meter.peak_bytes / MEGABYTE)
