"""`make faults`: `kill -9` at random instants of `openrouter-keys move`, and what running it again makes of it.

A life is one project with two stacks. Each kill hits a move of one or two services to the stack that they are not in;
then the move is run again, and every key, every secret's current version, both states and both config files are
looked at. Seeded: the same seed kills the same processes as long after the same part of a move began.
"""

import argparse
import random
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, fields
from pathlib import Path

import yaml

from openrouter_provider.config.sharing.moves import FOLDER, moves_under_way
from sandbox.lifecycle import Sandbox
from tests.background import Background
from tests.engine.moving import PREVIEW, fingerprints, key_hashes, neighbour_of, writes
from tests.faults.kills import StateFile
from tests.harness import Run, Stack, open_stack
from tests.processes import COMMAND_LINE, kill

SERVICES = tuple(f"s{number}" for number in range(4))
THE_COMMAND, PULUMI, EVERYTHING = VICTIMS = ("the command", "pulumi", "everything")
KILLS_IN_A_LIFE = 10
PREVIEWED = 5
"""Each so many kills both stacks are previewed, and an unfinished move's stacks tried to be deployed."""


START, NOTED, ARRIVED, LEFT = PARTS = ("start", "noted", "arrived", "left")
SECONDS = {START: 4.0, NOTED: 1.2, ARRIVED: 0.9, LEFT: 0.05}
"""By what has just happened, how long after it a kill may come: the command began, the move was noted, the state of the
one stack was written, that of the other was."""


@dataclass(frozen=True)
class MovingKill:
    """One planned kill: its number, who dies, how many services go, after which part of a move, and how long after."""

    number: int
    victim: str
    services: int
    part: str
    seconds: float


@dataclass
class Cost:
    """What kills cost, each a number of them; the last four must be none."""

    kills: int = 0
    missed: int = 0
    unfinished: int = 0
    unlocked: int = 0
    reissued: int = 0
    lost: int = 0
    failed: int = 0
    previews: int = 0

    def add(self, other: "Cost") -> None:
        """Count another's kills as well."""
        for each in fields(self):
            setattr(self, each.name, getattr(self, each.name) + getattr(other, each.name))

    @property
    def clean(self) -> bool:
        """Whether no key was made anew or lost, and every move ended."""
        return not (self.reissued or self.lost or self.failed or self.previews)


def plan(kills: int, seed: int) -> list[MovingKill]:
    """Return the kills of a seed: each victim in each part by turns."""
    chance = random.Random(seed)  # noqa: S311 - a test's dice
    both = [(VICTIMS[number % len(VICTIMS)], PARTS[number % len(PARTS)]) for number in range(kills)]
    return [
        MovingKill(number, victim, chance.randint(1, 2), part, chance.uniform(0, SECONDS[part]))
        for number, (victim, part) in enumerate(both)
    ]


