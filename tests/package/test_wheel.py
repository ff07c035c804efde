"""What a user gets who installs the package instead of copying the project."""

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from tests.harness import ROOT, Stack
from tests.package.installed import Installed, build, install

PROGRAM = '''"""A platform team's own program."""

import pulumi

from openrouter_provider import ApiKey, ServiceKey, ServiceKeyArgs, SupersededKeys

key = ApiKey("batch", name_prefix="acme/own/batch", limit=5)
SupersededKeys("batch", service="batch", superseded=key.superseded, version=key.hash)
service = ServiceKey(
    "checkout",
    ServiceKeyArgs(
        secret_name="acme/own/checkout",
        key_name_prefix="acme/own/checkout",
        limit=3,
        recovery_window_in_days=0,
    ),
)
label: pulumi.Output[str] = key.label
pulumi.export("label", label)
pulumi.export("home", __import__("openrouter_provider").__file__)
'''


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """The wheel in an environment of its own."""
    folder = tmp_path_factory.mktemp("wheel")
    return install(build(folder / "dist"), folder)


def test_the_wheel_holds_the_package_and_nothing_else(installed: Installed) -> None:
    """Types are marked, the host goes to where Pulumi.yaml names it; sandbox, tests and tools stay at home."""
    tops = {name.partition("/")[0] for name in installed.files()}
    assert {top for top in tops if not top.endswith((".dist-info", ".data"))} == {"openrouter_provider"}
    (data,) = [name.partition(".data/")[2] for name in installed.files() if ".data/" in name]
    assert data == "data/share/openrouter-keys/host/pulumi-resource-pulumi-python"
    assert "openrouter_provider/py.typed" in installed.files()


def test_the_wheel_explains_errors(installed: Installed) -> None:
    """Whoever has no checkout reads the page of errors that the package was built with."""
    assert "openrouter_provider/commands/errors.md" in installed.files()
    command = [
        str(installed.python),
        "-c",
        "from openrouter_provider.cli import main; main()",
        "explain",
        "daily-limit",
    ]
    explained = subprocess.run(command, capture_output=True, text=True, check=True, cwd=installed.environment)
    assert explained.stdout.startswith("Daily limit\n")


def test_the_readme_of_the_wheel_leaves_the_repository(installed: Installed) -> None:
    """On a package index nothing of the README is relative: its pictures and its links are addresses."""
    described = str(installed.metadata().get_payload())
    targets = re.findall(r"\]\(([^)\s]+)\)", described)
    assert len(targets) > 20
    assert [target for target in targets if not target.startswith(("https://", "#"))] == []


def test_the_wheel_asks_for_what_pyproject_says(installed: Installed) -> None:
    """Every dependency and every extra is in the wheel's metadata."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    required = [Requirement(text) for text in installed.metadata().get_all("Requires-Dist") or []]
    wanted = {Requirement(text).name for text in project["dependencies"]}
    assert {requirement.name for requirement in required if requirement.marker is None} == wanted
    assert {*(installed.metadata().get_all("Provides-Extra") or [])} == {*project["optional-dependencies"]}


def test_a_program_elsewhere_deploys_with_the_installed_package(installed: Installed, stack: Stack) -> None:
    """The engine runs a program that has nothing of this checkout but the installed wheel."""
    (stack.folder / "__main__.py").write_text(PROGRAM)
    (stack.folder / "Pulumi.yaml").write_text(
        "name: openrouter-keys\nruntime: {name: python, options: {virtualenv: .venv}}\n"
    )
    (stack.folder / ".venv").unlink()
    (stack.folder / ".venv").symlink_to(installed.environment)
    stack.write_config({"aws:region": "us-east-1"})
    stack.up(PULUMI_PYTHON_CMD=str(installed.python))
    found = json.loads(stack.pulumi("stack", "output", "--json").stdout)
    assert Path(found["home"]).is_relative_to(installed.environment)
    assert found["label"].startswith("sk-or-v1-")
    assert len(stack.control.keys()) == 2


def test_a_consumer_s_types_are_checked_against_the_installed_package(installed: Installed, tmp_path: Path) -> None:
    """Mypy in strict mode accepts the program, and finds a wrong argument in it."""
    (tmp_path / "right.py").write_text(PROGRAM)
    (tmp_path / "wrong.py").write_text(PROGRAM.replace("limit=5", 'limit="five"'))
    (tmp_path / "mypy.ini").write_text("[mypy]\nstrict = True\n[mypy-pulumi_aws]\nfollow_imports = skip\n")
    words = ["--python-executable", str(installed.python), "--cache-dir", str(ROOT / ".mypy_cache" / "consumer")]
    checked = subprocess.run(
        [sys.executable, "-m", "mypy", *words, "right.py", "wrong.py"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    errors = [line for line in checked.stdout.splitlines() if "error:" in line]
    assert [error.partition(":")[0] for error in errors] == ["wrong.py"], checked.stdout + checked.stderr
    assert '"limit"' in errors[0]
