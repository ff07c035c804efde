"""The engine tests' fixtures serve here too."""

from tests.engine.conftest import sandbox, stack

__all__ = ["sandbox", "stack"]
