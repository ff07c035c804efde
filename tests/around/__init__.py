"""What the tests need to know of each resource in resources/around, one module each, found by being here.

A module may have LIVES (tests/provider), RECORDS, REQUESTS and CHOICES (the comparison with OpenRouter's SDK), `drive`
(what the SDK does with the simulator), PART (its lines in the one stack of tests/engine) and FOUND (what `adopt` says
of it).
"""

import pkgutil
from functools import cache
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any


@cache
def modules() -> tuple[ModuleType, ...]:
    """Return them all."""
    return tuple(import_module(f"{__name__}.{found.name}") for found in pkgutil.iter_modules(__path__))


def named(attribute: str) -> list[Any]:
    """Return what each module has under this name; those without it are left out."""
    return [getattr(module, attribute) for module in modules() if hasattr(module, attribute)]


def merged(attribute: str) -> dict[str, Any]:
    """Return what the modules have under this name as one mapping."""
    return {key: value for found in named(attribute) for key, value in found.items()}


def listed(attribute: str) -> list[Any]:
    """Return what the modules have under this name as one list."""
    return [each for found in named(attribute) for each in found]


def sources() -> str:
    """Return the modules' texts."""
    return "\n".join(Path(str(module.__file__)).read_text(encoding="utf-8") for module in modules())
