"""Tests that share a stack run in one process, and the longest start first."""

import subprocess
import sys
from collections.abc import Mapping
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

ORDERED = """
import pytest

@pytest.mark.parametrize("number", [0])
def test_is_noted(number):
    with open("order", "a") as order:
        print(__name__.rpartition(".")[2], file=order)
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


def run_of(folder: Path, tests: Mapping[str, str], processes: int) -> None:
    """Run tests in a project that has the conftest.py of this one, and no more of pytest's plugins than it needs."""
    for name in ("conftest.py", "scheduling.py"):
        tests = {**tests, f"tests/{name}": (ROOT / "tests" / name).read_text()}
    for file, text in {**tests, "tests/__init__.py": ""}.items():
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        (folder / file).write_text(text)
    options = ["-q", "-p", "xdist.plugin", "-n", f"{processes}", "--dist", "loadgroup", "-p", "no:cacheprovider"]
    run = subprocess.run(
        [sys.executable, "-m", "pytest", *options, "tests"],
        cwd=folder,
        env={"PYTHONPATH": f"{folder}:{ROOT}", "PATH": "", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr


def test_what_is_shared_is_made_once(tmp_path: Path) -> None:
    """Four processes make a module's fixture once, whatever pytest and xdist think of a test's id."""
    run_of(tmp_path, {"tests/test_shared.py": TESTS}, processes=4)
    assert len([*tmp_path.glob("*.pid")]) == 1


def test_a_process_starts_with_the_longest(tmp_path: Path) -> None:
    """Neither the order of the files nor the number of their tests decides."""
    files = ("tests/engine/test_custody.py", "tests/engine/test_stores.py", "tests/unit/test_many.py")
    many = ORDERED.replace("[0]", "range(9)")
    run_of(tmp_path, {file: many if "many" in file else ORDERED for file in files}, processes=1)
    order = dict.fromkeys((tmp_path / "order").read_text().split())
    assert list(order) == ["test_stores", "test_custody", "test_many"]
