"""AWS Secrets Manager: services read AWSCURRENT, which moves to a new version in one step."""

from pulumi import Output, Resource, ResourceHookBinding, ResourceOptions
from pulumi_aws import secretsmanager

from ...program.args import ServiceKeyArgs
from ..declaration import StoredSecret
from . import keeping
from . import regions as moving
from .access import SECRET_TYPE
from .policy import reader_policy
from .preflight import look_before_creating
from .regions import full_access


def declare(name: str, args: ServiceKeyArgs, value: Output[str], key: Resource, opts: ResourceOptions) -> StoredSecret:
    """Declare Secret, SecretVersion and, where the service names readers, SecretPolicy."""
    secret = _secret(name, args, key, opts)
    version = secretsmanager.SecretVersion(
        name,
        secret_id=secret.id,
        secret_string=value,
        # Declared, so that a value edited by hand, which takes the label away, is seen by a refresh.
        version_stages=["AWSCURRENT"],
        # AWS drops what has no label any more. Deleting takes off the labels that the state knows, and fails for ever
        # where a killed run stored the value once more and AWS has moved them on.
        opts=ResourceOptions.merge(opts, ResourceOptions(retain_on_delete=True)),
    )
    policy = _policy(name, args, secret, opts) if args.readers else None
    return StoredSecret("aws", secret, version, policy, secret.arn, secret.name, version.id)


def _secret(name: str, args: ServiceKeyArgs, key: Resource, opts: ResourceOptions) -> secretsmanager.Secret:
    provider = opts.provider or (opts.parent.get_provider(SECRET_TYPE) if opts.parent else None)
    look = [look_before_creating(name, full_access(provider))] if args.recovery_window_in_days != 0 else []
    hooks = ResourceHookBinding(
        before_create=[moving.hook_that_warns(), *look], before_update=[keeping.hook_that_warns()]
    )
    return secretsmanager.Secret(
        name,
        name=args.secret_name,
        description=f"OpenRouter API key of {args.service or name}",
        kms_key_id=args.kms_key_id,
        recovery_window_in_days=args.recovery_window_in_days,
        tags=args.standard_tags(name) | dict(args.tags),
        # Pulumi's provider deletes first where the name was given: a new name that is taken would cost the old secret.
        opts=ResourceOptions.merge(opts, ResourceOptions(depends_on=[key], hooks=hooks, delete_before_replace=False)),
    )


def _policy(
    name: str, args: ServiceKeyArgs, secret: secretsmanager.Secret, opts: ResourceOptions
) -> secretsmanager.SecretPolicy:
    return secretsmanager.SecretPolicy(
        name,
        secret_arn=secret.arn,
        policy=reader_policy(args.readers),
        block_public_policy=True,
        opts=opts,
    )
