"""An OpenRouter API key as a resource: created, read, changed, rotated and deleted through the management API.

API: https://openrouter.ai/docs/guides/overview/auth/management-api-keys
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import wraps
from inspect import Signature, get_annotations, signature
from typing import Any, Concatenate, ParamSpec, TypeVar

from pulumi import Input, Output, ResourceOptions
from pulumi.dynamic import CheckResult, CreateResult, DiffResult, ReadResult, Resource, UpdateResult

from ..api.errors import OpenRouterError
from ..api.models import KeyRecord
from ..api.scrub import quoted_name
from ..host.registration import begin_registering, without_source_positions
from ..keys.args import ApiKeyArgs, ApiKeyOutputs
from ..keys.fields import Props, changed, is_unknown, on_the_wire, present
from ..keys.inputs import believes_schedule, check_inputs
from ..keys.naming import drawn_now
from ..keys.nested import StoredInArgs
from ..keys.sameness import same_id
from ..keys.state import (
    FIELDS,
    OUTPUTS,
    SCHEDULE,
    STORED_IN,
    given_value,
    gives_value,
    imported,
    inputs_of,
    known_outputs,
    outputs,
    planned,
    refreshed,
    request_for,
    rotates,
)
from ..stores.custody import Held, KeyStillHeld, is_elsewhere, where
from .adoption import adopt, prove_value, undo_creation
from .base import OpenRouterProvider, check_result, not_importable
from .creation_notes import noted
from .declared import drawn_from
from .succession import Succession


class ApiKeyProvider(OpenRouterProvider):
    """The life cycle of one key; every decision it takes is a pure function beside it."""

    def check(self, _olds: Props, news: Props) -> CheckResult:
        """Normalise the inputs and decide what is decided once; one failure for each wrong property.

        Raises:
            ClockDiffers: the state's schedule is impossible by this machine's clock, which is not the API's.
        """
        if not believes_schedule(_olds, self.session.now):
            self.session.check_clock()
        inputs, failures = check_inputs(_olds, on_the_wire(news), self.session.now)
        if not failures:
            failures |= self.settle_place(_olds, inputs, lambda held: self._is_current(held, _olds))
        return check_result(inputs, failures, news)

    def _is_current(self, held: Held, olds: Props) -> bool:
        """Return whether a secret holds the key of these inputs, which name it and don't have its label."""
        workspace_id = olds.get("workspace_id")
        records = [] if held.key is None or is_unknown(workspace_id) else self.session.keys_in(workspace_id)
        return any(held.is_of(record.label) for record in records if record.name == olds.get("name"))

    def diff(self, _id: str, _olds: Props, _news: Props) -> DiffResult:
        """Compare the wish with the last known state of the key; usage is no part of either.

        Nothing replaces the resource: what only a new key can have is a new generation, which supersedes the key.
        """
        differing = [field for field in changed(FIELDS, _olds, _news) if not field.replaces]
        scheduled = any(_olds.get(name) != _news.get(name) for name in SCHEDULE)
        # A state from before the place was recorded is no reason for an update.
        moved = _olds.get(STORED_IN) is not None and is_elsewhere(_olds, _news)
        self._warn_before_enabling(_olds, _news)
        some = bool(differing) or scheduled or moved or gives_value(_olds, _news)
        return DiffResult(some, [], delete_before_replace=False)

    def _warn_before_enabling(self, olds: Props, news: Props) -> None:
        if olds.get("disabled") is True and news.get("disabled") is False:
            self.session.warn(
                f"key {quoted_name(str(olds.get('name')))} is disabled on OpenRouter and is enabled again: where "
                "somebody disabled it on purpose, set `disabled: true` first (docs/operations.md#leaked-key)"
            )

    def planned_create(self, props: Props) -> Props:
        """Return what a preview knows of the new key: all that was wished, nothing that the API decides."""
        return planned(props, superseded=[]) | drawn_now(props)

    def planned_update(self, id_: str, olds: Props, news: Props) -> Props:
        """Return what a preview knows of the key after the update: a new generation is unknown, the same one stays."""
        del id_
        if not rotates(olds, news):
            return known_outputs(news, olds, None) | given_value(olds, news)
        return dict(olds) if self._succession(olds, news).is_left_disabled() else planned(news)

    def create(self, props: Props) -> CreateResult:
        """Create the key with one POST, or take over the one that `adopt_hash` names.

        Raises:
            OutcomeUnknown: the API may have made a key that could not be reconciled; says its name.
            OpenRouterError: nothing was made.
        """
        if props.get("adopt_hash"):
            record = adopt(self.session.client, props)
            key = props["adopt_key"]
        else:
            request = request_for(props)
            with noted(request.name):
                created = self.session.client.create_key(request)
                record, key = self.apply_after_creation(created.record, props), created.key.get_secret_value()
        if props.get("rotation"):
            self.session.tell_wrong_clock()
        self.session.reader.forget(record.hash)
        return CreateResult(record.hash, outputs(props, record, key, []))

    def apply_after_creation(self, record: KeyRecord, props: Mapping[str, Any]) -> KeyRecord:
        """Change what creation cannot give: the disabled state, and a name that others may bear.

        Where that fails the key is deleted again.
        """
        changes = present(
            {
                "disabled": True if props.get("disabled") else None,
                "name": props["name"] if record.name != props["name"] else None,
            }
        )
        if not changes:
            return record
        try:
            return self.session.client.update_key(record.hash, changes)
        except BaseException as error:
            undo_creation(self.session.client, record, error)
            raise

    def read(self, id_: str, props: Props) -> ReadResult:
        """Return what the API says of the managed fields; a key that is gone reads as deleted."""
        workspace_id = props.get("workspace_id")
        known = None if is_unknown(workspace_id) else workspace_id
        record = self.session.reader.read(props.get("hash") or id_, known)
        if record is None:
            return ReadResult("", {})
        outs = refreshed(props, record)
        return ReadResult(id_, outs, inputs_of(outs))

    def imported(self, id_: str) -> ReadResult:
        """Return an existing key as `pulumi import` takes it: without its value, which `adopt_key` gives later.

        Raises:
            ConfigurationError: the account has no such key.
        """
        record = self.session.reader.read(id_)
        if record is None:
            raise not_importable("key", id_)
        outs = imported(record)
        return ReadResult(record.hash, outs, inputs_of(outs))

    def update(self, _id: str, _olds: Props, _news: Props) -> UpdateResult:
        """Rotate where a generation is due, otherwise PATCH the changed fields and nothing else.

        Raises:
            NotFound: the key was deleted behind Pulumi's back; `pulumi up --refresh` makes a new one.
            RotationFailed: the new key did not authenticate; the old one stays current.
            KeyStillHeld: an earlier run's key was found, and the store could not be asked about it.
            ClockDiffers: this machine's clock is not the API's.
        """
        if rotates(_olds, _news):
            return self._rotated(_olds, _news)
        if gives_value(_olds, _news):
            prove_value(self.session.client, _news)
        fields = [field for field in changed(FIELDS, _olds, _news) if not field.replaces]
        changes = {field.name: _news.get(field.name) for field in fields}
        record = self._patched(str(_olds.get("hash") or _id), changes)
        return UpdateResult(known_outputs(_news, _olds, record) | given_value(_olds, _news))

    def _succession(self, olds: Props, news: Props) -> Succession:
        return Succession(self.session, olds, news, self.apply_after_creation)

    def _rotated(self, olds: Props, news: Props) -> UpdateResult:
        self.session.keys_in(news.get("workspace_id"))
        self.session.check_clock()
        succession = self._succession(olds, news)
        if succession.is_left_disabled():
            return UpdateResult({name: value for name, value in olds.items() if name != "__provider"})
        successor = succession.successor()
        self.session.reader.forget(successor.record.hash)
        key, superseded = successor.key.get_secret_value(), succession.superseded(successor)
        return UpdateResult(outputs(news, successor.record, key, superseded))

    def _patched(self, hash_: str, changes: Mapping[str, Any]) -> KeyRecord | None:
        if not changes:
            return None
        self.session.reader.forget(hash_)
        record = self.session.client.update_key(hash_, changes)
        if "workspace_id" in changes and not same_id(record.workspace_id, changes["workspace_id"]):
            # Older deployments of the API ignore the field; a state that says otherwise would hide it.
            raise OpenRouterError(
                f"key {quoted_name(record.name)} stayed in its workspace: the API does not move keys; "
                "restore workspaceId, or remove the service, deploy, and add it again"
            )
        return record

    def delete(self, _id: str, _props: Props) -> None:
        """Delete the superseded keys, then the current one; what is gone already counts as deleted.

        In this order, since a refresh forgets the whole resource once its current key is gone. The service's secret
        goes first; where it is still there and holds one of the keys, none is deleted.

        Raises:
            KeyStillHeld: the secret holds one of the keys, or can't be read.
        """
        current = {"hash": _props.get("hash") or _id, "label": _props.get("label")}
        entries = [*(_props.get("superseded") or []), current]
        self._prove_free(entries, _props)
        for entry in entries:
            self.delete_key(str(entry["hash"]))

    def _prove_free(self, entries: Sequence[Props], props: Props) -> None:
        place = self.proved_place(props)
        held = self.session.ask(place)
        for entry in () if held.is_nothing else entries:
            label = self.label_of(entry)
            if label is not None and held.may_be(label):
                raise KeyStillHeld(f"key {str(entry['hash'])[:12]}… ({label}) was not deleted: {where(place, held)}")


