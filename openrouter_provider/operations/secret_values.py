"""Reading what a service would read: the secret's current value."""

from pydantic import SecretStr

from ..payload import key_in


class SecretUnreadable(Exception):
    """The secret's current value cannot be read, or holds no key; says why in one line without the value."""


def read_key(secret_arn: str) -> SecretStr:
    """Return the key in the secret's AWSCURRENT version.

    Raises:
        SecretUnreadable: AWS refused, the secret is gone, or its value holds no key.
    """
    # AWS's library takes a third of a second to load; only commands that read a secret pay for it.
    import boto3  # noqa: PLC0415 - see above
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - see above

    try:
        client = boto3.client("secretsmanager", region_name=region_of(secret_arn))
        value = client.get_secret_value(SecretId=secret_arn).get("SecretString")
    except ClientError as error:
        raise SecretUnreadable(f"AWS refused GetSecretValue: {error.response['Error']['Code']}") from None
    except BotoCoreError as error:
        raise SecretUnreadable(f"AWS could not be asked: {type(error).__name__}") from None
    key = key_in(value) if value else None
    if key is None:
        raise SecretUnreadable("its value holds no OPENROUTER_API_KEY: it was edited by hand")
    return SecretStr(key)


def region_of(arn: str) -> str | None:
    """Return the region that an ARN names, None for anything else."""
    parts = arn.split(":")
    return parts[3] or None if len(parts) > 3 and parts[0] == "arn" else None
