"""Secrets that an interrupted run may have made: looked up by name, and deleted where they are empty."""

from typing import TYPE_CHECKING

from ...operations.recovery.steps import FoundSecret
from ...operations.stack.pending import Deployment, PendingOperation
from ..value import Access
from .access import WITHHELD, access_of, open_client, region_of

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient


class SecretNotDeleted(Exception):
    """A secret was left as it is; says why in one line."""


def find_secret(deployment: Deployment, operation: PendingOperation) -> FoundSecret | None:
    """Return what AWS says of the secret that the operation was to make, None where there is none.

    Args:
        deployment: the exported state, which says how the provider reaches AWS.
        operation: the secret's pending creation.
    """
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - AWS's library is slow to load

    name = operation.physical_name
    if name is None:
        return FoundSecret(problem="its name is encrypted in the state: look for the secret by hand")
    access = _access(deployment, operation)
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


def delete_empty_secret(arn: str, deployment: Deployment, operation: PendingOperation) -> None:
    """Delete a secret without a recovery window, after one more look that no value came into it.

    Raises:
        SecretNotDeleted: it has a value by now, or AWS refused.
    """
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - AWS's library is slow to load

    try:
        client = open_client(_access(deployment, operation), region_of(arn))
        if _described(client, arn).has_value:
            raise SecretNotDeleted("it has a value by now: run recover again")
        client.delete_secret(SecretId=arn, ForceDeleteWithoutRecovery=True)
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code != "ResourceNotFoundException":
            raise SecretNotDeleted(f"AWS refused: {code}") from None
    except BotoCoreError as error:
        raise SecretNotDeleted(f"AWS could not be asked: {type(error).__name__}") from None


def _access(deployment: Deployment, operation: PendingOperation) -> Access:
    resource = {"provider": operation.provider, "inputs": operation.inputs}
    return access_of(deployment.get("resources") or [], resource)


def _described(client: "SecretsManagerClient", identifier: str) -> FoundSecret:
    described = client.describe_secret(SecretId=identifier)
    return FoundSecret(
        arn=described["ARN"],
        tags={tag["Key"]: tag["Value"] for tag in described.get("Tags", [])},
        has_value=bool(described.get("VersionIdsToStages")),
        is_being_deleted="DeletedDate" in described,
    )
