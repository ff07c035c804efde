"""A plugin's hold on its cloud, and the one error that reaches the user."""

import json
import threading
from abc import ABC, abstractmethod
from typing import Any

from sandbox.plugins.wire import Properties


class CloudError(Exception):
    """An operation on the cloud failed; the message names the operation, the object and the cloud's own words."""


class Cloud(ABC):
    """What every resource type needs of the configured provider; safe to use from many threads.

    Args:
        settings: the provider's configuration, as checked.
    """

    def __init__(self, settings: Properties | None = None) -> None:
        self.settings = settings or {}
        self.cancelled = threading.Event()

    @abstractmethod
    def require_settings(self) -> None:
        """Raise CloudError, with the fix, where the configuration misses what every call needs."""


def parsed(value: object) -> Any:
    """Return a setting that the SDK may have sent as JSON."""
    return json.loads(value) if isinstance(value, str) else value