Given = ParamSpec("Given")
Own = TypeVar("Own")


@dataclass(frozen=True, kw_only=True)
class _Declared(ApiKeyArgs):
    """What an ApiKey is declared with, behind its logical name: what the key is, as a whole or by keywords."""

    args: ApiKeyArgs | None = field(default=None, kw_only=False)
    stored_in: Input[StoredInArgs | None] = None
    opts: ResourceOptions | None = None

    def props(self, resource_name: str) -> dict[str, Any]:
        """Return the resource's inputs."""
        given = {**(self.args.given() if self.args else {}), **self.given()}
        named = {} if "name" in given else {"name_prefix": given.get("name_prefix") or drawn_from(resource_name)}
        hidden = {"adopt_key": Output.secret(given["adopt_key"])} if "adopt_key" in given else {}
        return present({**given, "name_prefix": None, **named, **hidden, STORED_IN: self.stored_in})


def _taking(
    declared: Callable[Given, _Declared],
) -> Callable[[Callable[[Own, str, _Declared], None]], Callable[Concatenate[Own, str, Given], None]]:
    """Return what gives a constructor the parameters of `declared`, so that their list stands there alone."""

    def decorate(declare: Callable[[Own, str, _Declared], None]) -> Callable[Concatenate[Own, str, Given], None]:
        def construct(self: Own, resource_name: str, *args: Given.args, **kwargs: Given.kwargs) -> None:
            declare(self, resource_name, declared(*args, **kwargs))

        own = list(signature(declare).parameters.values())[:2]
        shown: Any = wraps(declare)(construct)
        shown.__signature__ = Signature([*own, *signature(declared).parameters.values()])
        constructor: Callable[Concatenate[Own, str, Given], None] = shown
        return constructor

    return decorate


