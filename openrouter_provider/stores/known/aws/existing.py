"""What AWS has under a secret's name that the state knows nothing of."""

from ...value import ENVIRONMENTS_ACCESS, Access, Existing, SecretUnreadable
from .access import command, open_client, region_of


def existing(reference: str, access: Access = ENVIRONMENTS_ACCESS) -> Existing | None:
    """Return the secret of that name or ARN, also one that waits for its deletion; None where there is none.

    Raises:
        SecretUnreadable: AWS refused, or could not be asked.
    """
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - AWS's library is slow to load

    try:
        described = open_client(access, region_of(reference)).describe_secret(SecretId=reference)
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code == "ResourceNotFoundException":
            return None
        raise SecretUnreadable(f"AWS refused DescribeSecret: {code}") from None
    except BotoCoreError as error:
        raise SecretUnreadable(f"AWS could not be asked: {type(error).__name__}") from None
    arn = described["ARN"]
    return Existing(arn, command("restore-secret", arn, access) if described.get("DeletedDate") else "")
