"""Where a resource's key is stored, and what it means that the store may hold it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import SecretStr

from ..api.errors import OpenRouterError
from ..api.scrub import printable
from ..keys.sameness import has_unknown
from ..keys.state import STORED_IN
from .catalog import STORES
from .payload import is_masked_as
from .value import ENVIRONMENT, ENVIRONMENTS_ACCESS, FROM, Access, SecretUnreadable, StoreReading


@dataclass(frozen=True)
class Held:
    """What a store's current version holds.

    Attributes:
        key: the key in it; None where there is no such secret, or no key in it.
        problem: why the store could not be read, or why what it holds is no proof, in one line; else empty.
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
        """Return whether the store may hold the key that the label masks: it does, or it could not tell.

        A label that is no mask tells nothing, so that any key in the store may be it.
        """
        if self.problem:
            return True
        return self.key is not None and is_masked_as(self.key.get_secret_value(), label) is not False

    def is_of(self, label: str) -> bool:
        """Return whether the store was read and its key bears this label."""
        return self.key is not None and is_masked_as(self.key.get_secret_value(), label) is True


def held_now(reading: StoreReading, reference: str, access: Access = ENVIRONMENTS_ACCESS) -> Held:
    """Return what the store holds at this moment: one read, never remembered.

    A store that may be another one than the secret's own proves nothing by what it doesn't hold.

    Args:
        reading: the store.
        reference: the secret.
        access: how the secret's own provider reaches the store.
    """
    try:
        stored = reading.read(reference, access)
    except SecretUnreadable as error:
        return Held() if error.gone else Held(problem=str(error))
    return Held(stored.key, "" if reading.home(access) else reading.homeless, stored.version_id)


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
    return held_now(store.reading, str(stored_in["reference"]), access)


def in_this_run(place: StoredIn | None, config: Callable[[str], str | None] = no_config) -> StoredIn | None:
    """Return a place with the store that this run's default provider goes to, where the program says nothing of it.

    Args:
        place: where a key is kept, as the program says.
        config: looks a full config key up.
    """
    store = STORES.get(str((place or {}).get("store")))
    access = store.reading.here(config) if place and store and not place.get("access") else {}
    return {**place, "access": access} if place and access else place


def is_noted(place: StoredIn | None) -> bool:
    """Return whether it is known in which of several stores of its kind a place is."""
    return bool(_home_of(place))


def settled(olds: Mapping[str, Any], wanted: StoredIn | None, is_there: Callable[[StoredIn], bool]) -> StoredIn | None:
    """Return where a key is kept, in the store that it was written to.

    A program that now goes to another Vault has not moved the secret there: the old one is left only where the settings
    name the new one, and on the proof that it holds the key. The same proof notes the store where an earlier release
    did not. Another address in the environment may be a mistake, and moves nothing.

    Args:
        olds: the resource's inputs so far; empty where it is being made, and its secret with it.
        wanted: where this run would keep it.
        is_there: asks whether the secret holds the current key there.
    """
    before = place_of(olds)
    if not olds or wanted is None or has_unknown(dict(wanted)) or (before and _is_elsewhere(before, wanted)):
        return wanted
    home, there = _home_of(before or _without_access(wanted)), _home_of(wanted)
    may_move = there and (_reading_of(wanted).strict or not (home and _is_environments(wanted)))
    if home == there or (may_move and is_there(wanted)):
        return wanted
    access = (before or {}).get("access")
    return {**_without_access(wanted), **({"access": access} if access else {})}


def refusal(found: StoredIn | None, wanted: StoredIn | None) -> str:
    """Return why a run must not go on that would store a key elsewhere than where it is; empty where it may.

    Args:
        found: where the key is known to be.
        wanted: where this run would go.
    """
    if not found or not wanted or has_unknown([dict(found), dict(wanted)]):
        return ""
    home, there = _home_of(found), _home_of(wanted)
    if not (home and there) or home == there or not _reading_of(found).strict:
        return ""
    secret = printable(str(found.get("reference")), length=200)
    return (
        f"says that the key is in {secret} of {home}, and this run would go to {there}: nothing was changed; set "
        "KUBECONFIG to the file that means the former (docs/errors.md#another-cluster)"
    )


def _is_environments(place: StoredIn) -> bool:
    return (place.get("access") or {}).get(FROM) == ENVIRONMENT


def _reading_of(place: StoredIn) -> StoreReading:
    return STORES[str(place["store"])].reading


def _home_of(place: StoredIn | None) -> str:
    known = place and str(place.get("store")) in STORES
    return _reading_of(place).home(place.get("access") or ENVIRONMENTS_ACCESS) if place and known else ""


def _without_access(place: StoredIn) -> StoredIn:
    return {name: part for name, part in place.items() if name != "access"}


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
    return _is_elsewhere(*(place_of(props) or {} for props in (olds, news)))


def _is_elsewhere(before: StoredIn, after: StoredIn) -> bool:
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