class ApiKey(Resource, ApiKeyOutputs, module="openrouter", name="ApiKey"):
    """An OpenRouter API key with a credit limit; its id is the hash of its first generation.

    The value is the secret output `key`. With `rotation` a later `up` replaces the key in place: `hash` and `key`
    move on, the superseded keys stay alive until a SupersededKeys resource retires them.
    """

    @without_source_positions()
    @_taking(_Declared)
    def __init__(self, resource_name: str, wish: _Declared) -> None:
        """Declare a key: `ApiKey("batch", limit=5)`, or `ApiKey("batch", ApiKeyArgs(limit=5))`.

        Args:
            resource_name: the resource's logical name.
            wish: what the key is, as ApiKeyArgs or by ApiKeyArgs' names, which win. Besides, `stored_in` is the secret
                that is asked before a key is harmed: its `store` (aws, gcp, vault or kubernetes), its `reference` in
                that store, and `access` where the store is reached by other settings than the environment's. Without it
                nobody is asked: the program must not let a key go that is in use. `opts` are Pulumi's resource options.
        """
        secret = ResourceOptions(additional_secret_outputs=["key", "adopt_key"])
        super().__init__(
            ApiKeyProvider(),
            resource_name,
            dict.fromkeys(OUTPUTS) | wish.props(resource_name),
            ResourceOptions.merge(wish.opts, secret),
        )
        begin_registering()

    @classmethod
    def get(cls, resource_name: str, hash_: Input[str], opts: ResourceOptions | None = None) -> "ApiKey":
        """Return an existing key, read and not owned: Pulumi never changes or deletes it. Its value is not known.

        Args:
            resource_name: the resource's logical name in this program.
            hash_: the key's hash, as `openrouter-keys list` prints it.
            opts: Pulumi's resource options.
        """
        return cls(resource_name, opts=ResourceOptions.merge(opts, ResourceOptions(id=hash_)))


ApiKey.__annotations__ = get_annotations(ApiKeyOutputs)
"""Pulumi reads the types of the outputs, a whole number from 2.0 say, from the class's own annotations alone."""
