"""A stack as a release left it, in a folder of files, and the same stack brought back in a new sandbox."""

import json
import shutil
from pathlib import Path
from typing import Any

from sandbox.demo import host_environment
from sandbox.lifecycle import Sandbox
from tests.asked_once import spared
from tests.harness import ROOT, Stack, open_account
from tests.old_states.worlds import make_world, read_world

FIXTURES = ROOT / "tests" / "fixtures"
PROGRAM = "program.txt"
POSITIONS = ("sourcePosition", "stackTrace")


def open_at(folder: Path, sandbox: Sandbox, name: str) -> Stack:
    """Return a stack of a fixed name, which is not yet initialised, in a project and a backend of its own."""
    control = open_account(sandbox)
    backend = folder / "backend"
    backend.mkdir(parents=True)
    environment = {**host_environment(), **sandbox.environment(), "OPENROUTER_MANAGEMENT_KEY": control.management_key}
    environment |= {"PULUMI_BACKEND_URL": f"file://{backend}", **spared(folder)}
    for file in ("Pulumi.yaml", "__main__.py"):
        shutil.copy(ROOT / file, folder / file)
    (folder / ".venv").symlink_to(ROOT / ".venv")
    return Stack(folder, environment, control, name)


def save(stack: Stack, instant: str, folder: Path) -> None:
    """Write a stack's state, settings and program, and what it made, into a folder."""
    folder.mkdir(parents=True)
    config = stack.folder / f"Pulumi.{stack.name}.yaml"
    shutil.copy(config, folder / config.name)
    shutil.copy(stack.folder / "__main__.py", folder / PROGRAM)
    (folder / "state.json").write_text(json.dumps(_without_positions(stack.export()), indent=1) + "\n")
    world = {"stack": stack.name, "instant": instant} | read_world(stack)
    (folder / "world.json").write_text(json.dumps(world, indent=1) + "\n")


def bring_back(saved: Path, folder: Path, sandbox: Sandbox) -> Stack:
    """Return a saved stack, with all that it made, in a sandbox that has every store and none of it."""
    world = json.loads((saved / "world.json").read_text())
    stack = open_at(folder, sandbox, world["stack"])
    stack.now = world["instant"]
    stack.control.configure(now=stack.now)
    shutil.copy(saved / PROGRAM, folder / "__main__.py")
    shutil.copy(saved / f"Pulumi.{stack.name}.yaml", folder)
    stack.run("pulumi", "stack", "init", stack.name, "--no-select")
    stack.pulumi("stack", "import", "--file", str(saved / "state.json"))
    names = make_world(stack, world)
    file = folder / "rewritten.json"
    file.touch(mode=0o600)
    stack.pulumi("stack", "export", "--show-secrets", "--file", str(file))
    file.write_text(names.renamed(names.revalued(file.read_text())))
    stack.pulumi("stack", "import", "--file", str(file))
    file.unlink()
    return stack


def _without_positions(value: Any) -> Any:
    """Return a state without the places in files of one machine where the stack itself was declared."""
    if isinstance(value, list):
        return [_without_positions(each) for each in value]
    if isinstance(value, dict):
        return {name: _without_positions(each) for name, each in value.items() if name not in POSITIONS}
    return value
