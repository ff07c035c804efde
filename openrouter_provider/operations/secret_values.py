"""Reading what a service would read: the secret's current value, in whichever store it is."""

from pydantic import SecretStr

from ..payload import is_masked_as
from ..stores.reading import SecretUnreadable, StoredValue, reading_of

KEY_PREFIX = "sk-or-"
"""What a value starts with that may be sent to OpenRouter; anything else is somebody else's secret."""

__all__ = ["KEY_PREFIX", "SecretUnreadable", "StoredValue", "may_be_sent", "read_key", "read_stored"]


def may_be_sent(key: SecretStr, label: str) -> bool:
    """Return whether a secret's value looks like an OpenRouter key, or like the very key that the label masks.

    Every command asks this before it shows OpenRouter what somebody may have pasted into a secret.
    """
    value = key.get_secret_value()
    return value.startswith(KEY_PREFIX) or is_masked_as(value, label) is True


def read_stored(reference: str) -> StoredValue:
    """Return the secret's current version.

    Args:
        reference: an ARN, or what another store exports as `secretReference`.

    Raises:
        ConfigurationError: the store's extra is not installed.
        SecretUnreadable: the store refused, could not be asked, or the secret is gone.
    """
    return reading_of(reference).read(reference)


def read_key(reference: str) -> SecretStr:
    """Return the key in the secret's current version.

    Raises:
        ConfigurationError: the store's extra is not installed.
        SecretUnreadable: it cannot be read, or its value holds no key.
    """
    key = read_stored(reference).key
    if key is None:
        raise SecretUnreadable("its value holds no OPENROUTER_API_KEY: it was edited by hand")
    return key
