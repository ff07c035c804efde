"""`make faults`, second part: `kill -9` at random instants of every operation, as a table of what was lost.

Four kills are one life of a stack: of its first `up`, of a change, of a rotation and of its `destroy`. After each come
`recover --yes --clear-lock` and the next run, which are the check of this kill and the ground of the next one.
Seeded: the same seed kills the same processes of the same operations as far into a run. How long a run is, from its
first word in the state to its end, is measured first.
"""

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any

from sandbox.lifecycle import Sandbox
from tests.background import Background
from tests.faults.kills_table import DESTROY, OPERATIONS, ROTATE, UP, UPDATE, Kill, Outcome, print_table
from tests.harness import Run, Stack, open_stack
from tests.processes import COMMAND_LINE, PROVIDER, kill

SERVICES = tuple(f"s{number}" for number in range(4))
ROTATION = {"every": "90d", "overlap": "7d", "stagger": False}
# Each call takes this long before its work and as long again before its answer.
HALF_CALL_SECONDS = 0.075
VICTIMS: dict[str, tuple[str, ...]] = {"the CLI": (COMMAND_LINE,), "the provider": (PROVIDER,), "everything": ()}
COMMANDS = {UP: UP, UPDATE: UP, ROTATE: UP, DESTROY: DESTROY}
LAST_MOMENT = 0.9
"""Of a run's usual length: a later kill would often find a run that was a little faster at its end."""
AGAIN = {UP: ("up", "--refresh"), DESTROY: ("destroy",)}
INSTANTS = {
    UP: "2027-01-01T00:00:00Z",
    UPDATE: "2027-01-02T00:00:00Z",
    ROTATE: "2027-04-05T00:00:00Z",
    DESTROY: "2027-04-20T00:00:00Z",
}
AFTER_ANOTHER_OVERLAP = "2027-05-01T00:00:00Z"


def plan(kills: int, seed: int) -> list[list[Kill]]:
    """Return the lives of a seed: whom each kill hits, in what, when, and what comes after it."""
    chance = random.Random(seed)  # noqa: S311 - a test's dice
    lives: list[list[Kill]] = []
    for number in range(kills):
        life, operation = number // len(OPERATIONS), OPERATIONS[number % len(OPERATIONS)]
        after = DESTROY if operation == DESTROY and life % 2 else UP
        moment = chance.uniform(0, LAST_MOMENT)
        if operation == UP:
            lives.append([])
        lives[-1].append(Kill(number, list(VICTIMS)[(number + life) % len(VICTIMS)], operation, moment, after))
    return lives


@dataclass
class Life:
    """One stack through its kills.

    Attributes:
        stack: the stack.
        lengths: how long a run of each operation takes, in seconds.
        runs: what came after the last kill.
    """

    stack: Stack
    lengths: dict[str, float] = field(default_factory=dict)
    runs: list[Run] = field(default_factory=list)

    def measure(self, operations: Sequence[str]) -> dict[str, float]:
        """Live through the operations unharmed; return how long each took, in seconds from its first word."""
        return {operation: self._length(operation) for operation in operations}

    def _length(self, operation: str) -> float:
        self._begin(operation)
        state = StateFile(self.stack)
        with self._running(operation) as running:
            running.until(lambda: state.written_for(0))
            began = time.monotonic()
            assert running.finish().code == 0
        return time.monotonic() - began

    def outcomes(self, kills: Sequence[Kill]) -> Iterator[Outcome]:
        """Yield what each kill cost; a stack that a kill left unusable has no more."""
        for each in kills:
            outcome = self._survive(each)
            yield outcome
            if not outcome.clean:
                return

    def report(self) -> str:
        """Return what the runs after the last kill printed, and what the API was asked."""
        calls = [
            f"{call['at']} {call['operation']} {call.get('name', call['path'])}" for call in self.stack.control.calls()
        ]
        return "\n".join([*map(str, self.runs), *calls, ""])

    def _survive(self, each: Kill) -> Outcome:
        stack = self.stack
        self.runs.clear()
        self._begin(each.operation)
        outcome = Outcome(each, in_time=self._kill(each))
        stack.control.configure(latency_ms=0)
        stack.control.clear_faults()
        noted = StateFile(stack).text()
        outcome.unknown = sum(key["hash"] not in noted for key in stack.control.keys())
        self._note(outcome, stack.run("openrouter-keys", "recover", *self._stack_options(), check=False))
        self._note(outcome, stack.pulumi(*AGAIN[each.after], "--yes", "--skip-preview", check=False))
        # What only lingers is no witness of what recovery makes of the state.
        kill(stack.folder)
        self._count(outcome)
        return outcome

    def _begin(self, operation: str) -> None:
        stack = self.stack
        stack.control.clear_calls()
        stack.now = INSTANTS[operation]
        stack.configure(self._services(operation))
        stack.control.configure(latency_ms=HALF_CALL_SECONDS * 1000)
        stack.control.fault("any", "hang", after=True, seconds=HALF_CALL_SECONDS, count=100_000)

    def _running(self, operation: str) -> Background:
        return Background.pulumi(self.stack, COMMANDS[operation], "--yes", "--skip-preview")

    def _services(self, operation: str) -> dict[str, Any]:
        limit = 5 if operation == UP else 6
        return {service: {"limit": limit, "rotation": ROTATION} for service in SERVICES}

    def _stack_options(self) -> tuple[str, ...]:
        return "--stack", self.stack.name, "--yes", "--clear-lock"

    def _kill(self, each: Kill) -> bool:
        """Kill at the instant, counted from the run's first word in the state; return whether it was running."""
        state, seconds = StateFile(self.stack), each.moment * self.lengths[each.operation]
        with self._running(each.operation) as running:
            running.until(lambda: state.written_for(seconds))
            # Counted after the act: a victim that had just ended by itself was missed.
            hit = kill(self.stack.folder, VICTIMS[each.victim]) > 0
            running.finish()
        return hit

    def _note(self, outcome: Outcome, run: Run) -> None:
        outcome.failed += run.code != 0
        self.runs.append(run)

    def _count(self, outcome: Outcome) -> None:
        """Count keys alive that no service uses or has yet to retire, and services without a working key."""
        wanted = SERVICES if outcome.kill.after == UP else ()
        current, superseded = self._known_keys()
        if outcome.kill.operation == DESTROY and superseded & self._alive():
            # A half-done destroy has forgotten when the overlap began: it begins anew, and must end.
            self.stack.now = AFTER_ANOTHER_OVERLAP
            self._note(outcome, self.stack.up(check=False))
            current, superseded = self._known_keys()
        # One more key a service is due: the one that the rotation just superseded, through its overlap.
        expected = current | (superseded if outcome.kill.operation == ROTATE else set())
        alive = self._alive()
        outcome.orphans += len(alive - expected)
        outcome.lost += len(current - alive) + sum(not self.stack.works(service) for service in wanted)
        outcome.failed += len(current) != len(wanted)

    def _known_keys(self) -> tuple[set[str], set[str]]:
        """Return the keys that the state has in use, and those that they superseded."""
        keys = [resource["outputs"] for resource in self.stack.resources("ApiKey").values()]
        superseded = {each["hash"] for key in keys for each in key.get("superseded") or []}
        return {key["hash"] for key in keys}, superseded

    def _alive(self) -> set[str]:
        return {key["hash"] for key in self.stack.control.keys()}


