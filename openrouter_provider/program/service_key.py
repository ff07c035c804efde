"""ServiceKey: one service's key, and the secret where the service reads it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, TypeVar

import pulumi
from pulumi import CustomResource, Input, Output, ResourceOptions

from ..host.registration import without_source_positions
from ..keys.args import ApiKeyArgs
from ..keys.known import known_then
from ..keys.nested import StoredInArgs
from ..keys.tokens import SERVICE_KEY
from ..resources.api_key import ApiKey
from ..resources.declared import counted
from ..resources.guardrail_assignment import GuardrailAssignment
from ..resources.superseded_keys import SupersededKeys
from ..resources.widening import rights, warn_of_wider_rights
from ..stores.catalog import STORES
from ..stores.declaration import REPLACEABLE, StoredSecret, load_store
from ..stores.external.loading import load_external
from ..stores.external.place import EXTERNAL_SECRET_TYPE
from ..stores.payload import secret_value
from ..stores.refusals import SecretArgsRefused, refuse_settings_of_copies, refuse_stack_settings
from ..stores.secret_args import SecretArgs
from .args import ServiceKeyArgs

__all__ = ["ServiceKey", "ServiceKeyArgs"]

Own = TypeVar("Own", bound=CustomResource)


class ServiceKey(pulumi.ComponentResource):
    """One service's key in its secret store: ApiKey, the store's own resources, and SupersededKeys.

    The order is what keeps the secret's value alive: the new key, its guardrail, the secret's new version, and only
    then the retirement of superseded keys. A removed service loses its secret first, then its key.

    Attributes:
        api_key: the key on OpenRouter.
        guardrail: what binds the key and its superseded ones to a guardrail; None where the arguments name none.
        own_guardrail: what allows its models alone; None where the arguments name neither models nor a price.
        stored: the secret as its store declared it.
        superseded: what retires the keys before this one.
        secret: the store's resource for the secret; `store_resource` has it as that store's own type.
        version: the store's resource for its value.
        policy: the store's resource for its readers, None where there is none.
        external_secret: what copies the secret into a cluster; None where the arguments name none.
    """

    api_key: ApiKey
    guardrail: GuardrailAssignment | None
    own_guardrail: CustomResource | None
    stored: StoredSecret
    superseded: SupersededKeys
    secret: CustomResource
    version: CustomResource
    policy: CustomResource | None
    external_secret: CustomResource | None

    @without_source_positions()
    def __init__(self, name: str, args: ServiceKeyArgs, opts: ResourceOptions | None = None) -> None:
        """Declare the service's key and secret under the logical name of the service.

        Raises:
            SecretArgsRefused: the arguments, or the stack's config, contradict the store; where one is known later
                only, the deployment fails.
            ConfigurationError: the store's extra is not installed.
        """
        args.refuse_contradictions()
        args = replace(args, secret=replace(args.secret, overlap=args.key.overlap)).settled()
        refuse_stack_settings(args.secret.store, config_value)
        declare, declare_copy = load_store(args.secret.store), load_external(args.secret)
        ours = ResourceOptions(hooks=warn_of_wider_rights(), protect=args.protect or None)
        hooked = ResourceOptions.merge(ours, opts)
        super().__init__(SERVICE_KEY, name, _rights(args), hooked)
        self._child = ResourceOptions(parent=self)
        if declare_copy and self.get_provider(EXTERNAL_SECRET_TYPE) is None:
            refuse_settings_of_copies(config_value)
        self.api_key = ApiKey(name, args.key, stored_in=self._stored_in(args.secret), opts=self._counted())
        self.own_guardrail = self._declare_own_guardrail(name, args)
        bound_by = self.own_guardrail.id if self.own_guardrail else args.guardrail_id
        self.guardrail = self._declare_guardrail(name, bound_by)
        self.stored = declare(name, args.secret, self._value(args.secret), self.api_key, self._child)
        self.secret, self.version, self.policy = self.stored.secret, self.stored.value, self.stored.readers
        self.external_secret = declare_copy(name, args.secret, self.stored, self._child) if declare_copy else None
        self.superseded = self._declare_superseded(name, args)
        self._optional = {**_optional(args.key, self.api_key), **({"protect": True} if args.protect else {})}
        # The summary is the stack's output already, and would be written twice with every checkpoint.
        self.register_outputs({})

    def _counted(self) -> ResourceOptions:
        return ResourceOptions.merge(self._child, ResourceOptions(hooks=counted()))

    def store_resource(self, kind: type[Own]) -> Own:
        """Return the store's resource of this class: `service.store_resource(aws.secretsmanager.Secret).arn`.

        Args:
            kind: the class of the secret, its value, its readers or its copy, as the store's Pulumi package has it.

        Raises:
            TypeError: the service's store has no such resource; says which it has.
        """
        own = [each for each in (self.secret, self.version, self.policy, self.external_secret) if each is not None]
        for each in own:
            if isinstance(each, kind):
                return each
        classes = ", ".join(dict.fromkeys(type(each).__name__ for each in own))
        raise TypeError(f"{self._name}: its store {self.stored.store} has no {kind.__name__} for it, only {classes}")

    @property
    def key_hashes(self) -> Output[list[str]]:
        """The hashes of the current key and of those superseded ones that are not retired yet."""
        both = Output.all(self.api_key.hash, self.api_key.superseded)
        return both.apply(lambda found: [found[0], *(entry["hash"] for entry in found[1] or [])])

    def _declare_own_guardrail(self, name: str, args: ServiceKeyArgs) -> CustomResource | None:
        """Declare what allows the key its models: in the key's workspace, and under a name drawn as the key's is."""
        if not args.own_guardrail:
            return None
        # It brings the HTTP client along, which no program of keys alone needs.
        from ..resources.guardrail import Guardrail  # noqa: PLC0415 - see above

        return Guardrail(
            name,
            name_prefix=args.key.name_prefix,
            description=f"What the key of {self._name} may call",
            workspace_id=args.key.workspace_id,
            models=args.models,
            max_price=args.max_price,
            opts=self._child,
        )

    def _declare_guardrail(self, name: str, id_: Input[str] | None) -> GuardrailAssignment | None:
        if id_ is None:
            return None
        opts = ResourceOptions.merge(self._child, REPLACEABLE)
        return GuardrailAssignment(name, guardrail_id=id_, key_hashes=self.key_hashes, opts=opts)

    def _value(self, wish: SecretArgs) -> Output[str]:
        """Return the secret's text; it is known, and so stored, only after the guardrail binds the key."""
        parts: Output[Any] = Output.all(self.api_key.key, wish.format, wish.base_url, wish.app_url, wish.app_title)
        bound = self.guardrail.id if self.guardrail else None

        def text(known: list[Any]) -> str:
            if known[0][0] is None:
                # An import: the secret would be written without a key, and the service would be down.
                raise SecretArgsRefused(
                    f"{self._name}: the value of its key is not known to Pulumi, which took the key over by an import: "
                    "give it (adopt: {hash, key}), or let a new key be made by a rotateNow (docs/host.md#importing)"
                )
            return secret_value(*known[0])

        return Output.all(parts, bound).apply(text)

    def _stored_in(self, wish: SecretArgs) -> Input[StoredInArgs | None]:
        """Return where the key will be found before its secret exists: by its name in the store."""
        own = wish.store_settings.model_dump(by_alias=True) if wish.store_settings else {}

        def place(name: str) -> StoredInArgs | None:
            reference = STORES[wish.store].reference(name, own, config_value)
            return self._place(wish, reference) if reference else None

        return known_then(wish.secret_name, place)

    def _place(self, wish: SecretArgs, reference: Input[str]) -> StoredInArgs:
        place: StoredInArgs = {"store": wish.store, "reference": reference}
        access = STORES[wish.store].access(self)
        return place if access is None else {**place, "access": access}

    def _declare_superseded(self, name: str, args: ServiceKeyArgs) -> SupersededKeys:
        key, wish = args.key, args.secret
        return SupersededKeys(
            name,
            service=wish.secret_name,
            superseded=self.api_key.superseded.apply(lambda entries: entries or []),
            current=self.api_key.hash,
            version=self.stored.version,
            overlap=key.overlap,
            emergency_token=key.emergency_token,
            disabled=key.disabled,
            stored_in=self._place(wish, self.stored.reference),
            opts=self._counted(),
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


def _optional(wish: ApiKeyArgs, key: ApiKey) -> dict[str, Output[Any] | None]:
    """Return what a key may be without.

    That it is without one is told by the wish: in a preview, nothing that comes from a resource counts as unknown, and
    the stack's output would seem to change each time.
    """
    of_key = {
        "limit": (wish.limit, key.limit),
        "limitReset": (wish.limit_reset, key.limit_reset),
        "expiresAt": (wish.expires_at, key.expires_at),
        "nextRotationAt": (wish.rotation, key.next_rotation_at),
    }
    return {name: None if wished is None else output for name, (wished, output) in of_key.items()}


def _rights(args: ServiceKeyArgs) -> Mapping[str, Any]:
    """Return what the key may do, as the component's inputs, so that the engine can tell when it may do more."""
    key = args.key
    return rights(
        limit=key.limit,
        unlimited=key.unlimited,
        limitReset=key.limit_reset,
        includeByokInLimit=key.include_byok_in_limit,
        disabled=key.disabled,
        expiresAt=key.expires_at,
        readers=known_then(args.secret.readers, list),
        guardrail=args.guardrail_id is not None or args.own_guardrail,
        ownGuardrail=args.own_guardrail,
    )
