"""The API reference that is made from the docstrings, and the examples in them."""

import doctest
import pkgutil
from importlib import import_module
from pathlib import Path

import pytest

import openrouter_provider
from tools import reference

MODULES = [module.name for module in pkgutil.walk_packages(openrouter_provider.__path__, prefix="openrouter_provider.")]


def test_every_public_name_has_its_entry(tmp_path: Path) -> None:
    """The pages are written without a warning, and hold each name of each documented module."""
    reference.write(tmp_path)
    for module in reference.MODULES:
        page = (tmp_path / f"{module.replace('.', '/')}.html").read_text()
        assert [name for name in getattr(import_module(module), "__all__", ()) if f'id="{name}"' not in page] == []


@pytest.mark.parametrize("module", MODULES)
def test_examples_in_docstrings_do_what_they_show(module: str) -> None:
    """Every example is run, and prints what the docstring says."""
    assert doctest.testmod(import_module(module)).failed == 0


def test_there_are_examples() -> None:
    """The schedule, the bound of an overlap and the warning of wider rights are shown by example."""
    finder = doctest.DocTestFinder(exclude_empty=True)
    shown = {module for module in MODULES if any(found.examples for found in finder.find(import_module(module)))}
    assert {"openrouter_provider.keys.schedule", "openrouter_provider.resources.widening"} <= shown