class StateFile:
    """The file that a run notes its operations in."""

    def __init__(self, stack: Stack) -> None:
        self._path = stack.backend / ".pulumi" / "stacks" / "openrouter-keys" / f"{stack.name}.json"
        self._before = self._written_at()
        self._first: float | None = None

    def _written_at(self) -> int:
        return self._path.stat().st_mtime_ns if self._path.exists() else 0

    def text(self) -> str:
        """What it says now."""
        return self._path.read_text() if self._path.exists() else ""

    def written_for(self, seconds: float) -> bool:
        """Whether its first change since was so long ago."""
        if self._first is None and self._written_at() != self._before:
            self._first = time.monotonic()
        return self._first is not None and time.monotonic() - self._first >= seconds


def run_lives(sandbox: Sandbox, folder: Path, lives: Sequence[Sequence[Kill]], at_once: int) -> Iterator[Outcome]:
    """Yield what each kill cost, life after life, so many of them side by side."""
    operations = [operation for operation in OPERATIONS if any(operation == each.operation for each in chain(*lives))]

    def live_unharmed(number: int) -> dict[str, float]:
        return Life(open_stack(folder / f"unharmed-{number}", sandbox)).measure(operations)

    def live(number: int) -> list[Outcome]:
        life = Life(open_stack(folder / str(number), sandbox), lengths)
        found = []
        for outcome in life.outcomes(lives[number]):
            sys.stderr.write(f"{outcome}\n")
            found.append(outcome)
            if not outcome.clean:
                sys.stderr.write(life.report())
        return found

    with ThreadPoolExecutor(at_once) as pool:
        # Measured beside as many others as the kills have beside them.
        measured = list(pool.map(live_unharmed, range(at_once)))
        lengths = {operation: min(each[operation] for each in measured) for operation in operations}
        for found in pool.map(live, range(len(lives))):
            yield from found


def main(words: Sequence[str] | None = None) -> int:
    """Run the kills and print their table; exit code 0 where every one is clean."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.kills", description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--stacks", type=int, default=2, help="how many stacks run side by side")
    chosen = parser.parse_args(words)
    began = time.monotonic()
    with (
        tempfile.TemporaryDirectory(prefix="openrouter-keys-kills-") as folder,
        Sandbox(Path(folder) / "sb") as sandbox,
    ):
        found = list(run_lives(sandbox, Path(folder), plan(chosen.kills, chosen.seed), chosen.stacks))
    print_table(found, f"{chosen.kills} kills, seed {chosen.seed}, {(time.monotonic() - began) / 60:.0f} minutes")
    return 0 if len(found) == chosen.kills and all(outcome.clean for outcome in found) else 1


if __name__ == "__main__":
    sys.exit(main())
