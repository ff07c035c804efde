"""One key's succession: which key is current after a rotation, and which ones it supersedes.

A run that was killed, or a state that was restored, may have left keys of this resource that no state knows. What the
store holds decides about them: the one it holds is the successor already, and is taken over with the value that is
stored; one that was never used is deleted; any other is superseded like the key before it.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pydantic import SecretStr

from ..api.errors import NotFound, OpenRouterError
from ..api.models import KeyRecord
from ..api.scrub import quoted_name
from ..keys.fields import Props, changed, present, shown
from ..keys.inputs import is_scheduled
from ..keys.overlap import overlap_of, wish_to_bound
from ..keys.schedule import parse_duration
from ..keys.state import FIELDS, family, request_for
from ..stores.custody import Held, KeyStillHeld, place_of, where
from .adoption import adopt, create_proved

if TYPE_CHECKING:
    from .base import Session

Finish = Callable[[KeyRecord, Mapping[str, Any]], KeyRecord]
"""Brings a key that was just made to what creation cannot give."""


@dataclass(frozen=True)
class Strangers:
    """Keys of this resource that the state does not know, by what is to become of them.

    Attributes:
        stored: the one that the store holds as current.
        unused: never used and not stored: a create's remains.
        used: others; somebody may use them still.
    """

    stored: KeyRecord | None = None
    unused: tuple[KeyRecord, ...] = ()
    used: tuple[KeyRecord, ...] = ()


@dataclass(frozen=True)
class Successor:
    """The key that is current from now on, and what it supersedes beside the key of the state."""

    record: KeyRecord
    key: SecretStr
    superseded: tuple[Props, ...] = field(default=())


def sort_strangers(
    records: Iterable[KeyRecord], names: Collection[str], known: Collection[str], held: Held
) -> Strangers:
    """Return what is to become of each key that bears one of this resource's names and that the state does not know.

    Args:
        records: the keys of the workspace.
        names: every name that this resource may have given.
        known: the hashes in the state.
        held: what the store holds now.
    """
    ours = [record for record in records if record.name in names and record.hash not in known]
    stored = next((record for record in ours if held.is_of(record.label)), None)
    others = [record for record in ours if record is not stored]
    unused = tuple(record for record in others if record.never_used)
    return Strangers(stored, unused, tuple(record for record in others if not record.never_used))


def superseded_after(
    olds: Mapping[str, Any], news: Mapping[str, Any], successor: Successor, alive: Collection[str]
) -> list[Props]:
    """Return the superseded keys after a rotation: those still alive, the one that was current, and found ones.

    A rotation that a token asked for marks them all with it, so that an emergency reaches every older key.

    Args:
        olds: the state.
        news: the inputs.
        successor: the key that is current from now on.
        alive: the hashes of the superseded keys in the state that exist.
    """
    token = news.get("rotate_now") if news.get("rotate_now") != olds.get("rotate_now") else None
    overlap = parse_duration(overlap_of(news.get("rotation") or {}))
    was = {"hash": olds.get("hash"), "label": olds.get("label"), **wish_to_bound(olds, news, overlap)}
    before = [entry for entry in olds.get("superseded") or [] if entry["hash"] in alive]
    entries = [entry for entry in (*before, was, *successor.superseded) if entry["hash"] != successor.record.hash]
    return [present({**entry, "token": token or entry.get("token")}) for entry in entries]


@dataclass(frozen=True)
class Succession:
    """What a rotation of one key does.

    Attributes:
        session: the process's way to the API and to the store.
        olds: the state.
        news: the inputs.
        finish: brings a new key to what creation cannot give.
    """

    session: "Session"
    olds: Props
    news: Props
    finish: Finish

    def is_left_disabled(self) -> bool:
        """Return whether a person disabled the key: then a schedule is no reason for its service to work again."""
        if self.olds.get("disabled") or self.news.get("disabled") or not is_scheduled(self.olds, self.news):
            return False
        hash_ = str(self.olds.get("hash"))
        listed = (record for record in self._listed if record.hash == hash_)
        record = next(listed, None) or self.session.reader.read(hash_)
        if record is None or not record.disabled:
            return False
        self.session.warn(
            f"key {quoted_name(record.name)} was disabled on OpenRouter: it was not rotated. To keep the service off, "
            "set `disabled: true`; to let it work again, run `pulumi up --refresh` or set a new rotateNow "
            "(docs/operations.md#leaked-key)"
        )
        return True

    def successor(self) -> Successor:
        """Return the key that is current from now on: the one to adopt, the one that the store holds, or a new one.

        Raises:
            ConfigurationError: the key to adopt is not what the program says.
            KeyStillHeld: an earlier run's key was found, and the store could not be asked about it.
            RotationFailed: the new key did not authenticate.
            OutcomeUnknown: a key may exist that could not be reconciled.
        """
        if self.news.get("adopt_hash") not in (None, self.olds.get("adopt_hash")):
            return Successor(adopt(self.session.client, self.news), SecretStr(str(self.news["adopt_key"])))
        held, strangers = self._strangers()
        self._delete_unused(strangers, held)
        used = tuple(_entry(record) for record in strangers.used)
        if strangers.stored and held.key and self._fits(strangers.stored):
            return Successor(self._taken_over(strangers.stored, held.key), held.key, used)
        if strangers.stored:
            used = (*used, _entry(strangers.stored))
        record, key = create_proved(
            self.session.client, request_for(self.news), [*self._known, *(entry["hash"] for entry in used)]
        )
        return Successor(self.finish(record, self.news), key, used)

    def superseded(self, successor: Successor) -> list[Props]:
        """Return the superseded keys after the rotation."""
        shown_now = {record.hash for record in self._listed}
        hashes = [entry["hash"] for entry in self.olds.get("superseded") or []]
        alive = {hash_ for hash_ in hashes if hash_ in shown_now or self._exists(hash_)}
        return superseded_after(self.olds, self.news, successor, alive)

    @property
    def _listed(self) -> "Sequence[KeyRecord]":
        """The keys of the workspace, as they were when this run first asked: what earlier runs left is among them."""
        return self.session.keys_in(self.news.get("workspace_id"))

    @property
    def _known(self) -> list[str]:
        return [str(self.olds["hash"]), *(entry["hash"] for entry in self.olds.get("superseded") or [])]

    def _strangers(self) -> tuple[Held, Strangers]:
        """Return what the store holds, and the keys to decide about; without any, nobody is asked."""
        names = family(self.olds, self.news)
        if names.isdisjoint(record.name for record in self._listed if record.hash not in self._known):
            return Held(), Strangers()
        held = self.session.ask(place_of(self.news) or place_of(self.olds))
        return held, sort_strangers(self._listed, names, self._known, held)

    def _delete_unused(self, strangers: Strangers, held: Held) -> None:
        for record in strangers.unused:
            if held.may_be(record.label):
                raise KeyStillHeld(
                    f"key {quoted_name(record.name)} ({record.label}), which an earlier run made, was left, and no new "
                    f"one was made: {where(place_of(self.news), held)}"
                )
            try:
                self.session.client.delete_key(record.hash)
            except NotFound:
                continue  # Gone already, which is what was wanted.

    def _fits(self, record: KeyRecord) -> bool:
        """Return whether a found key can be brought to the wish: it differs in nothing that only a new key has."""
        return not any(field.replaces for field in changed(FIELDS, shown(FIELDS, record), self.news))

    def _taken_over(self, record: KeyRecord, key: SecretStr) -> KeyRecord:
        """Return the record of the key that the store holds, proved and brought to the wish.

        One that is disabled stays so: a state that is older than the key can't tell who did it.
        """
        if not record.disabled:
            self.session.client.prove_key(key)
        self.session.reader.forget(record.hash)
        differing = changed(FIELDS, shown(FIELDS, record), self.news)
        changes = {field.name: self.news.get(field.name) for field in differing}
        if record.disabled and changes.pop("disabled", None) is False:
            self.session.warn(
                f"key {quoted_name(record.name)}, which the secret holds, was disabled on OpenRouter: it was taken "
                "over as it is. To keep the service off, set `disabled: true`; to let it work again, run "
                "`pulumi up --refresh` or set a new rotateNow (docs/operations.md#leaked-key)"
            )
        return self.session.client.update_key(record.hash, changes) if changes else record

    def _exists(self, hash_: str) -> bool:
        try:
            return self.session.reader.read(hash_) is not None
        except OpenRouterError:
            return True  # Unproved: keeping an entry too long costs one DELETE that answers 404.


def _entry(record: KeyRecord) -> Props:
    """Return a key that no state knew as a superseded one."""
    return present(
        {"hash": record.hash, "label": record.label, "limit": record.limit, "limit_reset": record.limit_reset}
    )
