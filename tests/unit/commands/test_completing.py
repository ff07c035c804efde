"""What a shell offers after Tab, from the project's files alone."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = "import sys; sys.argv[0] = 'openrouter-keys'; from openrouter_provider.cli import main; main()"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with two stacks, one of whose files of services stands beside it."""
    (tmp_path / "Pulumi.yaml").write_text("name: openrouter-keys\nruntime: python\n")
    (tmp_path / "services").mkdir()
    (tmp_path / "services" / "team.yaml").write_text("chat: {limit: 1}\n")
    (tmp_path / "Pulumi.prod.yaml").write_text(
        "config:\n"
        "  openrouter:managementKey: {secure: v1:abc}\n"
        "  openrouter-keys:servicesFrom: [services/*.yaml]\n"
        "  openrouter-keys:services:\n    checkout: {limit: 5}\n    search: {limit: wrong}\n"
    )
    (tmp_path / "Pulumi.prod-eu.yaml").write_text("config:\n  openrouter-keys:services:\n    caller: {limit: 5}\n")
    return tmp_path


def completed(folder: Path, *words: str) -> list[str]:
    """Return what bash is offered for the last of the words; there is no pulumi on PATH."""
    line = ["openrouter-keys", *words]
    variables = {
        "_OPENROUTER_KEYS_COMPLETE": "complete_bash",
        "COMP_WORDS": " ".join(line),
        "COMP_CWORD": str(len(line) - 1),
        "PATH": os.defpath,
    }
    run = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        cwd=folder,
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert run.stderr == ""
    return run.stdout.split()


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (("show", "--stack", ""), ["prod", "prod-eu"]),
        (("verify", "-s", "prod", "-s", "prod-"), ["prod-eu"]),
        (("move", "checkout", "--to", "p"), ["prod", "prod-eu"]),
        (("show", "--stack", "prod", "c"), ["chat", "checkout"]),
        (("show", "--stack", "acme/prod-eu", ""), ["caller"]),
        (("show", "c"), ["caller", "chat", "checkout"]),
        (("move", "--stack", "prod", "checkout", ""), ["chat", "search"]),
        (("explain", "--project", "nowhere", "x"), []),
        (("show", "--project", "nowhere", "--stack", ""), []),
    ],
)
def test_stacks_and_services_are_offered(project: Path, words: tuple[str, ...], offered: list[str]) -> None:
    """Names that begin so, of the stack on the line, without those that stand there already."""
    assert completed(project, *words) == offered


def test_a_broken_file_offers_nothing(project: Path) -> None:
    """A shell that completes prints no error."""
    (project / "Pulumi.prod.yaml").write_text("config: [")
    (project / "Pulumi.yaml").write_text("\x00")
    assert completed(project, "show", "--stack", "prod", "") == []
