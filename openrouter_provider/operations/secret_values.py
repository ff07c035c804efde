"""Reading what a service would read: the secret's current value."""

from dataclasses import dataclass

from pydantic import SecretStr

from ..payload import key_in

KEY_PREFIX = "sk-or-"
"""What a value starts with that may be sent to OpenRouter; anything else is somebody else's secret."""


class SecretUnreadable(Exception):
    """The secret's current value cannot be read, or holds no key; says why in one line without the value."""


@dataclass(frozen=True)
class StoredValue:
    """A secret's AWSCURRENT version; `key` is None where its value holds none."""

    version_id: str
    key: SecretStr | None


def read_stored(secret_arn: str) -> StoredValue:
    """Return the secret's AWSCURRENT version.

    Raises:
        SecretUnreadable: AWS refused, could not be asked, or the secret is gone.
    """
    # AWS's library takes a third of a second to load; only commands that read a secret pay for it.
    import boto3  # noqa: PLC0415 - see above
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - see above

    try:
        # A session of its own: boto3's default one may not be shared by threads while it makes clients.
        client = boto3.session.Session().client("secretsmanager", region_name=region_of(secret_arn))
        answer = client.get_secret_value(SecretId=secret_arn)
    except ClientError as error:
        raise SecretUnreadable(f"AWS refused GetSecretValue: {error.response['Error']['Code']}") from None
    except BotoCoreError as error:
        raise SecretUnreadable(f"AWS could not be asked: {type(error).__name__}") from None
    key = key_in(answer.get("SecretString") or "")
    return StoredValue(answer["VersionId"], SecretStr(key) if key else None)


def read_key(secret_arn: str) -> SecretStr:
    """Return the key in the secret's AWSCURRENT version.

    Raises:
        SecretUnreadable: it cannot be read, or its value holds no key.
    """
    key = read_stored(secret_arn).key
    if key is None:
        raise SecretUnreadable("its value holds no OPENROUTER_API_KEY: it was edited by hand")
    return key


def region_of(arn: str) -> str | None:
    """Return the region that an ARN names, None for anything else."""
    parts = arn.split(":")
    return parts[3] or None if len(parts) > 3 and parts[0] == "arn" else None
