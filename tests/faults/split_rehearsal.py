"""`python -m tests.faults.split_rehearsal`: one stack of 120 services becomes three, and what of it changes is counted.

Nothing may: no key is made or deleted, every secret's current version stays, and the previews of all stacks are empty.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sandbox.lifecycle import Sandbox
from tests.engine.moving import PREVIEW, fingerprints, key_hashes, neighbour_of, writes
from tests.harness import Stack, open_stack


@dataclass(frozen=True)
class Figures:
    """What a rehearsed split came to.

    Attributes:
        stacks: how many services each stack has afterwards.
        reissued: keys that are new or gone.
        versions_changed: secrets whose current version is another one.
        management_writes: calls that would change something on OpenRouter.
        previews_with_changes: stacks whose preview is not empty.
        deploy_seconds: how long the first `up` took.
        split_seconds: how long the split took.
    """

    stacks: dict[str, int]
    reissued: int
    versions_changed: int
    management_writes: int
    previews_with_changes: int
    deploy_seconds: float
    split_seconds: float

    @property
    def clean(self) -> bool:
        """Whether nothing changed."""
        return not (self.reissued or self.versions_changed or self.management_writes or self.previews_with_changes)


def rehearse(stack: Stack, services: int, size: int) -> Figures:
    """Return what a split of so many services into stacks of a size came to."""
    stack.configure({f"s{number:03}": {} for number in range(services)}, defaults={"limit": 5, "limitReset": "daily"})
    began = time.monotonic()
    _run(stack, "pulumi", "up", "--yes", "--skip-preview", "--non-interactive", "--stack", stack.name)
    deployed = time.monotonic() - began
    hashes, versions = key_hashes(stack), fingerprints(stack)
    stack.control.clear_calls()
    began = time.monotonic()
    _run(stack, "openrouter-keys", "split", "--stack", stack.name, "--size", str(size), "--yes")
    took = time.monotonic() - began
    stacks = [stack, *(_part(stack, number) for number in range(2, -(-services // size) + 1))]
    previews = sum(each.pulumi(*PREVIEW, check=False).code != 0 for each in stacks)
    return Figures(
        {each.name: len(each.resources("ApiKey")) for each in stacks},
        len(set(key_hashes(stack)) ^ set(hashes)),
        len(set(fingerprints(stack).items()) ^ set(versions.items())),
        len(writes(stack)),
        previews,
        round(deployed, 1),
        round(took, 1),
    )


def _run(stack: Stack, *words: str) -> None:
    """Run a command that may take longer than a test's."""
    subprocess.run(
        words,
        cwd=stack.folder,
        env=stack.command_environment(),
        check=True,
        stdout=sys.stderr,
        stdin=subprocess.DEVNULL,
    )


def _part(stack: Stack, number: int) -> Stack:
    part = neighbour_of(stack, initialised=False)
    part.name = f"{stack.name}-{number}"
    return part


def main(words: Sequence[str] | None = None) -> int:
    """Rehearse it and print the figures; exit code 0 where nothing changed."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.split_rehearsal", description=__doc__)
    parser.add_argument("--services", type=int, default=120)
    parser.add_argument("--size", type=int, default=40)
    chosen = parser.parse_args(words)
    with (
        tempfile.TemporaryDirectory(prefix="openrouter-keys-split-") as folder,
        Sandbox(Path(folder) / "sb") as sandbox,
    ):
        figures = rehearse(open_stack(Path(folder) / "project", sandbox), chosen.services, chosen.size)
    sys.stdout.write(json.dumps(figures.__dict__, indent=2) + "\n")
    return 0 if figures.clean else 1


if __name__ == "__main__":
    sys.exit(main())
