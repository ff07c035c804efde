"""A warning where a KMS key was taken out of the settings: AWS keeps it, for Pulumi's provider names no other."""

from collections.abc import Mapping
from functools import cache
from typing import Any

import pulumi
from pulumi import ResourceHook, ResourceHookArgs
from pulumi.resource_hooks import ResourceHookOptions

from .access import command

KMS_KEY_HOOK = "warn-of-a-kms-key-that-stays"
AWS_OWN_KEY = "alias/aws/secretsmanager"


def is_kept(actual: str | None, wanted: Any) -> bool:
    """Return whether AWS encrypts a secret with a key of the customer's that the program no longer names."""
    return bool(actual) and not str(actual).endswith(AWS_OWN_KEY) and not wanted


def warning(service: str, secret: str, key: str) -> str:
    """Return what to do where a key stays.

    Args:
        service: whose secret it is.
        secret: its ARN.
        key: what encrypts it.
    """
    change = command(f"update-secret --kms-key-id {AWS_OWN_KEY}", secret)
    return (
        f"{service}: kmsKeyId was taken out of its settings, but AWS goes on encrypting its secret with {key}, and "
        f"every preview will show this change. To go back to AWS's own key, run: {change} && pulumi up --refresh "
        f"(should a preview then show {AWS_OWN_KEY}, set kmsKeyId to that). To keep the key, set it again"
    )


@cache
def hook_that_warns() -> ResourceHook:
    """Return the hook of every secret: it warns, in a preview too, and keeps nothing from happening."""

    def warn(args: ResourceHookArgs) -> None:
        actual: Mapping[str, Any] = args.old_outputs or {}
        key = actual.get("kmsKeyId")
        if is_kept(key, (args.new_inputs or {}).get("kmsKeyId")):
            pulumi.log.warn(warning(args.name, str(actual.get("arn") or args.id), str(key)))

    return ResourceHook(KMS_KEY_HOOK, warn, ResourceHookOptions(on_dry_run=True, ignore_errors=True))
