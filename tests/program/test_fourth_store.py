"""A fourth store is a file and its name: it is found, configured, declared, read, watched and recovered."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.program.mock_engine import ROOT

FOURTH = Path(__file__).parent / "fourth_store"
START = (
    "import runpy, sys; from openrouter_provider import stores; "
    f"stores.__path__.append({str(FOURTH)!r}); stores.STORE_NAMES += ('shelf',); "
    "runpy.run_module('tests.program.with_fourth_store', run_name='__main__', alter_sys=True)"
)


@pytest.fixture(scope="module")
def facts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What a process says of the store whose one file it finds among the known ones."""
    folder = tmp_path_factory.mktemp("shelf")
    run = subprocess.run(
        [sys.executable, "-c", START, str(folder)], cwd=ROOT, capture_output=True, text=True, check=False, timeout=60
    )
    assert run.returncode == 0, run.stderr
    printed: dict[str, Any] = json.loads(run.stdout)
    return printed | {"folder": str(folder)}


def test_the_program_declares_it(facts: dict[str, Any]) -> None:
    """Its resources are made from its own settings, merged with the stack's defaults, and the output names it."""
    path = f"{facts['folder']}/acme-dev-checkout-openrouter"
    assert (facts["path"], facts["reader"]) == (path, "bob")
    expected = {"store": "shelf", "secretName": "acme-dev-checkout-openrouter", "secretReference": f"shelf:{path}"}
    assert facts["export"] == expected


def test_the_command_line_reads_and_watches_it(facts: dict[str, Any]) -> None:
    """Its reference leads to the value; drift, recovery and doctor know its resources and packages."""
    kinds = ["shelf:index:Book", "shelf:index:LibraryCard"]
    assert facts["read"] is True
    assert (facts["watched"], facts["repeatable"]) == (kinds, kinds)
    assert facts["packages"] == ["run: pip install 'openrouter-keys[shelf]'"] * 2


def test_the_config_checks_it(facts: dict[str, Any]) -> None:
    """Its settings, its rules and what names its readers are checked as those of the other stores."""
    assert facts["right"] == {}
    found = {case: (next(iter(facts[case])), *facts[case].values()) for case in ("foreign", "unknown", "own rule")}
    assert found == {
        "foreign": ("services.a.shelf", "is a setting of store shelf, and this service's store is gcp: take it out"),
        "unknown": ("services.a.shelf.rom", "is not a known setting; did you mean room?"),
        "own rule": ("services.a.secretName", "must be a name without slashes in store shelf"),
    }
    assert facts["policy"] == {
        "services.a.shelf.cardOf": "is missing, and policy.requireReaders demands it: "
        "name the person that may read the secret"
    }
