"""A program and a host that stand ready for Pulumi, and what Pulumi is told where they don't."""

import sys
from pathlib import Path

from pulumi.automation import ProjectRuntimeInfo, ProjectSettings

from openrouter_provider.host.inline import served_program
from openrouter_provider.operations.warm.serving import WarmStart, standing_ready


def settings(virtualenv: str) -> ProjectSettings:
    """Return those of a project whose program that environment runs."""
    return ProjectSettings(name="shop", runtime=ProjectRuntimeInfo("python", {"virtualenv": virtualenv}))


def test_another_python_s_program_is_left_to_pulumi(tmp_path: Path) -> None:
    """Pulumi gets no word more, and starts both."""
    with standing_ready(settings("elsewhere"), tmp_path, tmp_path / "printed") as ready:
        assert ready == WarmStart()


def test_a_project_that_cannot_be_entered_is_left_to_pulumi(tmp_path: Path) -> None:
    """Whatever the forked process trips over, Pulumi's own start says it in its own words."""
    with standing_ready(settings(sys.prefix), tmp_path / "gone", tmp_path / "printed") as ready:
        assert ready == WarmStart()


def test_the_program_stands_ready_until_the_block_ends(tmp_path: Path) -> None:
    """The engine is told where it is; a command that runs no program is told nothing of one."""
    with standing_ready(settings(sys.prefix), tmp_path, tmp_path / "printed") as ready:
        assert [word.partition("=")[0] for word in ready.words] == ["--client", "--exec-kind"]
    with standing_ready(settings(sys.prefix), tmp_path, tmp_path / "printed", program=False) as ready:
        assert ready == WarmStart()


def test_a_served_program_has_a_port() -> None:
    """It is there as soon as it is told."""
    with served_program(lambda: None) as port:
        assert port > 0
