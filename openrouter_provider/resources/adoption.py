"""Taking an existing object over: a key is proved to be the one that is meant, then each is brought to its wish."""

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pydantic import SecretStr

from ..api.errors import (
    AuthenticationError,
    ConfigurationError,
    NotFound,
    OpenRouterError,
    OutcomeUnknown,
    PermissionDenied,
)
from ..api.models import CreateKeyRequest, KeyRecord
from ..api.scrub import quoted_name
from ..keys.fields import Field, Props, changed, is_undeclared, shown
from ..keys.state import FIELDS

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
    wished = [field for field in fields if not is_undeclared(field, props)]
    differing = changed(wished, shown(wished, record), props)
    fixed = [field.name for field in differing if field.replaces]
    if fixed:
        raise ConfigurationError(
            f"{named}: {', '.join(fixed)} cannot be changed on an existing {what}; "
            "give the value that it has, or create a new one (docs/errors.md#adoption)"
        )
    return {field.name: props.get(field.name) for field in differing}


def prove_value(client: "ManagementClient", props: Mapping[str, Any]) -> None:
    """Refuse an `adopt_key` that is not the value of `adopt_hash`.

    Raises:
        ConfigurationError: it is another key's, or authenticates nobody.
    """
    _the_meant_key(client, props)


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


class RotationFailed(OpenRouterError):
    """The successor did not authenticate and was deleted; the key before it is current and untouched."""


def create_proved(
    client: "ManagementClient", request: CreateKeyRequest, known: Collection[str]
) -> tuple[KeyRecord, SecretStr]:
    """Return a new key that was proved to authenticate, and its value.

    Raises:
        RotationFailed: it did not authenticate; it was deleted again.
        OutcomeUnknown: a key may exist that could not be reconciled; says its name.
    """
    created = client.create_key(request, known_hashes=known)
    try:
        client.prove_key(created.key)
    except OpenRouterError as error:
        undo_creation(client, created.record, error)
        raise RotationFailed(
            f"the new key {request.name} did not authenticate and was deleted; the key before it stays current: {error}"
        ) from None
    return created.record, created.key


def undo_creation(client: "ManagementClient", record: KeyRecord, reason: BaseException) -> None:
    """Delete a key that was just made and cannot be used; one that is gone already counts as deleted.

    Raises:
        OutcomeUnknown: it could not be deleted and no state will know it; says its name and hash.
    """
    try:
        client.delete_key(record.hash)
    except NotFound:
        return
    except OpenRouterError as error:
        raise OutcomeUnknown(
            f"creating key {quoted_name(record.name)}: it was made as {record.hash}, cannot be used "
            f"({type(reason).__name__}) and could not be deleted ({type(error).__name__}): delete it "
            "on OpenRouter; `openrouter-keys drift` lists it as unmanaged (docs/errors.md#outcome-unknown)",
            name=record.name,
            hashes=(record.hash,),
        ) from None
