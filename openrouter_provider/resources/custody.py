"""Where a resource's key is stored, and what it means that the store may hold it."""

from collections.abc import Mapping
from typing import Any

from ..api.errors import OpenRouterError
from ..api.scrub import printable
from ..stores.custody import Held, StoredIn

STORED_IN = "stored_in"


class KeyStillHeld(OpenRouterError):
    """A key was to be deleted, disabled or bounded, and its secret holds it or can't be read: the key was left."""


def place_of(props: Mapping[str, Any]) -> StoredIn | None:
    """Return where the key is stored; None for a key that the program keeps in no store of ours.

    A state from before the place was recorded still names AWS's secret in its version's id.
    """
    place = props.get(STORED_IN)
    if place is not None:
        return place if isinstance(place, Mapping) else {STORED_IN: place}
    arn, _, version_id = str(props.get("version") or "").partition("|")
    return {"store": "aws", "reference": arn} if version_id and arn.startswith("arn:") else None


def is_elsewhere(olds: Mapping[str, Any], news: Mapping[str, Any]) -> bool:
    """Return whether a key is stored in another secret than before; the way to reach it is none of the secret."""
    before, after = (place_of(props) or {} for props in (olds, news))
    return any(before.get(name) != after.get(name) for name in ("store", "reference"))


def where(place: StoredIn | None, held: Held) -> str:
    """Return, in words, why a key was left for its store's sake, and what to do."""
    secret = printable(str((place or {}).get("reference")), length=200)
    if held.problem:
        return f"secret {secret} could not be read, so it may hold this key: {held.problem}; the next up tries again"
    return (
        f"secret {secret} still holds it as its current value; `pulumi up --refresh` with all of the service's "
        "resources stores the current key, and the overlap begins then (docs/errors.md#key-still-held)"
    )
