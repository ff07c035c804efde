"""The steps of one rotation: create the successor, prove that it works, and only then let it become current."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..api.errors import NotFound, OpenRouterError, OutcomeUnknown
from ..api.models import CreatedKey, CreateKeyRequest, KeyRecord
from ..api.scrub import quoted_name
from .fields import Props, present

if TYPE_CHECKING:
    from ..api.client import ManagementClient


class RotationFailed(OpenRouterError):
    """The successor did not authenticate and was deleted; the key before it is current and untouched."""


def rotate(client: "ManagementClient", request: CreateKeyRequest, olds: Mapping[str, Any]) -> CreatedKey:
    """Return the successor of the key in the state, created and proved to authenticate.

    A key that an earlier run made under this very name and did not live to record is deleted first.

    Raises:
        RotationFailed: the successor did not authenticate; it was deleted again.
        OutcomeUnknown: a successor may exist that could not be reconciled; says its name.
    """
    known = [str(olds["hash"]), *(entry["hash"] for entry in olds.get("superseded") or [])]
    created = client.create_key(request, known_hashes=known, recover=True)
    try:
        client.prove_key(created.key)
    except OpenRouterError as error:
        undo_creation(client, created.record, error)
        raise RotationFailed(
            f"the new key {request.name} did not authenticate and was deleted; the key before it stays current: {error}"
        ) from None
    return created


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


def superseded_after(client: "ManagementClient", olds: Mapping[str, Any], news: Mapping[str, Any]) -> list[Props]:
    """Return the superseded keys after a rotation: those still alive, and the one that was current.

    A rotation that a token asked for marks them all with it, so that an emergency reaches every older key.
    """
    token = news.get("rotate_now") if news.get("rotate_now") != olds.get("rotate_now") else None
    alive = [entry for entry in olds.get("superseded") or [] if _exists(client, entry["hash"])]
    was = {name: olds.get(name) for name in ("hash", "limit", "limit_reset")}
    entries = [*alive, was]
    return [present({**entry, "token": token or entry.get("token")}) for entry in entries]


def _exists(client: "ManagementClient", hash_: str) -> bool:
    try:
        client.get_key(hash_)
    except NotFound:
        return False
    except OpenRouterError:
        return True  # Unproved: keeping an entry too long costs one DELETE that answers 404.
    return True
