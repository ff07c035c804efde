"""A stack's state in memory, and a recoverer of it over a simulated account."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from openrouter_provider.api.client import ManagementClient
from openrouter_provider.operations.recovery.run import Recoverer
from openrouter_provider.operations.recovery.scene import Sources
from openrouter_provider.operations.recovery.steps import Action, Survey, plan_recovery
from openrouter_provider.operations.stack.locks import Lock
from openrouter_provider.resources.creation_notes import FOLDER, creation_notes
from sandbox.openrouter import Control

pytest_plugins = ("tests.unit.account_fixtures",)

NOW = datetime(2027, 1, 1, 12, tzinfo=UTC)
KEY, SECRET = "pulumi-python:dynamic/openrouter:ApiKey", "aws:secretsmanager/secret:Secret"
SUPERSEDED = "pulumi-python:dynamic/openrouter:SupersededKeys"
VERSION = "aws:secretsmanager/secretVersion:SecretVersion"
NAME, ARN = "acme/dev/checkout-0a1b2c3", "arn:aws:secretsmanager:us-east-1:1:secret:acme/dev/checkout/openrouter-x"
DRAWN = {"name": NAME, "name_prefix": "acme/dev/checkout", "name_seed": "0a1b2c3", "limit": 5}
TAGS = {"ManagedBy": "openrouter-keys", "Service": "checkout", "Environment": "dev"}
Exported = dict[str, Any]


def urn(kind: str) -> str:
    """Return the URN of the service checkout's resource of a type."""
    return f"urn:pulumi:dev::openrouter-keys::openrouter-keys:index:ServiceKey${kind}::checkout"


def entry(kind: str, type_: str, **inputs: Any) -> Exported:
    """Return one entry of the pending operations as an export shows it."""
    return {"type": kind, "resource": {"urn": urn(type_), "type": type_, "inputs": inputs, "custom": True}}


def state(*entries: Exported, resources: list[Exported] | None = None) -> Exported:
    """Return a deployment."""
    return {"manifest": {"time": NOW.isoformat()}, "resources": resources or [], "pending_operations": list(entries)}


GUARDRAIL, BYOK, WORKSPACE, DESTINATION = (
    f"pulumi-python:dynamic/openrouter:{kind}"
    for kind in ("Guardrail", "ByokKey", "Workspace", "ObservabilityDestination")
)


def decided(deployment: Exported, survey: Survey) -> list[tuple[Action, str]]:
    """Return action and target of each step."""
    return [(step.action, step.target) for step in plan_recovery(deployment, survey)]


def begin_creation(project: Path, name: str, pid: int = 2**22 + 1) -> None:
    """Leave the note of a creation whose process is gone; no process has an id that high."""
    folder = project / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name.replace('/', '_')}.json").write_text(json.dumps({"name": name, "pid": pid}))


class FakeState:
    """A stack's state in memory that notes each thing done to it, in one list with the API's calls."""

    name = "dev"

    def __init__(self, deployment: Exported, done: list[str], folder: Path, held: Lock | None = None) -> None:
        self.exported: Exported = {"version": 3, "deployment": deployment}
        self.done, self.folder, self.held = done, folder, held
        self.runs: list[Exported] = []

    def history(self) -> list[Exported]:
        """Return the runs that there were."""
        return self.runs

    def export(self) -> Exported:
        """Return the state."""
        return self.exported

    def lock(self) -> Lock | None:
        """Return the lock."""
        return self.held

    def clear_lock(self) -> None:
        """Take the lock away."""
        self.held = None

    def back_up(self, _exported: Exported) -> Path:
        """Note a backup."""
        self.done.append("backup")
        return self.folder / "backup"

    def replace(self, exported: Exported) -> None:
        """Take an edited state."""
        self.done.append("import")
        self.exported = exported


Make = Callable[..., tuple[Recoverer, FakeState]]
FAILED_NOW = {"result": "failed", "startTime": "2000-01-01T00:00:00.000Z", "endTime": "2100-01-01T00:00:00.000Z"}


@pytest.fixture
def make(control: Control, tmp_path: Path) -> Make:
    """Make a recoverer of a state over a simulated account; waiting takes no time."""

    def made(deployment: Exported, **around: Any) -> tuple[Recoverer, FakeState]:
        def opened() -> ManagementClient:
            return ManagementClient(control.management_key, base_url=control.url)

        fake = FakeState(deployment, [], tmp_path)
        recoverer = Recoverer(
            fake,  # type: ignore[arg-type]  # in memory
            opened,
            Sources("acme/dev", "acme/dev", notes=lambda: creation_notes(tmp_path), **around),
            sleep=lambda _seconds: None,
            now=lambda: NOW,
        )
        return recoverer, fake

    return made
