"""Where a resource's key is stored, and what it means that the store may hold it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import SecretStr

from ..api.errors import OpenRouterError
from ..api.scrub import printable
from ..keys.state import STORED_IN
from .catalog import STORES
from .payload import is_masked_as
from .value import ENVIRONMENTS_ACCESS, Access, ReadsValue, SecretUnreadable


@dataclass(frozen=True)
class Held:
    """What a store's current version holds.

    Attributes:
        key: the key in it; None where there is no such secret, or no key in it.
        problem: why the store could not be read, in one line; empty where it could.
        version_id: the version that was read, empty where there is none.
    """

    key: SecretStr | None = None
    problem: str = ""
    version_id: str = ""

    @property
    def is_nothing(self) -> bool:
        """Whether the store was read, or need not be, and holds no key."""
        return self.key is None and not self.problem

    def may_be(self, label: str) -> bool:
        """Return whether the store may hold the key that the label masks: it does, or it could not be asked.

        A label that is no mask tells nothing, so that any key in the store may be it.
        """
        if self.problem:
            return True
        return self.key is not None and is_masked_as(self.key.get_secret_value(), label) is not False

    def is_of(self, label: str) -> bool:
        """Return whether the store was read and its key bears this label."""
        return self.key is not None and is_masked_as(self.key.get_secret_value(), label) is True


def held_now(read: ReadsValue, reference: str, access: Access = ENVIRONMENTS_ACCESS) -> Held:
    """Return what the store holds at this moment: one read, never remembered.

    Args:
        read: the store's way of reading.
        reference: the secret.
        access: how the secret's own provider reaches the store.
    """
    try:
        stored = read(reference, access)
    except SecretUnreadable as error:
        return Held() if error.gone else Held(problem=str(error))
    return Held(stored.key, version_id=stored.version_id)


StoredIn = Mapping[str, Any]
"""Where a key's value is kept: `store`, `reference`, and `access` where the store is reached by settings of its own."""

AsksStore = Callable[[StoredIn | None], Held]


def no_config(_key: str) -> str | None:
    """Return None: no setting is known."""
    return None


def ask_store(stored_in: StoredIn | None, config: Callable[[str], str | None] = no_config) -> Held:
    """Return what a resource's store holds now; a key that is kept in no store is held by none.

    Args:
        stored_in: where the key is kept, from the resource's inputs.
        config: looks a full config key (`aws:secretKey`) up, for what no state has.

    Raises:
        ConfigurationError: the store's extra is not installed.
    """
    if not stored_in:
        return Held()
    store = STORES.get(str(stored_in.get("store")))
    if store is None:
        return Held(problem=f"store {stored_in.get('store')} is not known to this version")
    access = store.reading.with_keys(stored_in.get("access") or ENVIRONMENTS_ACCESS, config)
    return held_now(store.reading.read, str(stored_in["reference"]), access)


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
