"""The optional packages of a store: missing ones are one line with the fix."""

from collections.abc import Iterator
from contextlib import contextmanager

from ..api.errors import ConfigurationError


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
