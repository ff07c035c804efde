"""The Pulumi projects that are measured: keys alone, and whole services as the product declares them."""

import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from sandbox.demo import host_environment
from sandbox.lifecycle import Sandbox
from sandbox.openrouter import Control
from sandbox.services import PLUGIN_SERVICE

from .process_tree import Cost, measure

ROOT = Path(__file__).resolve().parent.parent
LATENCY_MS = 150
"""How long the simulated API takes for every call, as when the peers were measured."""
PROJECT = "openrouter-keys"
KEYS, WHOLE = "keys", "whole"
KINDS = (KEYS, WHOLE)
FIRST_LIMIT_USD, OTHER_LIMIT_USD = 5, 10
COMPRESSIONS = ("", ".gz", ".zst")

KEYS_PROGRAM = '''\
"""Keys alone: one ApiKey for each number, nothing in AWS."""

import pulumi

from openrouter_provider import ApiKey, tune_program

tune_program()
config = pulumi.Config()
for number in range(config.require_int("count")):
    limit = config.require_int("firstLimit") if number == 0 else 5
    ApiKey(f"service-{number:04}", limit=limit, limit_reset="monthly")
'''
KEYS_PROJECT = {
    "name": PROJECT,
    "runtime": {"name": "python", "options": {"toolchain": "pip", "virtualenv": ".venv"}},
    "plugins": {"providers": [{"name": "pulumi-python", "path": ".venv/share/openrouter-keys/host"}]},
}


@dataclass
class Project:
    """One project folder on an account of its own; its stacks share both.

    Attributes:
        folder: where Pulumi.yaml is.
        kind: keys or whole.
        environment: the variables that its commands get.
        control: steers the account.
        forking: the process that forks the stand-in plugins, whose cost counts.
    """

    folder: Path
    kind: str
    environment: dict[str, str]
    control: Control
    forking: int | None = None

    def add_stack(self, name: str, count: int) -> None:
        """Make an empty stack that wants so many services."""
        self.configure(name, count)
        self._quietly("pulumi", "stack", "init", name, "--no-select", "--non-interactive")

    def configure(self, stack: str, count: int, first_limit_usd: int = FIRST_LIMIT_USD) -> None:
        """Write what a stack wants: so many services, the first one with a limit of its own."""
        path = self.folder / f"Pulumi.{stack}.yaml"
        kept = yaml.safe_load(path.read_text(encoding="utf-8")) if path.exists() else {}
        config = _keys_config if self.kind == KEYS else _whole_config
        kept["config"] = config(stack, count, first_limit_usd)
        path.write_text(yaml.safe_dump(kept), encoding="utf-8")

    def measure(self, *command: str, expected: tuple[int, ...] = (0,), **variables: str) -> Cost:
        """Run a command in the folder and return what it cost."""
        return measure(command, self.folder, self.environment | variables, expected, self.forking)

    def remove_stack(self, name: str) -> None:
        """Forget a stack that is destroyed."""
        self._quietly("pulumi", "stack", "rm", name, "--yes", "--non-interactive")

    def state_bytes(self, stack: str) -> int:
        """Return the size of a stack's state file, compressed where the backend compresses it."""
        backend = Path(self.environment["PULUMI_BACKEND_URL"].removeprefix("file://"))
        names = [f"{stack}.json{ending}" for ending in COMPRESSIONS]
        found = [backend / ".pulumi" / "stacks" / PROJECT / name for name in names]
        return next(path.stat().st_size for path in found if path.exists())

    def _quietly(self, *command: str) -> None:
        subprocess.run(command, cwd=self.folder, env=self.environment, check=True, capture_output=True)


def open_project(folder: Path, kind: str, sandbox: Sandbox, variables: Mapping[str, str]) -> Project:
    """Return a project without stacks, on a new account whose calls take LATENCY_MS."""
    control = Control.open_account(sandbox.simulator_url.replace("/api/v1", "/_sandbox"))
    control.configure(latency_ms=LATENCY_MS)
    environment = {**host_environment(), **sandbox.environment(), **variables}
    environment["OPENROUTER_MANAGEMENT_KEY"] = control.management_key
    folder.mkdir(parents=True)
    if kind == KEYS:
        (folder / "Pulumi.yaml").write_text(yaml.safe_dump(KEYS_PROJECT), encoding="utf-8")
        (folder / "__main__.py").write_text(KEYS_PROGRAM, encoding="utf-8")
    else:
        for name in ("Pulumi.yaml", "__main__.py"):
            shutil.copy(ROOT / name, folder / name)
    (folder / ".venv").symlink_to(ROOT / ".venv")
    return Project(folder, kind, environment, control, sandbox.process_ids()[PLUGIN_SERVICE.name])


def _keys_config(_stack: str, count: int, first_limit_usd: int) -> dict[str, Any]:
    return {f"{PROJECT}:count": count, f"{PROJECT}:firstLimit": first_limit_usd}


def _whole_config(stack: str, count: int, first_limit_usd: int) -> dict[str, Any]:
    services: dict[str, Any] = {f"service-{number:04}": {} for number in range(count)}
    services["service-0000"] = {"limit": first_limit_usd}
    defaults = {"limit": FIRST_LIMIT_USD, "limitReset": "monthly", "recoveryWindowInDays": 0}
    return {
        "aws:region": "us-east-1",
        f"{PROJECT}:namePrefix": f"bench/{stack}",
        f"{PROJECT}:defaults": defaults | {"readers": ["arn:aws:iam::123456789012:role/service"]},
        f"{PROJECT}:services": services,
    }
