"""What the command line knows of each store: its resources in a stack's state, and how a service would read it."""

from .catalog import STORES
from .value import Existing, SecretUnreadable, StoredValue, StoreReading

__all__ = ["AWS", "READINGS", "Existing", "SecretUnreadable", "StoreReading", "StoredValue", "reading_of"]

READINGS: tuple[StoreReading, ...] = tuple(store.reading for store in STORES.values())
AWS = STORES["aws"].reading


def reading_of(reference: str) -> StoreReading:
    """Return the store that a secret's reference names.

    Raises:
        SecretUnreadable: it names none that this version knows.
    """
    scheme = reference.partition(":")[0]
    for reading in READINGS:
        if reading.scheme == scheme:
            return reading
    known = ", ".join(reading.store for reading in READINGS)
    raise SecretUnreadable(f"it is in a store that this version doesn't know (only {known}): upgrade openrouter-keys")
