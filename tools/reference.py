"""Write the API reference from the docstrings: `make reference` puts it in build/reference."""

from __future__ import annotations

import sys
import warnings
from importlib import import_module
from pathlib import Path

import pdoc
import pdoc.render

from tools.shell import ROOT

MODULES = (
    "openrouter_provider",
    "openrouter_provider.api.client",
    "openrouter_provider.api.errors",
    "openrouter_provider.api.models",
)


def write(folder: Path) -> None:
    """Write one page a module into the folder.

    Raises:
        UserWarning: a public name or a docstring could not be rendered.
    """
    for name in MODULES:
        resolve(name)
    pdoc.render.configure(docformat="google", search=False)
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        # Pulumi's annotations (Input[T], say) name what its modules have for type checkers alone; shown as they stand.
        warnings.filterwarnings("ignore", message="Error parsing type annotation")
        pdoc.pdoc(*MODULES, output_directory=folder)


def resolve(name: str) -> None:
    """Load a module's public names: pdoc looks into its namespace, where a lazy name shows up once it was used."""
    module = import_module(name)
    for public in getattr(module, "__all__", ()):
        setattr(module, public, getattr(module, public))


if __name__ == "__main__":
    target = ROOT / "build" / "reference"
    write(target)
    sys.stdout.write(f"the API reference is in {target.relative_to(ROOT)}: open index.html\n")
