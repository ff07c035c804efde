"""The dynamic resources that surround the keys, one file each: a file here is a resource, and is registered by that."""

from collections.abc import Iterator
from importlib import import_module

from ...host.modules import AROUND, RESOURCES
from ..declared import RecordResource


def kinds() -> Iterator[type[RecordResource]]:
    """Yield the resources of this folder."""
    for name, module in AROUND.items():
        yield getattr(import_module(f"{RESOURCES}.{module}"), name)
