"""A look before a secret is created: AWS keeps the name of a deleted one for its recovery window."""

import pulumi
from pulumi import ResourceHook, ResourceHookArgs, ResourceHookBinding

HOOK_NAME = "refuse-secret-scheduled-for-deletion"


class SecretScheduledForDeletion(Exception):
    """The secret's name belongs to a secret in its recovery window; says which command frees it."""


def refuse_scheduled_secret(args: ResourceHookArgs) -> None:
    """Fail at once, with the fix, where the secret about to be created is scheduled for deletion.

    Without it the AWS provider tries for two minutes and then reports AWS's words alone. A failure to look is no
    reason to stop: then the provider's own attempt says what is wrong.

    Raises:
        SecretScheduledForDeletion: names the secret, its deletion date and the command.
    """
    inputs = args.new_inputs or {}
    name = inputs.get("name")
    deleted_at = _deletion_date(name) if isinstance(name, str) else None
    if deleted_at:
        raise SecretScheduledForDeletion(
            f"secret {name} was deleted on {deleted_at} and is in its recovery window, which keeps its name. To "
            "keep it, restore and import it (docs/operations.md#recreating-a-service). To give it up, run: aws "
            f"secretsmanager delete-secret --force-delete-without-recovery --secret-id {name} && pulumi up"
        )


def _deletion_date(name: str) -> str | None:
    # AWS's library loads only where a secret is really created, which is rare.
    import boto3  # noqa: PLC0415 - see above
    from botocore.config import Config  # noqa: PLC0415 - see above
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - see above

    aws = pulumi.Config("aws")
    patience = Config(connect_timeout=5, read_timeout=10, retries={"total_max_attempts": 2})
    try:
        session = boto3.session.Session(profile_name=aws.get("profile"), region_name=aws.get("region"))
        described = session.client("secretsmanager", config=patience).describe_secret(SecretId=name)
    except (BotoCoreError, ClientError):
        return None
    deleted = described.get("DeletedDate")
    return deleted.date().isoformat() if deleted else None


def look_before_creating(service: str) -> ResourceHookBinding:
    """Return the binding for a service's secret whose name AWS may still keep; a hook's name is unique in a run."""
    return ResourceHookBinding(before_create=[ResourceHook(f"{HOOK_NAME}-{service}", refuse_scheduled_secret)])