class MovingLife:
    """Two stacks of one project through its kills."""

    def __init__(self, stack: Stack, seed: int) -> None:
        self.stacks: tuple[Stack, Stack] = (stack, neighbour_of(stack))
        self._chance = random.Random(seed)  # noqa: S311 - a test's dice
        self.runs: list[Run] = []
        stack.configure({service: {"limit": 5} for service in SERVICES})
        stack.up()
        self._keys, self._versions = key_hashes(stack), fingerprints(stack)
        stack.control.clear_calls()
        assert self._again(*self.stacks, ("s0", "s1")) == 0, self.runs

    def survive(self, each: MovingKill) -> Cost:
        """Return what a kill cost, once the move was run again."""
        self.runs.clear()
        source, target = self._direction(each.services)
        services = self._chance.sample(sorted(self._services_of(source)), each.services)
        cost = Cost(kills=1)
        cost.missed = not self._kill(each, source, target, services)
        cost.unfinished = len(moves_under_way(source.folder))
        looked = each.number % PREVIEWED == 0
        if cost.unfinished and looked:
            refused = source.pulumi("preview", check=False)
            cost.failed += "is unfinished" not in refused.output
        self._end(cost, source, target, services)
        self._judge(cost, target, services)
        if looked:
            cost.previews = sum(stack.pulumi(*PREVIEW, check=False).code != 0 for stack in self.stacks)
        return cost

    def _direction(self, wanted: int) -> tuple[Stack, Stack]:
        one, other = self.stacks
        able = [pair for pair in ((one, other), (other, one)) if len(self._services_of(pair[0])) >= wanted]
        return self._chance.choice(able)

    def _services_of(self, stack: Stack) -> set[str]:
        return set(stack.resources("ApiKey"))

    def _words(self, source: Stack, target: Stack, services: Sequence[str]) -> tuple[str, ...]:
        return ("openrouter-keys", "move", *services, "--stack", source.name, "--to", target.name, "--yes")

    def _kill(self, each: MovingKill, source: Stack, target: Stack, services: Sequence[str]) -> bool:
        started = self._part(each, source, target)
        moment: list[float] = []

        def has_come() -> bool:
            if not moment and started():
                moment.append(time.monotonic() + each.seconds)
            return bool(moment) and time.monotonic() >= moment[0]

        with Background(source, *self._words(source, target, services)) as running:
            in_time = running.until(has_come)
            if each.victim == THE_COMMAND:
                with suppress(ProcessLookupError):
                    running.signal(signal.SIGKILL)
            else:
                kill(source.folder, (COMMAND_LINE,) if each.victim == PULUMI else ())
            self.runs.append(running.finish())
        return in_time

    def _part(self, each: MovingKill, source: Stack, target: Stack) -> Callable[[], bool]:
        """Return what tells that a part of the move has begun."""
        written = {ARRIVED: StateFile(target), LEFT: StateFile(source)}
        if each.part == NOTED:
            return lambda: any((source.folder / FOLDER).glob("*.json"))
        return (lambda: written[each.part].written_for(0)) if each.part in written else (lambda: True)

    def _again(self, source: Stack, target: Stack, services: Sequence[str]) -> int:
        run = source.run(*self._words(source, target, services), check=False)
        self.runs.append(run)
        return run.code

    def _end(self, cost: Cost, source: Stack, target: Stack, services: Sequence[str]) -> None:
        """Run the move again; without a journal, and with everything there, it had ended."""
        if not moves_under_way(source.folder) and self._services_of(target) >= set(services):
            return
        if self._again(source, target, services) and "is locked by" in self.runs[-1].output:
            # Killed in the blink in which pulumi looked whether the stack is locked, before anything was noted.
            cost.unlocked += 1
            for stack in self.stacks:
                words = ("openrouter-keys", "recover", "--stack", stack.name, "--yes", "--clear-lock")
                self.runs.append(stack.run(*words, check=False))
            self._again(source, target, services)
        cost.failed += self.runs[-1].code != 0

    def _judge(self, cost: Cost, target: Stack, services: Sequence[str]) -> None:
        stack = self.stacks[0]
        alive, versions = key_hashes(stack), fingerprints(stack)
        cost.reissued += len(set(alive) - set(self._keys)) + len(writes(stack)) + (versions != self._versions)
        known = [key["outputs"]["hash"] for each in self.stacks for key in each.resources("ApiKey").values()]
        cost.lost += len(set(self._keys) - set(alive)) + (sorted(known) != self._keys)
        cost.failed += not self._services_of(target) >= set(services) or bool(moves_under_way(stack.folder))
        cost.failed += sorted(name for each in self.stacks for name in self._configured(each)) != sorted(SERVICES)

    def _configured(self, stack: Stack) -> list[str]:
        text = (stack.folder / f"Pulumi.{stack.name}.yaml").read_text()
        return list(yaml.safe_load(text)["config"].get("openrouter-keys:services") or {})


def run_lives(sandbox: Sandbox, folder: Path, kills: Sequence[MovingKill], at_once: int) -> Iterator[Cost]:
    """Yield what each kill cost, so many lives side by side."""

    def live(numbered: tuple[int, Sequence[MovingKill]]) -> list[Cost]:
        number, mine = numbered
        life = MovingLife(open_stack(folder / str(number), sandbox), number)
        found = []
        for each in mine:
            cost = life.survive(each)
            sys.stderr.write(f"{each} {cost}\n")
            found.append(cost)
            if not cost.clean:
                sys.stderr.write("\n".join(map(str, life.runs)) + "\n")
                break
        return found

    with ThreadPoolExecutor(at_once) as pool:
        for found in pool.map(live, enumerate(batched_kills(kills))):
            yield from found


def batched_kills(kills: Sequence[MovingKill]) -> list[Sequence[MovingKill]]:
    """Return the kills by life."""
    return [kills[first : first + KILLS_IN_A_LIFE] for first in range(0, len(kills), KILLS_IN_A_LIFE)]


def main(words: Sequence[str] | None = None) -> int:
    """Run the kills and print what they cost; exit code 0 where every one is clean."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.moving_kills", description=__doc__)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--stacks", type=int, default=2, help="how many projects run side by side")
    chosen = parser.parse_args(words)
    began, total = time.monotonic(), Cost()
    with (
        tempfile.TemporaryDirectory(prefix="openrouter-keys-moving-") as folder,
        Sandbox(Path(folder) / "sb") as sandbox,
    ):
        for cost in run_lives(sandbox, Path(folder), plan(chosen.kills, chosen.seed), chosen.stacks):
            total.add(cost)
    minutes = (time.monotonic() - began) / 60
    sys.stdout.write(f"{total}, seed {chosen.seed}, {minutes:.0f} minutes\n")
    return 0 if total.clean and total.kills == chosen.kills else 1


if __name__ == "__main__":
    sys.exit(main())
