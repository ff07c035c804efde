"""Whose program drift runs by itself, and which host: what Pulumi would do otherwise is left to Pulumi."""

import sys
from pathlib import Path
from typing import Any

import pytest
from pulumi.automation import ProjectRuntimeInfo, ProjectSettings

from openrouter_provider.operations.host_override import EXECUTABLE, INSTALLED
from openrouter_provider.operations.warm.forking import runs_here, serves_here

HERE = {"virtualenv": sys.prefix}


@pytest.mark.parametrize(
    ("runtime", "main", "expected"),
    [
        (ProjectRuntimeInfo("python", HERE), None, True),
        (ProjectRuntimeInfo("python", {**HERE, "toolchain": "pip"}), None, True),
        (ProjectRuntimeInfo("python", {**HERE, "toolchain": "uv"}), None, False),
        (ProjectRuntimeInfo("python", {**HERE, "typechecker": "mypy"}), None, False),
        (ProjectRuntimeInfo("python", {"virtualenv": "elsewhere"}), None, False),
        (ProjectRuntimeInfo("python", {}), None, False),
        (ProjectRuntimeInfo("python", HERE), "infra", False),
        (ProjectRuntimeInfo("yaml", {}), None, False),
        ("python", None, False),
        ("nodejs", None, False),
    ],
)
def test_only_this_python_s_own_programs_run_here(
    runtime: Any, main: str | None, expected: bool, tmp_path: Path
) -> None:
    """A program is run here where Pulumi would run it by this very Python with nothing more to it."""
    settings = ProjectSettings(name="shop", runtime=runtime, main=main)
    assert runs_here(settings, tmp_path) is expected


def test_only_the_host_of_this_python_serves_here(tmp_path: Path) -> None:
    """A project that names no host, or another Python's, has it started by Pulumi."""
    ours = Path(sys.prefix, INSTALLED)
    assert (ours / EXECUTABLE).exists()
    project = tmp_path / "Pulumi.yaml"
    named = "name: shop\nplugins: {{providers: [{{name: pulumi-python, path: {}}}]}}\n"
    found = {}
    for name, text in {
        "ours": named.format(ours),
        "another": named.format(tmp_path),
        "none": "name: shop\n",
        "broken": "name: [",
    }.items():
        project.write_text(text)
        found[name] = serves_here(tmp_path)
    assert found == {"ours": True, "another": False, "none": False, "broken": False}
