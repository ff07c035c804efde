"""The command line's exit codes and help, without a stack."""

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import openrouter_provider

ROOT = Path(__file__).resolve().parents[2]
COMMANDS = (
    "verify",
    "drift",
    "recover",
    "report",
    "list",
    "show",
    "adopt",
    "doctor",
    "host",
    "explain",
    "up",
    "preview",
    "destroy",
    "stacks",
    "move",
    "split",
)


def run(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run the command line in a process of its own."""
    program, environment = "from openrouter_provider.cli import main; main()", {**os.environ, **variables}
    return subprocess.run(
        [sys.executable, "-c", program, *arguments],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_help_names_every_command() -> None:
    """`--help` lists the commands and exits 0."""
    finished = run("--help")
    assert finished.returncode == 0
    assert [name for name in COMMANDS if name not in finished.stdout] == []


@pytest.mark.parametrize("command", COMMANDS)
def test_help_of_each_command_has_an_example(command: str) -> None:
    """`COMMAND --help` ends with a line to copy, and nothing else is said."""
    finished = run(command, "--help", OPENROUTER_KEYS_NOW="")
    assert f"Example: openrouter-keys {command}" in " ".join(finished.stdout.split())
    assert finished.stderr == ""


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_says_that_the_clock_is_not_real(command: str) -> None:
    """OPENROUTER_KEYS_NOW in a shell is one line on stderr, whatever the command does, and none on stdout."""
    finished = run(command, "--help", OPENROUTER_KEYS_NOW="2099-01-01T00:00:00Z")
    (line,) = finished.stderr.splitlines()
    assert line.startswith("openrouter-keys: OPENROUTER_KEYS_NOW is set: this run takes 2099-01-01T00:00:00Z for now")
    assert "OPENROUTER_KEYS_NOW" not in finished.stdout


@pytest.mark.parametrize("arguments", [("drift", "--fail-on", "nonsense"), ("nothing",), ("verify", "--nothing")])
def test_wrong_usage_is_no_finding(arguments: tuple[str, ...]) -> None:
    """A wrong option or command is exit code 1 and a line on stderr; 2 is kept for findings."""
    finished = run(*arguments)
    assert finished.returncode == 1
    assert finished.stderr.strip()
    assert "Traceback" not in finished.stderr


def test_folder_without_a_project_is_one_line(tmp_path: object) -> None:
    """A folder without Pulumi.yaml is named, with the fix."""
    finished = run("verify", "--project", str(tmp_path))
    assert finished.returncode == 1
    assert "no Pulumi.yaml here; run this in the project's folder" in finished.stderr
    assert len(finished.stderr.strip().splitlines()) == 1


def test_version_is_the_installed_package_s() -> None:
    """`--version` and `__version__` say what pyproject.toml says: the version has one place."""
    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    assert run("--version").stdout == f"openrouter-keys {wanted}\n"
    assert openrouter_provider.__version__ == wanted
