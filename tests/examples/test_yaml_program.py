"""The example in YAML: a program without Python whose services are components of a package in Python."""

import json
import shutil
from pathlib import Path

import pytest

from sandbox.lifecycle import Sandbox
from tests.harness import ROOT, Stack, open_stack

EXAMPLE = ROOT / "examples" / "yaml"
LANGUAGE_HOST = "pulumi-language-yaml"
PACKAGE = "openrouter-services"


@pytest.fixture
def program(sandbox: Sandbox, tmp_path: Path) -> Stack:
    """A stack of the example as it stands."""
    stack = open_stack(tmp_path / "yaml", sandbox)
    if not shutil.which(LANGUAGE_HOST, path=stack.environment["PATH"]):
        pytest.skip(f"no {LANGUAGE_HOST}: it comes with Pulumi, and `make setup` builds it where it builds Pulumi")
    (stack.folder / "__main__.py").unlink()
    shutil.copytree(EXAMPLE, stack.folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
    if "-toolchain" not in stack.run("pulumi-language-python", "-h", check=False).output:
        start_by_executable(stack.folder / PACKAGE)
    stack.write_config({"aws:region": "us-east-1"})
    stack.run("pulumi", "stack", "init", stack.name, "--no-select")
    return stack


def start_by_executable(package: Path) -> None:
    """Let the engine start the package itself: a Python language host as old as the one built here can't."""
    path = package / f"pulumi-resource-{PACKAGE}"
    path.write_text('#!/bin/sh\nexec python "$(dirname "$0")" "$@"\n')
    path.chmod(0o755)


def test_a_program_in_yaml_has_service_keys(program: Stack) -> None:
    """Its keys authenticate, a second run changes nothing, previews warn, a wrong name is refused, all of it goes."""
    program.up()
    verified = json.loads(program.run("openrouter-keys", "verify", "--stack", program.name, "--json").stdout)
    assert [(each["service"], each["limit_usd"], each["findings"]) for each in verified["services"]] == [
        ("checkout", 50, []),
        ("search", 10, []),
    ]
    program.pulumi("preview", "--expect-no-changes")
    path = program.folder / "Pulumi.yaml"
    path.write_text(path.read_text().replace("limit: 10", "limit: 12"))
    assert "limit raised from $10.00 to $12.00" in program.pulumi("preview").stdout
    path.write_text(path.read_text().replace("every: 90d", "evry: 90d"))
    refused = program.pulumi("preview", check=False)
    assert "every: Missing required property 'every'" in refused.output
    program.destroy()
    assert program.control.keys() == []
