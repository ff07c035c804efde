"""The optional packages of a store: missing ones are one line with the fix."""

import importlib
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

from ..api.errors import ConfigurationError

_LOADING = Lock()


def load(*modules: str) -> None:
    """Import a store's packages, one store at a time, before any thread takes names from them.

    The stores' libraries share packages. Two threads that import two of them at once each wait for what the other has
    begun, which Python breaks by an error.

    Raises:
        ModuleNotFoundError: a package is missing.
    """
    with _LOADING:
        for module in modules:
            importlib.import_module(module)


@contextmanager
def explaining_a_missing_extra(store: str) -> Iterator[None]:
    """Turn an import that fails inside the block into the command that installs what it needs.

    Raises:
        ConfigurationError: a package is missing.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        package = error.name or "a package"
        raise ConfigurationError(
            f"store {store} needs {package}, which is not installed; run: pip install 'openrouter-keys[{store}]'"
        ) from None
