"""ServiceKey: one service's key, and the secret where the service reads it."""

from collections.abc import Mapping
from typing import Any

import pulumi
from pulumi import Input, Output, ResourceOptions

from ..host.registration import without_source_positions
from ..resources.api_key import ApiKey
from ..resources.declared import counted
from ..resources.guardrail_assignment import GuardrailAssignment
from ..resources.superseded_keys import SupersededKeys
from ..resources.widening import rights, warn_of_wider_rights
from ..stores.catalog import STORES
from ..stores.declaration import StoredSecret, load_store
from ..stores.payload import secret_value
from ..stores.refusals import refuse_contradictions
from .args import ServiceKeyArgs

__all__ = ["ServiceKey", "ServiceKeyArgs"]


class ServiceKey(pulumi.ComponentResource):
    """One service's key in its secret store: ApiKey, the store's own resources, and SupersededKeys.

    The order is what keeps the secret's value alive: the new key, its guardrail, the secret's new version, and only
    then the retirement of superseded keys. A removed service loses its secret first, then its key.

    Attributes:
        api_key: the key on OpenRouter.
        guardrail: what binds the key and its superseded ones to a guardrail; None where the wish names none.
        stored: the secret as its store declared it.
        superseded: what retires the keys before this one.
        secret: the store's resource for the secret, of that store's own type.
        version: the store's resource for its value.
        policy: the store's resource for its readers, None where there is none.
    """

    api_key: ApiKey
    guardrail: GuardrailAssignment | None
    stored: StoredSecret
    superseded: SupersededKeys
    secret: Any
    version: Any
    policy: Any

    @without_source_positions()
    def __init__(self, name: str, args: ServiceKeyArgs, opts: ResourceOptions | None = None) -> None:
        """Declare the service's key and secret under the logical name of the service.

        Raises:
            ConfigurationError: the wish contradicts its store, or the store's extra is not installed.
        """
        refuse_contradictions(args)
        declare = load_store(args.store)
        hooked = ResourceOptions.merge(ResourceOptions(hooks=warn_of_wider_rights()), opts)
        super().__init__("openrouter-keys:index:ServiceKey", name, _rights(args), hooked)
        self._child = ResourceOptions(parent=self)
        self.api_key = self._declare_key(name, args)
        self.guardrail = self._declare_guardrail(name, args.guardrail_id)
        self.stored = declare(name, args, self._value(args), self.api_key, self._child)
        self.secret, self.version, self.policy = self.stored.secret, self.stored.value, self.stored.readers
        self.superseded = self._declare_superseded(name, args)
        self._optional = _optional(args, self.api_key)
        # The summary is the stack's output already, and would be written twice with every checkpoint.
        self.register_outputs({})

    def _declare_key(self, name: str, args: ServiceKeyArgs) -> ApiKey:
        return ApiKey(
            name,
            name_prefix=args.key_name_prefix,
            limit=args.limit,
            unlimited=args.unlimited,
            limit_reset=args.limit_reset,
            include_byok_in_limit=args.include_byok_in_limit,
            disabled=args.disabled,
            expires_at=args.expires_at,
            workspace_id=args.workspace_id,
            creator_user_id=args.creator_user_id,
            rotation=args.rotation,
            rotate_now=args.rotate_now,
            emergency=args.emergency,
            adopt_hash=args.adopt_hash,
            adopt_key=args.adopt_key,
            stored_in=self._stored_in(args),
            opts=ResourceOptions.merge(self._child, ResourceOptions(hooks=counted())),
        )

    @property
    def key_hashes(self) -> Output[list[str]]:
        """The hashes of the current key and of those superseded ones that are not retired yet."""
        both = Output.all(self.api_key.hash, self.api_key.superseded)
        return both.apply(lambda found: [found[0], *(entry["hash"] for entry in found[1] or [])])

    def _declare_guardrail(self, name: str, id_: Input[str] | None) -> GuardrailAssignment | None:
        if id_ is None:
            return None
        return GuardrailAssignment(name, guardrail_id=id_, key_hashes=self.key_hashes, opts=self._child)

    def _value(self, args: ServiceKeyArgs) -> Output[str]:
        """Return the secret's text; it is known, and so stored, only after the guardrail binds the key."""

        def text(key: str) -> str:
            return secret_value(key, args.format, args.base_url, args.app_url, args.app_title)

        if self.guardrail is None:
            return self.api_key.key.apply(text)
        return Output.all(self.api_key.key, self.guardrail.id).apply(lambda known: text(known[0]))

    def _stored_in(self, args: ServiceKeyArgs) -> dict[str, Any] | None:
        """Return where the key will be found before its secret exists: by its name in the store."""
        own = args.store_settings.model_dump(by_alias=True) if args.store_settings else {}
        reference = STORES[args.store].reference(args.secret_name, own, config_value)
        return self._place(args, reference) if reference else None

    def _place(self, args: ServiceKeyArgs, reference: Input[str]) -> dict[str, Any]:
        access = STORES[args.store].access(self)
        own = {} if access is None else {"access": access}
        return {"store": args.store, "reference": reference, **own}

    def _declare_superseded(self, name: str, args: ServiceKeyArgs) -> SupersededKeys:
        return SupersededKeys(
            name,
            service=args.secret_name,
            superseded=self.api_key.superseded.apply(lambda entries: entries or []),
            current=self.api_key.hash,
            version=self.stored.version,
            overlap=args.overlap,
            emergency_token=args.rotate_now if args.emergency else None,
            disabled=args.disabled,
            stored_in=self._place(args, self.stored.reference),
            opts=ResourceOptions.merge(self._child, ResourceOptions(hooks=counted())),
        )

    def summary(self) -> Output[dict[str, Any]]:
        """Return what the stack exports of this service: identifiers and limits, never a value."""
        key = self.api_key
        return Output.all(
            keyHash=key.hash,
            keyName=key.name,
            keyLabel=key.label,
            disabled=key.disabled,
            generation=key.generation,
            rotatedAt=key.rotated_at,
            **self._optional,
            **self.stored.exports(),
        )


def config_value(key: str) -> str | None:
    """Return a setting of the stack's config by its full key; None where it is not set."""
    namespace, _, name = key.partition(":")
    return pulumi.Config(namespace).get(name)


def _optional(args: ServiceKeyArgs, key: ApiKey) -> dict[str, Output[Any] | None]:
    """Return what a key may be without.

    That it is without one is told by the wish: in a preview, nothing that comes from a resource counts as unknown, and
    the stack's output would seem to change each time.
    """
    of_key = {
        "limit": (args.limit, key.limit),
        "limitReset": (args.limit_reset, key.limit_reset),
        "expiresAt": (args.expires_at, key.expires_at),
        "nextRotationAt": (args.rotation, key.next_rotation_at),
    }
    return {name: None if wish is None else output for name, (wish, output) in of_key.items()}


def _rights(args: ServiceKeyArgs) -> Mapping[str, Any]:
    """Return what the key may do, as the component's inputs, so that the engine can tell when it may do more."""
    return rights(
        limit=args.limit,
        unlimited=args.unlimited,
        limitReset=args.limit_reset,
        includeByokInLimit=args.include_byok_in_limit,
        disabled=args.disabled,
        expiresAt=args.expires_at,
        readers=list(args.readers),
        guardrail=args.guardrail_id is not None,
    )
