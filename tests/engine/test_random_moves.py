"""Random moves on one service with real commands: parts of the stack left out, old states, hands, clocks.

A soak: OPENROUTER_KEYS_SOAK=1, with OPENROUTER_KEYS_STEPS=100 and OPENROUTER_KEYS_SEED=7 say. A life has twelve moves.
"""

import os
import random
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from openrouter_provider.keys.schedule import format_instant, parse_instant
from openrouter_provider.operations.stack.pending import known_hashes
from openrouter_provider.stores.payload import key_in
from sandbox.aws.client import AwsControl
from sandbox.lifecycle import Sandbox
from tests.harness import Run, Stack, open_stack
from tests.soak import SOAK, only_in_soak

STEPS = int(os.environ.get("OPENROUTER_KEYS_STEPS", "100")) if SOAK else 4
SEED = int(os.environ.get("OPENROUTER_KEYS_SEED", "7"))
STEPS_OF_A_LIFE = 12
START = "2027-01-01T00:00:00Z"
SERVICES: dict[str, Any] = {
    "checkout": {"limit": 5, "rotation": {"every": "90d", "overlap": "7d", "stagger": False}},
}
KINDS = ("ApiKey", "SecretVersion", "SupersededKeys")
TRACEBACK = "Traceback (most recent call last)"


