"""The keys a service no longer uses: bounded and kept through their overlap, then deleted.

A resource of its own because of what it depends on: it comes after the secret's new version, so that no key which
the secret may still hold is ever touched, through any number of failed runs (docs/adr/0002).
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from pulumi import Input, Output, ResourceOptions
from pulumi.dynamic import CheckResult, CreateResult, DiffResult, ReadResult, Resource, UpdateResult

from ..api.errors import NotFound
from ..api.models import KeyRecord
from ..schedule import DEFAULT_OVERLAP, format_instant, parse_duration, parse_instant
from .base import OpenRouterProvider
from .fields import Props, is_unknown, on_the_wire, present
from .overlap import bounded_limit
from .registration import without_source_positions

BOUND, DISABLED, DELETED = "bound", "disabled", "deleted"


def plan_keys(olds: Mapping[str, Any], news: Mapping[str, Any], now: datetime) -> list[Props]:
    """Return what shall be of each superseded key after this run: `bound`, `disabled` or `deleted`.

    A key's overlap begins at the first run that sees it here, since only then the secret has its successor; its
    end is decided once. A key stays in the plan until it was deleted and its ApiKey has forgotten it too. The key
    that is current is never in it: an adopted one may come back after the key that superseded it was lost.
    """
    known = {entry["hash"]: entry for entry in olds.get("keys") or []}
    listed = news.get("superseded")
    listed = list(known.values()) if listed is None or is_unknown(listed) else listed
    retires_at = format_instant(now + parse_duration(str(news.get("overlap") or DEFAULT_OVERLAP)))
    entries = {entry["hash"]: {"retires_at": retires_at, **known.get(entry["hash"], {}), **entry} for entry in listed}
    entries |= {hash_: entry for hash_, entry in known.items() if hash_ not in entries and _alive(entry)}
    return [_planned(entry, news, now) for hash_, entry in entries.items() if hash_ != news.get("current")]


def _planned(entry: Mapping[str, Any], news: Mapping[str, Any], now: datetime) -> Props:
    planned = {name: entry.get(name) for name in ("hash", "limit", "limit_reset", "retires_at", "token")}
    leaked = True if _leaked(entry, news) else None
    return present({**planned, "leaked": leaked, "state": _state(entry, news, now)})


def _state(entry: Mapping[str, Any], news: Mapping[str, Any], now: datetime) -> str:
    if entry.get("state") == DELETED or now >= parse_instant(entry["retires_at"]):
        return DELETED
    return DISABLED if _leaked(entry, news) or news.get("disabled") is True else BOUND


def _leaked(entry: Mapping[str, Any], news: Mapping[str, Any]) -> bool:
    """Return whether an emergency reached the key; taking it out of the config again does not bring the key back."""
    named = bool(entry.get("token")) and entry.get("token") == news.get("emergency_token")
    return named or bool(entry.get("leaked"))


def _alive(entry: Mapping[str, Any]) -> bool:
    return entry.get("state") != DELETED


class SupersededKeysProvider(OpenRouterProvider):
    """Brings every superseded key to the state that the plan in its inputs names."""

    def check(self, _olds: Props, news: Props) -> CheckResult:
        """Decide by the run's clock which keys are bounded, disabled or deleted; inputs are the component's own."""
        inputs = on_the_wire(news)
        return CheckResult({**inputs, "keys": plan_keys(_olds, inputs, self.session.now)}, [])

    def diff(self, _id: str, _olds: Props, _news: Props) -> DiffResult:
        """Compare the plans; a new version of the secret is no reason to act, nor is a deleted key that left them."""
        before = {entry["hash"]: entry for entry in _olds.get("keys") or []}
        return DiffResult(any(before.get(entry["hash"]) != entry for entry in _news["keys"]))

    def create(self, props: Props) -> CreateResult:
        """Apply the plan; for a new service it is empty and costs no call."""
        self._apply([], props)
        return CreateResult(str(props["service"]), dict(props))

    def read(self, id_: str, props: Props) -> ReadResult:
        """Report a disabled key that somebody enabled again; bounds are set once and not watched."""
        keys = [self._actual(entry) for entry in props.get("keys") or []]
        outs = {**props, "keys": keys}
        inputs = {name: value for name, value in outs.items() if name != "__provider"}
        return ReadResult(id_, outs, inputs)

    def _actual(self, entry: Props) -> Props:
        if not _alive(entry):
            return entry
        record = self.session.reader.read(entry["hash"])
        undone = record is not None and entry.get("state") == DISABLED and not record.disabled
        return {**entry, "state": BOUND} if undone else entry

    def update(self, _id: str, _olds: Props, _news: Props) -> UpdateResult:
        """Apply what the plan changes.

        Raises:
            OpenRouterError: a key could not be brought to its state; the next run tries again.
        """
        self._apply(_olds.get("keys") or [], _news)
        return UpdateResult(dict(_news))

    def delete(self, _id: str, _props: Props) -> None:
        """Delete the keys that no ApiKey knows any more; the others go with theirs, after the secret."""
        listed = {entry["hash"] for entry in _props.get("superseded") or []}
        for entry in _props.get("keys") or []:
            if _alive(entry) and entry["hash"] not in listed:
                self._bring(entry, DELETED)

    def _apply(self, before: Sequence[Mapping[str, Any]], props: Mapping[str, Any]) -> None:
        done = {entry["hash"]: entry.get("state") for entry in before}
        for entry in props["keys"]:
            if done.get(entry["hash"]) != entry["state"]:
                self._bring(entry, entry["state"], props)

    def _bring(self, entry: Mapping[str, Any], state: str, props: Mapping[str, Any] | None = None) -> None:
        hash_ = str(entry["hash"])
        self.session.reader.forget(hash_)
        try:
            if state == DELETED:
                self.session.client.delete_key(hash_)
            elif state == DISABLED:
                self.session.client.update_key(hash_, {"disabled": True})
            else:
                self._bound(self.session.client.get_key(hash_), entry, props or {})
        except NotFound:
            return  # Deleted behind our back: there is nothing left to bound.

    def _bound(self, record: KeyRecord, entry: Mapping[str, Any], props: Mapping[str, Any]) -> None:
        changes = bounded_limit(record, parse_duration(str(props.get("overlap") or DEFAULT_OVERLAP)), entry)
        if record.disabled:
            changes["disabled"] = False
        if changes:
            self.session.client.update_key(record.hash, changes)


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
        overlap: Input[str] | None = None,
        emergency_token: Input[str] | None = None,
        disabled: Input[bool] | None = None,
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
            "keys": None,
        }
        super().__init__(SupersededKeysProvider(), resource_name, props, opts)
