"""Secrets that an interrupted run may have made: looked up by name, and deleted where they are empty."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..value import Access
from .access import WITHHELD, open_client, region_of

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient


@dataclass(frozen=True)
class FoundSecret:
    """What AWS says of a secret's name; its value is never read.

    Attributes:
        arn: the secret's ARN; empty where AWS did not answer.
        tags: its tags.
        has_value: whether any version exists.
        is_being_deleted: whether it waits out its recovery window.
        problem: why AWS could not be asked, in one line; empty where it could.
    """

    arn: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    has_value: bool = False
    is_being_deleted: bool = False
    problem: str = ""


class SecretNotDeleted(Exception):
    """A secret was left as it is; says why in one line."""


def find_secret(name: str | None, access: Access) -> FoundSecret | None:
    """Return what AWS says of a secret's name, None where there is no such secret.

    Args:
        name: the name; None where the state has it encrypted.
        access: how the secret's provider reaches AWS.
    """
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - AWS's library is slow to load

    if name is None:
        return FoundSecret(problem="its name is encrypted in the state: look for the secret by hand")
    try:
        return _described(open_client(access), name)
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code == "ResourceNotFoundException" and WITHHELD in access:
            return FoundSecret(
                problem="AWS could not be asked with its provider's own keys: look for the secret by hand"
            )
        return None if code == "ResourceNotFoundException" else FoundSecret(problem=f"AWS refused: {code}")
    except BotoCoreError as error:
        return FoundSecret(problem=f"AWS could not be asked: {type(error).__name__}")


def delete_empty_secret(arn: str, access: Access) -> None:
    """Delete a secret without a recovery window, after one more look that no value came into it.

    Raises:
        SecretNotDeleted: it has a value by now, or AWS refused.
    """
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - AWS's library is slow to load

    try:
        client = open_client(access, region_of(arn))
        if _described(client, arn).has_value:
            raise SecretNotDeleted("it has a value by now: run recover again")
        client.delete_secret(SecretId=arn, ForceDeleteWithoutRecovery=True)
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code != "ResourceNotFoundException":
            raise SecretNotDeleted(f"AWS refused: {code}") from None
    except BotoCoreError as error:
        raise SecretNotDeleted(f"AWS could not be asked: {type(error).__name__}") from None


def _described(client: "SecretsManagerClient", identifier: str) -> FoundSecret:
    described = client.describe_secret(SecretId=identifier)
    return FoundSecret(
        arn=described["ARN"],
        tags={tag["Key"]: tag["Value"] for tag in described.get("Tags", [])},
        has_value=bool(described.get("VersionIdsToStages")),
        is_being_deleted="DeletedDate" in described,
    )
