"""ServiceKey: one service's key, and the secret where the service reads it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pulumi
from pulumi import Output, ResourceOptions
from pulumi_aws import secretsmanager

from .api.client import DEFAULT_BASE_URL
from .payload import SecretFormat, secret_value
from .resources.api_key import ApiKey
from .resources.superseded_keys import SupersededKeys
from .rights import rights, warn_of_wider_rights
from .secret_preflight import look_before_creating
from .settings import MANAGED_BY_TAG

READER_ACTIONS = ("secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret")


@dataclass(frozen=True, kw_only=True)
class ServiceKeyArgs:
    """What one service wishes: the key's limits, its rotation, and its secret.

    Attributes:
        secret_name: the secret's name in AWS Secrets Manager.
        key_name_prefix: the key's name on OpenRouter without its random suffix.
        limit: the credit limit in USD; exactly one of `limit` and `unlimited`.
        unlimited: True for a key without a credit limit.
        limit_reset: daily, weekly, monthly or None.
        include_byok_in_limit: whether usage through your own provider keys counts.
        disabled: whether the key is refused.
        expires_at: ISO 8601 UTC with seconds.
        workspace_id: the workspace that holds the key.
        creator_user_id: the member who owns it.
        rotation: {"every": "90d", "overlap": "7d", "stagger": True}, or None.
        rotate_now: any token; changing it rotates.
        emergency: superseded keys of that rotation are disabled at once.
        adopt_hash: an existing key to take over.
        adopt_key: its value.
        base_url: the API's base URL that the service shall use.
        app_url: sent by the service as HTTP-Referer.
        app_title: sent by the service as X-Title.
        format: json or plain.
        readers: ARNs of the principals that may read the secret.
        kms_key_id: the KMS key that encrypts it; None for AWS's own.
        recovery_window_in_days: 0, or 7 to 30; None for AWS's 30.
        environment: the value of the Environment tag.
        service: the value of the Service tag.
        tags: the user's own tags, which win.
    """

    secret_name: str
    key_name_prefix: str
    limit: float | None = None
    unlimited: bool | None = None
    limit_reset: str | None = None
    include_byok_in_limit: bool | None = None
    disabled: bool | None = None
    expires_at: str | None = None
    workspace_id: str | None = None
    creator_user_id: str | None = None
    rotation: Mapping[str, Any] | None = None
    rotate_now: str | None = None
    emergency: bool | None = None
    adopt_hash: str | None = None
    adopt_key: str | None = field(default=None, repr=False)
    base_url: str = DEFAULT_BASE_URL
    app_url: str | None = None
    app_title: str | None = None
    format: SecretFormat = "json"
    readers: Sequence[str] = ()
    kms_key_id: str | None = None
    recovery_window_in_days: int | None = None
    environment: str | None = None
    service: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)


class ServiceKey(pulumi.ComponentResource):
    """One service's key in Secrets Manager: ApiKey, Secret, SecretVersion, SupersededKeys and a policy for readers.

    The order is what keeps the secret's value alive: the new key, the secret's new version, and only then the
    retirement of superseded keys. A removed service loses its secret first, then its key.
    """

    api_key: ApiKey
    secret: secretsmanager.Secret
    version: secretsmanager.SecretVersion
    superseded: SupersededKeys
    policy: secretsmanager.SecretPolicy | None

    def __init__(self, name: str, args: ServiceKeyArgs, opts: ResourceOptions | None = None) -> None:
        """Declare the service's key and secret under the logical name of the service."""
        hooked = ResourceOptions.merge(ResourceOptions(hooks=warn_of_wider_rights()), opts)
        super().__init__("openrouter-keys:index:ServiceKey", name, _rights(args), hooked)
        self._child = ResourceOptions(parent=self)
        self.api_key = self._declare_key(name, args)
        self.secret = self._declare_secret(name, args)
        self.version = self._declare_version(name, args)
        self.policy = self._declare_policy(name, args) if args.readers else None
        self.superseded = self._declare_superseded(name, args)
        self.register_outputs({"summary": self.summary()})

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
            opts=self._child,
        )

    def _declare_secret(self, name: str, args: ServiceKeyArgs) -> secretsmanager.Secret:
        standard = {**MANAGED_BY_TAG, "Environment": args.environment, "Service": args.service or name}
        return secretsmanager.Secret(
            name,
            name=args.secret_name,
            description=f"OpenRouter API key of {args.service or name}",
            kms_key_id=args.kms_key_id,
            recovery_window_in_days=args.recovery_window_in_days,
            tags={tag: value for tag, value in standard.items() if value} | dict(args.tags),
            opts=ResourceOptions.merge(self._child, self._secret_options(name, args)),
        )

    def _secret_options(self, name: str, args: ServiceKeyArgs) -> ResourceOptions:
        hooks = None if args.recovery_window_in_days == 0 else look_before_creating(name)
        # Deletion runs against dependencies: the secret goes first, the key it holds after it.
        return ResourceOptions(depends_on=[self.api_key], hooks=hooks)

    def _declare_version(self, name: str, args: ServiceKeyArgs) -> secretsmanager.SecretVersion:
        def value(key: str) -> str:
            return secret_value(key, args.format, args.base_url, args.app_url, args.app_title)

        text: Output[str] = self.api_key.key.apply(value)
        return secretsmanager.SecretVersion(
            name,
            secret_id=self.secret.id,
            secret_string=text,
            # Declared, so that a value edited by hand, which takes the label away, is seen by a refresh.
            version_stages=["AWSCURRENT"],
            opts=self._child,
        )

    def _declare_policy(self, name: str, args: ServiceKeyArgs) -> secretsmanager.SecretPolicy:
        return secretsmanager.SecretPolicy(
            name,
            secret_arn=self.secret.arn,
            policy=reader_policy(args.readers),
            block_public_policy=True,
            opts=self._child,
        )

    def _declare_superseded(self, name: str, args: ServiceKeyArgs) -> SupersededKeys:
        return SupersededKeys(
            name,
            service=args.secret_name,
            superseded=self.api_key.superseded.apply(lambda entries: entries or []),
            current=self.api_key.hash,
            version=self.version.id,
            overlap=str(args.rotation["overlap"]) if args.rotation else None,
            emergency_token=args.rotate_now if args.emergency else None,
            disabled=args.disabled,
            opts=self._child,
        )

    def summary(self) -> Output[dict[str, Any]]:
        """Return what the stack exports of this service: identifiers and limits, never a value."""
        key = self.api_key
        return Output.all(
            keyHash=key.hash,
            keyName=key.name,
            keyLabel=key.label,
            limit=key.limit,
            limitReset=key.limit_reset,
            disabled=key.disabled,
            expiresAt=key.expires_at,
            generation=key.generation,
            rotatedAt=key.rotated_at,
            nextRotationAt=key.next_rotation_at,
            secretArn=self.secret.arn,
            secretName=self.secret.name,
        )


def _rights(args: ServiceKeyArgs) -> dict[str, Any]:
    """Return what the key may do, as the component's inputs, so that the engine can tell when it may do more."""
    return rights(
        limit=args.limit,
        unlimited=args.unlimited,
        limitReset=args.limit_reset,
        includeByokInLimit=args.include_byok_in_limit,
        disabled=args.disabled,
        expiresAt=args.expires_at,
        readers=list(args.readers),
    )


def reader_policy(readers: Sequence[str]) -> str:
    """Return the resource policy that lets exactly these principals read the secret's value and description."""
    statement = {
        "Sid": "ReadOpenRouterKey",
        "Effect": "Allow",
        "Principal": {"AWS": sorted(readers)},
        "Action": list(READER_ACTIONS),
        "Resource": "*",
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]}, sort_keys=True)
