"""The stores that there are."""

from collections.abc import Mapping
from importlib import import_module

from . import STORE_NAMES
from .contract import Store

STORES: Mapping[str, Store] = {name: import_module(f"{__package__}.{name}").STORE for name in STORE_NAMES}
"""By name."""
