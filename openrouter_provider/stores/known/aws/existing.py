"""What AWS has under a secret's name that the state knows nothing of."""

from ...value import ENVIRONMENTS_ACCESS, Access, Existing, SecretUnreadable


def region_of(arn: str) -> str | None:
    """Return the region that an ARN names, None for anything else."""
    parts = arn.split(":")
    return parts[3] or None if len(parts) > 3 and parts[0] == "arn" else None


def aws_command(operation: str, secret: str, access: Access = ENVIRONMENTS_ACCESS) -> str:
    """Return a command of AWS's own tool for a secret, with its region: a name means another secret in another.

    Args:
        operation: the tool's name of it, with its options.
        secret: its name or ARN.
        access: how its provider reaches AWS.
    """
    region = region_of(secret) or access.get("region")
    return f"aws secretsmanager {operation} --secret-id {secret}" + (f" --region {region}" if region else "")


def existing(reference: str, access: Access = ENVIRONMENTS_ACCESS) -> Existing | None:
    """Return the secret of that name or ARN, also one that waits for its deletion; None where there is none.

    Raises:
        SecretUnreadable: AWS refused, or could not be asked.
    """
    import boto3  # noqa: PLC0415 - AWS's library is slow to load
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - see above

    try:
        session = boto3.session.Session(profile_name=access.get("profile"))
        client = session.client("secretsmanager", region_name=region_of(reference) or access.get("region"))
        described = client.describe_secret(SecretId=reference)
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code == "ResourceNotFoundException":
            return None
        raise SecretUnreadable(f"AWS refused DescribeSecret: {code}") from None
    except BotoCoreError as error:
        raise SecretUnreadable(f"AWS could not be asked: {type(error).__name__}") from None
    arn = described["ARN"]
    return Existing(arn, aws_command("restore-secret", arn, access) if described.get("DeletedDate") else "")
