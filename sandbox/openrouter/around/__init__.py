"""What surrounds the keys, one file a kind: each may have ROUTES, OPERATIONS (names by method and path) and AREAS.

A file here is found by being here. They are loaded when they are first asked for, since they need the store, and the
store the names of their operations.
"""

import pkgutil
from functools import cache
from importlib import import_module
from types import ModuleType
from typing import Any

from starlette.routing import Route


@cache
def _simulators() -> tuple[ModuleType, ...]:
    return tuple(import_module(f"{__name__}.{found.name}") for found in pkgutil.iter_modules(__path__))


def routes() -> list[Route]:
    """Return the routes of all of them."""
    return [route for simulator in _simulators() for route in getattr(simulator, "ROUTES", ())]


def operations() -> dict[str, str]:
    """Return the names of their operations by method and path."""
    return _merged("OPERATIONS")


def areas() -> dict[str, Any]:
    """Return what can be edited out of band, by the name under which the control has it."""
    return _merged("AREAS")


def _merged(name: str) -> dict[str, Any]:
    return {key: value for simulator in _simulators() for key, value in getattr(simulator, name, {}).items()}
