"""A new key that works before anything depends on it, and the way back where it doesn't."""

from collections.abc import Collection
from typing import TYPE_CHECKING

from pydantic import SecretStr

from ..api.errors import NotFound, OpenRouterError, OutcomeUnknown
from ..api.models import CreateKeyRequest, KeyRecord
from ..api.scrub import quoted_name

if TYPE_CHECKING:
    from ..api.client import ManagementClient


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
