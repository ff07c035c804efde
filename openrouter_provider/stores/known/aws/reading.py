"""AWS Secrets Manager: a service reads the version labelled AWSCURRENT."""

import logging
from typing import TYPE_CHECKING

from ...value import ENVIRONMENTS_ACCESS, Access, Props, SecretUnreadable, StoredValue, StoreReading
from .existing import existing, region_of

if TYPE_CHECKING:
    from botocore.exceptions import ClientError

__all__ = ["READING", "read", "region_of"]

_REASONS = {
    "ResourceNotFoundException": "the secret is gone; `pulumi up --refresh` makes it again with the same key",
    "InvalidRequestException": "the secret is marked for deletion; `aws secretsmanager restore-secret` brings it back",
    "AccessDeniedException": "whoever runs this may not read the secret",
}


def read(reference: str, access: Access = ENVIRONMENTS_ACCESS) -> StoredValue:
    """Return the secret's AWSCURRENT version; the region is that of its ARN, else its provider's.

    Raises:
        SecretUnreadable: AWS refused, could not be asked, or the secret is gone.
    """
    # AWS's library takes a third of a second to load; only commands that read a secret pay for it.
    import boto3  # noqa: PLC0415 - see above
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - see above

    logging.getLogger("botocore.parsers").addFilter(_is_no_answer)
    try:
        # A session of its own: boto3's default one may not be shared by threads while it makes clients.
        session = boto3.session.Session(profile_name=access.get("profile"))
        client = session.client("secretsmanager", region_name=region_of(reference) or access.get("region"))
        answer = client.get_secret_value(SecretId=reference)
    except ClientError as error:
        code = error.response["Error"]["Code"]
        why = f" ({_REASONS[code]})" if code in _REASONS else ""
        raise SecretUnreadable(f"AWS refused GetSecretValue: {code}{why}", gone=_is_gone(error)) from None
    except BotoCoreError as error:
        raise SecretUnreadable(f"AWS could not be asked: {type(error).__name__}") from None
    return StoredValue.of(answer["VersionId"], answer.get("SecretString"))


def _is_gone(error: "ClientError") -> bool:
    """Return whether AWS says that there is no such secret or version, or that the secret is being deleted."""
    answer = error.response["Error"]
    return answer["Code"] == "ResourceNotFoundException" or "marked for deletion" in answer.get("Message", "")


def _is_no_answer(record: logging.LogRecord) -> bool:
    """Return whether a record of AWS's library may be logged: at DEBUG it writes whole answers, the value with them."""
    return record.levelno > logging.DEBUG


def _locate(version: Props) -> tuple[str, str]:
    return str(version["secretId"]), str(version["versionId"])


READING = StoreReading(
    store="aws",
    scheme="arn",
    secret="aws:secretsmanager/secret:Secret",  # noqa: S106 - a type token
    value="aws:secretsmanager/secretVersion:SecretVersion",
    readers="aws:secretsmanager/secretPolicy:SecretPolicy",
    watched={},  # operations/drift/aws_secret.py has the rules of AWS's policies, tags and recovery window.
    locate=_locate,
    read=read,
    permission="secretsmanager:GetSecretValue",
    heal=lambda _urn: "`pulumi up --refresh` moves AWSCURRENT back to the version that Pulumi wrote",
    reference=lambda secret, _access: str(secret.get("arn") or secret.get("name") or ""),
    existing=existing,
)