class Life:
    """One stack's life beside a sibling's on the same account, under the same prefix.

    Attributes:
        broke: keys that a person disabled, or stored when they were refused already.
        story: what happened so far.
    """

    def __init__(self, stack: Stack, sibling: Stack, chance: random.Random) -> None:
        self.stack = stack
        self.sibling = sibling
        self.chance = chance
        self.aws = AwsControl(stack.environment["AWS_ENDPOINT_URL"])
        self.broke: set[str] = set()
        self.story: list[str] = []
        self._exports: list[Path] = []
        self._now = START
        self._pass(days=0)
        sibling.configure({"other": SERVICES["checkout"]}, namePrefix=stack.prefix)
        sibling.up()
        stack.configure(SERVICES)
        stack.up()
        self._keep_export()
        self._theirs = self._settings(self._hashes() - known_hashes(stack.export()["deployment"]))
        assert self._theirs

    def moves(self) -> dict[str, Callable[[], Run]]:
        """Return what may happen: each is something before, and one command."""
        return {
            "up": self._up,
            "up --refresh": lambda: self._up("--refresh"),
            "a part": lambda: self._up(*self._part()),
            "a part --refresh": lambda: self._up("--refresh", *self._part()),
            "--continue-on-error": lambda: self._spoilt("PutSecretValue", "--continue-on-error"),
            "unreadable": lambda: self._spoilt("GetSecretValue"),
            "an older state": self._restored,
            "recover": self._recover,
            "rolled back": lambda: self._by_hand(self._roll_back),
            "edited": lambda: self._by_hand(self._edit),
            "disabled": lambda: self._by_hand(self._disable),
            "a clock far ahead": lambda: self._with_clock(days=self.chance.choice([100, 400, 26000])),
        }

    def step(self) -> None:
        """Let time pass, make one move, and hold the result against the claims."""
        self._pass(days=self.chance.choice([0, 1, 8, 91]))
        name = self.chance.choice(sorted(self.moves()))
        run = self.moves()[name]()
        self._keep_export()
        self.story.append(f"{self._now} {name}: {' '.join(run.arguments)} exit {run.code}")
        assert TRACEBACK not in run.output, run
        self._check(run)

    def settle(self) -> None:
        """A plain refresh puts the service right; after its overlaps one key is left that any state of it knows."""
        self._up("--refresh", check=True)
        for _ in range(2):
            self._pass(days=8)
            self._up(check=True)
        known = known_hashes(self.stack.export()["deployment"])
        current = self.stack.services()["checkout"]["keyHash"]
        assert known & self._hashes() == {current}
        assert self.stack.authenticates("checkout")

    def _pass(self, *, days: int) -> None:
        self._now = format_instant(parse_instant(self._now) + timedelta(days=days))
        self.stack.now = self.sibling.now = self._now
        self.stack.control.configure(now=self._now)

    def _up(self, *arguments: str, check: bool = False) -> Run:
        return self.stack.up(*arguments, check=check)

    def _part(self) -> list[str]:
        """Return --target or --exclude of some of the service's resources."""
        option = self.chance.choice(["--target", "--exclude"])
        chosen = self.chance.sample(KINDS, self.chance.choice([1, 2]))
        found = [self.stack.resources(kind).get("checkout") for kind in chosen]
        return [word for resource in found if resource for word in (option, resource["urn"])]

    def _spoilt(self, operation: str, *arguments: str) -> Run:
        self.aws.fault(operation, "AccessDeniedException", secret=self.stack.prefix, count=-1)
        try:
            return self._up(*arguments)
        finally:
            self.aws.clear(self.stack.prefix)

    def _restored(self) -> Run:
        self.stack.pulumi("stack", "import", "--file", str(self.chance.choice(self._exports)))
        return self._up()

    def _recover(self) -> Run:
        """After an older state, or nothing: whatever it finds lost, it deletes nothing that the secret holds."""
        if self.chance.choice([True, False]):
            self.stack.pulumi("stack", "import", "--file", str(self.chance.choice(self._exports)))
        return self.stack.run("openrouter-keys", "recover", "--yes", "--stack", self.stack.name, check=False)

    def _by_hand(self, act: Callable[[], None]) -> Run:
        act()
        held = self._held()
        if held and not self.stack.authenticates("checkout"):
            self.broke.add(held)
        return self._up(*self.chance.choice([(), ("--refresh",)]))

    def _roll_back(self) -> None:
        aws, name = self.stack.aws(), self.stack.secret_name("checkout")
        versions = aws.list_secret_version_ids(SecretId=name, IncludeDeprecated=True)["Versions"]
        labels = {each["VersionId"]: each.get("VersionStages") or [] for each in versions}
        to, current = self.chance.choice(sorted(labels)), next(v for v in labels if "AWSCURRENT" in labels[v])
        if to != current:
            aws.update_secret_version_stage(
                SecretId=name, VersionStage="AWSCURRENT", MoveToVersionId=to, RemoveFromVersionId=current
            )

    def _edit(self) -> None:
        self.stack.aws().put_secret_value(SecretId=self.stack.secret_name("checkout"), SecretString="by hand")

    def _disable(self) -> None:
        hash_ = self.chance.choice(sorted(self._hashes() - set(self._theirs)))
        self.stack.control.edit_key(hash_, disabled=True)
        self.broke.add(hash_)

    def _with_clock(self, *, days: int) -> Run:
        self.stack.now = format_instant(parse_instant(self._now) + timedelta(days=days))
        try:
            return self._up()
        finally:
            self.stack.now = self._now

    def _keep_export(self) -> None:
        path = self.stack.folder / f"kept-{len(self._exports)}.json"
        self.stack.pulumi("stack", "export", "--file", str(path))
        self._exports.append(path)

    def _hashes(self) -> set[str]:
        return {record["hash"] for record in self.stack.control.keys()}

    def _settings(self, hashes: set[str]) -> dict[str, Any]:
        kept = ("name", "disabled", "limit", "limit_reset")
        found = {record["hash"]: record for record in self.stack.control.keys()}
        return {hash_: found[hash_] and {name: found[hash_][name] for name in kept} for hash_ in hashes}

    def _held(self) -> str | None:
        """Return the hash of the key that the secret holds."""
        value = key_in(self.stack.secret_text("checkout"))
        issued = self.stack.control.secrets()["keys"]
        return next((hash_ for hash_, known in issued.items() if known == value), None)

    def _check(self, run: Run) -> None:
        held = self._held()
        if held and held not in self.broke:
            assert self.stack.authenticates("checkout"), f"the key in the secret is refused\n{run}"
        assert self._settings(set(self._theirs)) == self._theirs, f"a key of the sibling's was touched\n{run}"
        lost = self._hashes() - known_hashes(self.stack.export()["deployment"]) - set(self._theirs)
        if lost:
            drift = self.stack.run(
                "openrouter-keys", "drift", "--stack", self.stack.name, "--format", "json", check=False
            )
            names = {record["name"] for record in self.stack.control.keys() if record["hash"] in lost}
            assert not [name for name in names if name not in drift.output], f"nobody names {names}\n{drift}"


@pytest.fixture
def begin(sandbox: Sandbox, tmp_path: Path) -> Iterator[Callable[[int], Life]]:
    """Begin lives of stacks of their own."""
    begun: list[Life] = []

    def start(number: int) -> Life:
        stack = open_stack(tmp_path / f"{number}", sandbox)
        sibling = open_stack(tmp_path / f"{number}-sibling", sandbox, account=stack.control)
        begun.append(Life(stack, sibling, random.Random(f"{SEED}:{number}")))  # noqa: S311 - a test's dice
        return begun[-1]

    yield start
    for life in begun:
        life.aws.close()


@only_in_soak
def test_a_stored_key_survives_whatever_is_done_with_real_commands(begin: Callable[[int], Life]) -> None:
    """The stored key works, the sibling's keys stay, every live key is named, and a plain refresh puts all right."""
    for number, first in enumerate(range(0, STEPS, STEPS_OF_A_LIFE)):
        life = begin(number)
        try:
            for _ in range(min(STEPS_OF_A_LIFE, STEPS - first)):
                life.step()
            life.settle()
        except BaseException as error:
            error.add_note("\n".join([f"seed {SEED}, life {number}:", *life.story]))
            raise
