"""`openrouter-keys host`: a project's file names the installed host, and nothing else of it changes."""

import os
from pathlib import Path

import pytest
import yaml

from openrouter_provider.api.errors import ConfigurationError
from openrouter_provider.operations.host_override import EXECUTABLE, INSTALLED, name_host, named_host

PROJECT = "# ours\nname: mine\nruntime: python\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with an environment in it."""
    (tmp_path / "Pulumi.yaml").write_text(PROJECT)
    return tmp_path


def test_the_project_names_the_host_once(project: Path) -> None:
    """The lines are added at the end, the executable is there and can be run, and a second time changes nothing."""
    said = name_host(project, project / ".venv")
    assert said == f"{project}/Pulumi.yaml names the host now: .venv/{INSTALLED}"
    text = (project / "Pulumi.yaml").read_text()
    assert text.startswith(PROJECT)
    assert yaml.safe_load(text)["plugins"] == {"providers": [{"name": "pulumi-python", "path": f".venv/{INSTALLED}"}]}
    assert os.access(project / ".venv" / INSTALLED / EXECUTABLE, os.X_OK)
    assert named_host(project) == project / ".venv" / INSTALLED
    assert "already" in name_host(project, project / ".venv")
    assert (project / "Pulumi.yaml").read_text() == text


def test_an_environment_elsewhere_is_named_in_full(project: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Where the environment isn't below the project, the whole path stands there."""
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    name_host(project, elsewhere)
    assert named_host(project) == elsewhere / INSTALLED


def test_plugins_of_a_project_s_own_are_left(project: Path) -> None:
    """A file that has plugins is not edited: the error has the lines to add."""
    own = PROJECT + "plugins: {providers: [{name: aws, path: bin}]}\n"
    (project / "Pulumi.yaml").write_text(own)
    with pytest.raises(ConfigurationError, match="name: pulumi-python"):
        name_host(project, project / ".venv")
    assert (project / "Pulumi.yaml").read_text() == own
    assert named_host(project) is None


@pytest.mark.parametrize("text", ["- a", "", "plugins: 3", "plugins: {providers: {}}", "plugins: {providers: [1, {}]}"])
def test_odd_files_name_no_host(project: Path, text: str) -> None:
    """Whatever stands there, no host is found in it, and nothing breaks."""
    (project / "Pulumi.yaml").write_text(text)
    assert named_host(project) is None


def test_a_folder_without_a_project_is_one_line(tmp_path: Path) -> None:
    """The file that is missing is named, with the fix."""
    with pytest.raises(ConfigurationError, match=r"Pulumi\.yaml can't be read: run this in the project's folder"):
        name_host(tmp_path)
