"""An OpenRouter API key as a resource: created, read, changed, rotated and deleted through the management API.

API: https://openrouter.ai/docs/guides/overview/auth/management-api-keys
"""

from collections.abc import Mapping
from typing import Any

import pulumi
from pulumi import Input, Output, ResourceOptions
from pulumi.dynamic import CheckResult, CreateResult, DiffResult, ReadResult, Resource, UpdateResult

from ..api.errors import NotFound, OpenRouterError
from ..api.models import KeyRecord
from ..api.scrub import quoted_name
from .adoption import adopt
from .api_key_inputs import check_inputs
from .api_key_state import FIELDS, SCHEDULE, inputs_of, known_outputs, outputs, refreshed, request_for
from .base import OpenRouterProvider, adopts_another, check_result
from .fields import Props, changed, is_unknown, on_the_wire
from .naming import namesakes
from .registration import begin_registering, without_source_positions
from .rotation import rotate, superseded_after, undo_creation
from .sameness import same_id


class ApiKeyProvider(OpenRouterProvider):
    """The life cycle of one key; every decision it takes is a pure function beside it."""

    def check(self, _olds: Props, news: Props) -> CheckResult:
        """Normalise the inputs and decide what is decided once; one failure for each wrong property."""
        inputs, failures = check_inputs(_olds, on_the_wire(news), self.session.now)
        return check_result(inputs, failures)

    def diff(self, _id: str, _olds: Props, _news: Props) -> DiffResult:
        """Compare the wish with the last known state of the key; usage is no part of either."""
        differing = changed(FIELDS, _olds, _news)
        replaces = [field.name for field in differing if field.replaces]
        if adopts_another(_news.get("adopt_hash"), (_id, _olds.get("hash"), _olds.get("adopt_hash"))):
            replaces.append("adopt_hash")
        scheduled = any(_olds.get(name) != _news.get(name) for name in SCHEDULE)
        return DiffResult(bool(differing or replaces or scheduled), replaces, delete_before_replace=False)

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
            client = self.session.client
            known = namesakes(props, lambda: client.list_keys(workspace_id=props.get("workspace_id")))
            created = client.create_key(request_for(props), known_hashes=[record.hash for record in known])
            record, key = self.apply_after_creation(created.record, props), created.key.get_secret_value()
        self.session.reader.forget(record.hash)
        return CreateResult(record.hash, outputs(props, record, key, []))

    def apply_after_creation(self, record: KeyRecord, props: Mapping[str, Any]) -> KeyRecord:
        """Disable a key that is wanted disabled: creation cannot. Where that fails the key is deleted again."""
        if not props.get("disabled"):
            return record
        try:
            return self.session.client.update_key(record.hash, {"disabled": True})
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

    def update(self, _id: str, _olds: Props, _news: Props) -> UpdateResult:
        """Rotate where a generation is due, otherwise PATCH the changed fields and nothing else.

        Raises:
            NotFound: the key was deleted behind Pulumi's back; `pulumi up --refresh` makes a new one.
            RotationFailed: the new key did not authenticate; the old one stays current.
        """
        if _olds.get("generation") != _news.get("generation"):
            return self._rotated(_olds, _news)
        changes = {field.name: _news.get(field.name) for field in changed(FIELDS, _olds, _news)}
        record = self._patched(str(_olds.get("hash") or _id), changes)
        return UpdateResult(known_outputs(_news, _olds, record))

    def _rotated(self, olds: Props, news: Props) -> UpdateResult:
        created = rotate(self.session.client, request_for(news), olds)
        record = self.apply_after_creation(created.record, news)
        self.session.reader.forget(record.hash)
        superseded = superseded_after(self.session.client, olds, news)
        return UpdateResult(outputs(news, record, created.key.get_secret_value(), superseded))

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

        In this order, since a refresh forgets the whole resource once its current key is gone.
        """
        superseded = [entry["hash"] for entry in _props.get("superseded") or []]
        for hash_ in (*superseded, _props.get("hash") or _id):
            self._delete(hash_)

    def _delete(self, hash_: str) -> None:
        self.session.reader.forget(hash_)
        try:
            self.session.client.delete_key(hash_)
        except NotFound:
            return  # Deleted already, which is what was wanted.


class ApiKey(Resource, module="openrouter", name="ApiKey"):
    """An OpenRouter API key with a credit limit; its id is the hash of its first generation.

    The value is the secret output `key`. With `rotation` a later `up` replaces the key in place: `hash` and `key`
    move on, the superseded keys stay alive until a SupersededKeys resource retires them.
    """

    name: Output[str]
    limit: Output[float | None]
    limit_reset: Output[str | None]
    include_byok_in_limit: Output[bool]
    disabled: Output[bool]
    expires_at: Output[str | None]
    workspace_id: Output[str | None]
    creator_user_id: Output[str | None]
    generation: Output[int]
    rotated_at: Output[str]
    next_rotation_at: Output[str | None]
    hash: Output[str]
    label: Output[str]
    created_at: Output[str]
    key: Output[str]
    superseded: Output[list[dict[str, Any]]]

    @without_source_positions()
    def __init__(  # noqa: PLR0913 - a resource's arguments are its schema
        self,
        resource_name: str,
        *,
        name: Input[str] | None = None,
        name_prefix: Input[str] | None = None,
        limit: Input[float] | None = None,
        unlimited: Input[bool] | None = None,
        limit_reset: Input[str] | None = None,
        include_byok_in_limit: Input[bool] | None = None,
        disabled: Input[bool] | None = None,
        expires_at: Input[str] | None = None,
        workspace_id: Input[str] | None = None,
        creator_user_id: Input[str] | None = None,
        rotation: Input[Mapping[str, Any]] | None = None,
        rotate_now: Input[str] | None = None,
        emergency: Input[bool] | None = None,
        adopt_hash: Input[str] | None = None,
        adopt_key: Input[str] | None = None,
        opts: ResourceOptions | None = None,
    ) -> None:
        """Declare a key.

        Args:
            resource_name: the resource's logical name.
            name: the key's name on OpenRouter; drawn from `name_prefix` where it is left out.
            name_prefix: the name without its random suffix; default `<project>/<stack>/<resource name>`.
            limit: the credit limit in USD; exactly one of `limit` and `unlimited`.
            unlimited: True for a key without a credit limit.
            limit_reset: `daily`, `weekly` or `monthly`, at midnight UTC; left out, the limit never resets.
            include_byok_in_limit: whether usage through your own provider keys counts.
            disabled: whether the key is refused.
            expires_at: ISO 8601 UTC with seconds; a change replaces the key.
            workspace_id: the workspace that holds the key; left out, the account's default one.
            creator_user_id: the member who owns it, for organisations; a change replaces the key.
            rotation: `{"every": "90d", "overlap": "7d", "stagger": True}`; left out, the key stays.
            rotate_now: any token; changing it rotates in the next `up`.
            emergency: with `rotate_now`: superseded keys are disabled as soon as the new one is stored.
            adopt_hash: the hash of an existing key to take over instead of creating one.
            adopt_key: that key's value, as a secret.
            opts: Pulumi's resource options.
        """
        drawn_from = f"{pulumi.get_project()}/{pulumi.get_stack()}/{resource_name}"
        props: dict[str, Any] = {
            "name": name,
            "name_prefix": None if name is not None else (name_prefix or drawn_from),
            "limit": limit,
            "unlimited": unlimited,
            "limit_reset": limit_reset,
            "include_byok_in_limit": include_byok_in_limit,
            "disabled": disabled,
            "expires_at": expires_at,
            "workspace_id": workspace_id,
            "creator_user_id": creator_user_id,
            "rotation": rotation,
            "rotate_now": rotate_now,
            "emergency": emergency,
            "adopt_hash": adopt_hash,
            "adopt_key": None if adopt_key is None else Output.secret(adopt_key),
        }
        wished = {name: value for name, value in props.items() if value is not None}
        secret = ResourceOptions(additional_secret_outputs=["key", "adopt_key"])
        super().__init__(
            ApiKeyProvider(),
            resource_name,
            dict.fromkeys(ApiKey.__annotations__) | wished,
            ResourceOptions.merge(opts, secret),
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
