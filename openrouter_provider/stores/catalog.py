"""The stores that there are."""

from collections.abc import Mapping
from importlib import import_module

from . import KNOWN
from .contract import Store

STORES: Mapping[str, Store] = {name: import_module(f"{__package__}.{name}").STORE for name in KNOWN}
"""By name."""
