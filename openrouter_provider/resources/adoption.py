"""Taking an existing object over: a key is proved to be the one that is meant, then each is brought to its wish."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pydantic import SecretStr

from ..api.errors import AuthenticationError, ConfigurationError, NotFound, PermissionDenied
from ..api.models import KeyRecord
from .api_key_state import FIELDS
from .fields import Field, Props, changed, shown

if TYPE_CHECKING:
    from ..api.client import ManagementClient


def adopt(client: "ManagementClient", props: Mapping[str, Any]) -> KeyRecord:
    """Return the record of the adopted key after its changeable fields were brought to the inputs.

    Raises:
        ConfigurationError: no such key, a value of another key, or a field that only a new key could have.
    """
    record = _the_meant_key(client, props)
    changes = changes_to_adopt("key", f"adopt_hash {record.hash[:12]}…", FIELDS, record, props)
    return client.update_key(record.hash, changes) if changes else record


def changes_to_adopt(what: str, named: str, fields: Sequence[Field], record: object, props: Mapping[str, Any]) -> Props:
    """Return the changes that bring an existing object to its wish.

    Args:
        what: what messages call the object.
        named: the setting that named it, for messages.
        fields: its managed properties.
        record: what it is now.
        props: the wish.

    Raises:
        ConfigurationError: it differs in what only a new one could have.
    """
    differing = changed(fields, shown(fields, record), props)
    fixed = [field.name for field in differing if field.replaces]
    if fixed:
        raise ConfigurationError(
            f"{named}: {', '.join(fixed)} cannot be changed on an existing {what}; "
            "give the value that it has, or create a new one (docs/errors.md#adoption)"
        )
    return {field.name: props.get(field.name) for field in differing}


def _the_meant_key(client: "ManagementClient", props: Mapping[str, Any]) -> KeyRecord:
    hash_ = str(props["adopt_hash"])
    try:
        record = client.get_key(hash_)
    except NotFound:
        raise ConfigurationError(
            f"adopt_hash {hash_[:12]}…: the account has no such key; see `openrouter-keys list`"
        ) from None
    if record.disabled:
        raise ConfigurationError(
            f"adopt_hash {hash_[:12]}…: the key is disabled, so its value cannot be proved: "
            "enable it on OpenRouter, adopt it, and disable it afterwards"
        )
    try:
        label = client.current_key(SecretStr(str(props["adopt_key"]))).label
    except (AuthenticationError, PermissionDenied):
        raise ConfigurationError(
            f"adopt_key: the value does not authenticate, so it is not the value of {hash_[:12]}…"
        ) from None
    if label != record.label:
        raise ConfigurationError(f"adopt_key: the value belongs to another key than {hash_[:12]}…")
    return record
