"""Tests that share a stack run in one process, and the longest start first."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.scheduling import LONGEST, ROOT, group_of, seconds_of

TESTS = """
import os
import pytest

@pytest.fixture(scope="module")
def made():
    return os.getpid()

@pytest.mark.parametrize("number", range(8))
def test_shares(number, made):
    open(f"{made}.pid", "w").close()
"""


@pytest.mark.parametrize(
    ("file", "group"),
    [
        ("tests/faults/test_leaks.py", "leaks"),
        ("tests/examples/test_consumers.py", "examples"),
        ("tests/engine/test_fleet.py", "tests/engine/test_fleet.py"),
        ("tests/engine/test_custody.py", None),
        ("tests/unit/test_floors.py", "tests/unit/test_floors.py"),
    ],
)
def test_a_file_tells_what_its_tests_share(file: str, group: str | None) -> None:
    """A group that is named, a fixture of the module, the file of short tests, or nothing."""
    assert group_of(file) == group


def test_the_longest_start_first() -> None:
    """Each file that is named as a long one exists, and stands before the rest of its folder; unit tests are last."""
    assert [file for file in LONGEST if not (ROOT / file).exists()] == []
    rest = seconds_of("tests/engine/test_custody.py")
    assert min(map(seconds_of, LONGEST)) > rest > seconds_of("tests/unit/test_floors.py")


def test_what_is_shared_is_made_once(tmp_path: Path) -> None:
    """Four processes make a module's fixture once, whatever pytest and xdist think of a test's id."""
    (tmp_path / "tests").mkdir()
    for name in ("conftest.py", "scheduling.py"):
        text = (ROOT / "tests" / name).read_text()
        (tmp_path / "tests" / name).write_text(text)
    (tmp_path / "tests" / "__init__.py").touch()
    (tmp_path / "tests" / "test_shared.py").write_text(TESTS)
    options = ["-q", "-p", "xdist.plugin", "-n", "4", "--dist", "loadgroup", "-p", "no:cacheprovider"]
    run = subprocess.run(
        [sys.executable, "-m", "pytest", *options, "tests"],
        cwd=tmp_path,
        # Five processes need no more of pytest's plugins than the one that they are about.
        env={"PYTHONPATH": f"{tmp_path}:{ROOT}", "PATH": "", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    assert len([*tmp_path.glob("*.pid")]) == 1
