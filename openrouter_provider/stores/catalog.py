"""The stores that there are: every module of `known` is one."""

from collections.abc import Mapping
from importlib import import_module
from pkgutil import iter_modules

from . import known
from .store import Store


def _found() -> Mapping[str, Store]:
    names = sorted(module.name for module in iter_modules(known.__path__))
    return {name: import_module(f"{known.__name__}.{name}").STORE for name in names}


STORES: Mapping[str, Store] = _found()
"""By name."""
