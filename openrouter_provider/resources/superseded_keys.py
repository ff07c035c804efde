"""The keys a service no longer uses: bounded and kept through their overlap, then deleted.

A resource of its own because of what it depends on: it comes after the secret's new version. That order alone proves
nothing, since an operator may leave the version out of a run; so the store is asked before each step that harms a key
(docs/adr/0002, docs/adr/0010).
"""

from collections.abc import Mapping, Sequence
from typing import Any

from pulumi import Input, Output, ResourceOptions
from pulumi.dynamic import CheckResult, CreateResult, DiffResult, ReadResult, Resource, UpdateResult

from ..api.errors import NotFound
from ..host.registration import without_source_positions
from ..keys.fields import UNKNOWN, Props, has_unknown, is_unknown, on_the_wire
from ..keys.nested import StoredInArgs
from ..keys.overlap import (
    BOUND,
    DELETED,
    DISABLED,
    HELD,
    Entry,
    bounded_limit,
    changed_plans,
    has_lost_keys,
    is_alive,
    moved_plans,
    overlap_of,
    plan_keys,
    states_of,
)
from ..keys.schedule import parse_duration
from ..keys.spent import SPENT, Spent, carried
from ..stores.custody import Held, KeyStillHeld, is_noted, place_of, where
from .base import OpenRouterProvider, check_result


class SupersededKeysProvider(OpenRouterProvider):
    """Brings every superseded key to the state that the plan in its inputs names."""

    def check(self, _olds: Props, news: Props) -> CheckResult:
        """Decide by the run's clock and the store which keys are bounded, disabled or deleted."""
        inputs = on_the_wire(news)
        failures = self.settle_place(_olds, inputs, lambda held: self._is_current(held, inputs))
        if failures:
            return check_result(inputs, failures, news)
        if is_unknown(inputs.get("superseded")):
            return CheckResult({**inputs, "keys": UNKNOWN}, [])  # A preview of a rotation: it will supersede a key.
        inputs["keys"] = plan_keys(_olds, inputs, self.session.now, lambda entry: self._may_hold(entry, inputs))
        return CheckResult(inputs, [])

    def _is_current(self, held: Held, props: Mapping[str, Any]) -> bool:
        current = props.get("current")
        known = held.key is not None and isinstance(current, str) and not is_unknown(current)
        label = self.label_of({"hash": current}) if known else None
        return label is not None and held.is_of(label)

    def _may_hold(self, entry: Entry, props: Mapping[str, Any]) -> bool:
        """Return whether the secret may hold the key, and tell that it is left for it."""
        place = place_of(props)
        if has_unknown(dict(place or {})):
            return False  # A preview of a secret that is yet to be made; the run itself asks again.
        held = self.session.ask(place)
        label = None if held.is_nothing else self.label_of(entry)
        if label is None or not held.may_be(label):
            return False
        self.session.warn(_left(entry, label, place, held))
        return True

    def diff(self, _id: str, _olds: Props, _news: Props) -> DiffResult:
        """Compare the plans; a new version of the secret is no reason to act, nor is a deleted key that left them."""
        if is_unknown(_news["keys"]):
            return DiffResult(True)
        return DiffResult(changed_plans(_olds.get("keys") or [], _news["keys"]) or has_lost_keys(_olds, _news))

    def planned_create(self, props: Props) -> Props:
        """Return what a preview knows of the resource."""
        return self.planned_update("", {}, props)

    def planned_update(self, id_: str, olds: Props, news: Props) -> Props:
        """Return what a preview knows: what a key spent that is to be deleted, only its deletion tells."""
        del id_
        deletes = is_unknown(news["keys"]) or any(entry["state"] == DELETED for entry in moved_plans(olds, news))
        return {**news, SPENT: UNKNOWN} if deletes else _outputs(news, carried(olds, news))

    def create(self, props: Props) -> CreateResult:
        """Apply the plan; for a new service it is empty and costs no call."""
        return CreateResult(str(props["service"]), _outputs(props, self._apply({}, props)))

    def read(self, id_: str, props: Props) -> ReadResult:
        """Report a disabled key that somebody enabled again; bounds are set once and not watched."""
        keys = [self._actual(entry) for entry in props.get("keys") or []]
        outs = {**props, "keys": keys}
        inputs = {name: value for name, value in outs.items() if name not in ("__provider", SPENT)}
        return ReadResult(id_, outs, inputs)

    def _actual(self, entry: Props) -> Props:
        if not is_alive(entry):
            return entry
        record = self.session.reader.read(entry["hash"])
        undone = record is not None and entry.get("state") == DISABLED and not record.disabled
        return {**entry, "state": BOUND} if undone else entry

    def imported(self, id_: str) -> ReadResult:
        """Return the bookkeeping of a service that is taken into a stack: it has superseded no key yet."""
        outs: Props = {"service": id_, "superseded": [], "keys": []}
        return ReadResult(id_, outs, dict(outs))

    def update(self, _id: str, _olds: Props, _news: Props) -> UpdateResult:
        """Apply what the plan changes.

        Raises:
            KeyStillHeld: the secret has come to hold a key since the plan was made.
            OpenRouterError: a key could not be brought to its state; the next run tries again.
        """
        return UpdateResult(_outputs(_news, self._apply(_olds, _news)))

    def delete(self, _id: str, _props: Props) -> None:
        """Delete the keys that no ApiKey knows any more; the others go with theirs, after the secret."""
        self._note_store(_props)
        listed = {entry["hash"] for entry in _props.get("superseded") or []}
        for entry in _props.get("keys") or []:
            # The secret goes after this resource: a key that it holds is left, and told with its name.
            if is_alive(entry) and entry["hash"] not in listed and not self._may_hold(entry, _props):
                self.delete_key(str(entry["hash"]))

    def _note_store(self, props: Props) -> None:
        """Look at the secret while it is there, where no state noted its store: it goes before its key does."""
        place = place_of(props)
        now = None if is_noted(place) else self.session.place_now(place)
        if now is not None and self._is_current(self.session.ask(now), props):
            self.session.found[str(now["reference"])] = now

    def _apply(self, olds: Mapping[str, Any], props: Mapping[str, Any]) -> Spent:
        """Bring each key to its state; return what the deleted ones have spent, those of earlier runs too."""
        done, spent = states_of(olds), carried(olds, props)
        moved = moved_plans(olds, props)
        harmed = [entry for entry in moved if entry["state"] != HELD and not _is_by_program(entry)]
        if harmed:
            self._prove_free(harmed, props)
        for entry in moved:
            if entry["state"] == DELETED:
                spent = self._deleted(str(entry["hash"]), spent)
            else:
                self._bring(entry, done.get(entry["hash"]), props)
        return spent

    def _deleted(self, hash_: str, spent: Spent) -> Spent:
        """Read what a key has spent, delete it, and return the sum with it."""
        try:
            record = self.session.client.get_key(hash_)
        except NotFound:
            return spent.plus_unknown()  # Deleted behind our back, and what it spent with it.
        self.delete_key(hash_)
        return spent.plus(hash_, record, self.session.now)

    def _prove_free(self, entries: Sequence[Entry], props: Mapping[str, Any]) -> None:
        """Ask the store once more, right before the calls that cannot be undone.

        Raises:
            KeyStillHeld: it holds one of the keys, or can't be read.
            ClockDiffers: the keys' time is over by this machine's clock alone.
        """
        self.session.check_clock()
        place = place_of(props)
        held = self.session.ask(place)
        for entry in () if held.is_nothing else entries:
            label = self.label_of(entry)
            if label is not None and held.may_be(label):
                raise KeyStillHeld(_left(entry, label, place, held))

    def _bring(self, entry: Entry, before: str | None, props: Mapping[str, Any]) -> None:
        hash_ = str(entry["hash"])
        self.session.reader.forget(hash_)
        try:
            if entry["state"] == DISABLED:
                self.session.client.update_key(hash_, {"disabled": True})
            else:
                self._keep(entry, before, props)
        except NotFound:
            return  # Deleted behind our back: there is nothing left to bound.

    def _keep(self, entry: Entry, before: str | None, props: Mapping[str, Any]) -> None:
        """Bound a key that lives on; one that the secret holds keeps its limit.

        Only what this resource disabled is enabled again, with its service: a person may have disabled the key.
        """
        enable = before == DISABLED and not entry.get("leaked") and props.get("disabled") is not True
        if entry["state"] == HELD and not enable:
            return
        record = self.session.client.get_key(str(entry["hash"]))
        changes: Props = {}
        if entry["state"] == BOUND:
            changes = bounded_limit(record, parse_duration(overlap_of(props)), entry)
        if enable and record.disabled:
            changes["disabled"] = False
        if changes:
            self.session.client.update_key(record.hash, changes)


