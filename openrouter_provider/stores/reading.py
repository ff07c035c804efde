"""What the command line knows of each store: its resources in a stack's state, and how a service would read it."""

from pydantic import SecretStr

from .catalog import STORES
from .payload import is_masked_as
from .value import ENVIRONMENTS_ACCESS, Access, Existing, SecretUnreadable, StoredValue, StoreReading, quickly

__all__ = [
    "AWS",
    "KEY_PREFIX",
    "READINGS",
    "Existing",
    "SecretUnreadable",
    "StoreReading",
    "StoredValue",
    "may_be_sent",
    "read_key",
    "read_stored",
    "reading_of",
]

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


KEY_PREFIX = "sk-or-"
"""What a value starts with that may be sent to OpenRouter; anything else is somebody else's secret."""


def may_be_sent(key: SecretStr, label: str) -> bool:
    """Return whether a secret's value looks like an OpenRouter key, or like the very key that the label masks.

    Every command asks this before it shows OpenRouter what somebody may have pasted into a secret.
    """
    value = key.get_secret_value()
    return value.startswith(KEY_PREFIX) or is_masked_as(value, label) is True


def read_stored(reference: str, access: Access = ENVIRONMENTS_ACCESS) -> StoredValue:
    """Return the secret's current version, or why not, within seconds.

    Args:
        reference: an ARN, or what another store exports as `secretReference`.
        access: how its store is reached.

    Raises:
        ConfigurationError: the store's extra is not installed.
        SecretUnreadable: the store refused, could not be asked, or the secret is gone.
    """
    return reading_of(reference).read(reference, quickly(access))


def read_key(reference: str, access: Access = ENVIRONMENTS_ACCESS) -> SecretStr:
    """Return the key in the secret's current version; arguments as for `read_stored`.

    Raises:
        ConfigurationError: the store's extra is not installed.
        SecretUnreadable: it cannot be read, or its value holds no key.
    """
    key = read_stored(reference, access).key
    if key is None:
        raise SecretUnreadable("its value holds no OPENROUTER_API_KEY: it was edited by hand")
    return key
