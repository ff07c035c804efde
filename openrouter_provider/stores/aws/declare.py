"""AWS Secrets Manager: services read AWSCURRENT, which moves to a new version in one step."""

from pulumi import Output, Resource, ResourceHookBinding, ResourceOptions
from pulumi_aws import secretsmanager

from ...keys.known import known_then
from ..declaration import StoredSecret
from ..secret_args import SecretArgs
from . import keeping
from . import regions as moving
from .access import SECRET_TYPE
from .policy import reader_policy
from .preflight import look_before_creating
from .regions import full_access


def declare(name: str, wish: SecretArgs, value: Output[str], key: Resource, opts: ResourceOptions) -> StoredSecret:
    """Declare Secret, SecretVersion and, where the service names readers, SecretPolicy."""
    secret = _secret(name, wish, key, opts)
    version = secretsmanager.SecretVersion(
        name,
        secret_id=secret.id,
        secret_string=value,
        # Declared, so that a value edited by hand, which takes the label away, is seen by a refresh.
        version_stages=["AWSCURRENT"],
        # AWS drops what has no label any more. Deleting takes off the labels that the state knows, and fails for ever
        # where a killed run stored the value once more and AWS has moved them on. A rotation replaces the version.
        opts=ResourceOptions.merge(opts, ResourceOptions(retain_on_delete=True, protect=False)),
    )
    policy = _policy(name, wish, secret, opts) if wish.readers else None
    return StoredSecret("aws", secret, version, policy, secret.arn, secret.name, version.id)


def _secret(name: str, wish: SecretArgs, key: Resource, opts: ResourceOptions) -> secretsmanager.Secret:
    provider = opts.provider or (opts.parent.get_provider(SECRET_TYPE) if opts.parent else None)
    look = [look_before_creating(name, full_access(provider))] if wish.recovery_window_in_days != 0 else []
    hooks = ResourceHookBinding(
        before_create=[moving.hook_that_warns(), *look], before_update=[keeping.hook_that_warns()]
    )
    return secretsmanager.Secret(
        name,
        name=wish.secret_name,
        description=known_then(wish.service or name, lambda service: f"OpenRouter API key of {service}"),
        kms_key_id=wish.kms_key_id,
        recovery_window_in_days=wish.recovery_window_in_days,
        tags=wish.tags_over(wish.standard_tags(name)),
        # Pulumi's provider deletes first where the name was given: a new name that is taken would cost the old secret.
        opts=ResourceOptions.merge(opts, ResourceOptions(depends_on=[key], hooks=hooks, delete_before_replace=False)),
    )


def _policy(
    name: str, wish: SecretArgs, secret: secretsmanager.Secret, opts: ResourceOptions
) -> secretsmanager.SecretPolicy:
    return secretsmanager.SecretPolicy(
        name,
        secret_arn=secret.arn,
        policy=known_then(wish.sorted_readers(), reader_policy),
        block_public_policy=True,
        opts=opts,
    )