def _outputs(props: Mapping[str, Any], spent: Spent) -> Props:
    kept = spent.named([entry["hash"] for entry in props["keys"]]).state()
    return {**props, SPENT: kept} if kept else dict(props)


def _is_by_program(entry: Entry) -> bool:
    """Return whether the program itself disables the key, with its whole service."""
    return bool(entry["state"] == DISABLED and not entry.get("leaked"))


def _left(entry: Entry, label: str, place: Mapping[str, Any] | None, held: Held) -> str:
    return f"superseded key {str(entry['hash'])[:12]}… ({label}) was left: {where(place, held)}"


class SupersededKeys(Resource, module="openrouter", name="SupersededKeys"):
    """The superseded keys of one service, retired after their overlap and after the secret has the new key."""

    keys: Output[list[dict[str, Any]]]

    @without_source_positions()
    def __init__(  # noqa: PLR0913 - a resource's arguments are its schema
        self,
        resource_name: str,
        *,
        service: Input[str],
        superseded: Input[Sequence[Mapping[str, Any]]],
        current: Input[str] | None = None,
        version: Input[str],
        overlap: Input[str | None] = None,
        emergency_token: Input[str | None] = None,
        disabled: Input[bool] | None = None,
        stored_in: Input[StoredInArgs] | None = None,
        opts: ResourceOptions | None = None,
    ) -> None:
        """Declare the retirement of a service's superseded keys.

        Args:
            resource_name: the resource's logical name.
            service: what the keys belong to; the resource's id.
            superseded: an ApiKey's output of that name.
            current: the hash of the key in use, which is never retired.
            version: the id of what stores the current key's value; retirement waits for it.
            overlap: how long a superseded key stays alive, such as `7d`.
            emergency_token: keys superseded by the rotation with this token are disabled at once.
            disabled: whether the service as a whole is disabled.
            stored_in: the secret that is asked before a key is harmed: its `store` (aws, gcp, vault or kubernetes), its
                `reference` in that store, and `access` where the store is reached by other settings than the
                environment's.
            opts: Pulumi's resource options.
        """
        props = {
            "service": service,
            "superseded": superseded,
            "current": current,
            "version": version,
            "overlap": overlap,
            "emergency_token": emergency_token,
            "disabled": disabled,
            "stored_in": stored_in,
            "keys": None,
        }
        super().__init__(SupersededKeysProvider(), resource_name, props, opts)
