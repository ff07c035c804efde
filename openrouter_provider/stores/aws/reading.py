"""AWS Secrets Manager: a service reads the version labelled AWSCURRENT."""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import TYPE_CHECKING

from ..extras import load
from ..value import (
    ATTEMPTS,
    ENVIRONMENTS_ACCESS,
    Access,
    Existing,
    Properties,
    SecretUnreadable,
    StoredValue,
    StoreReading,
)
from .access import SECRET_TYPE, WITHHELD, command, open_client, region_of, with_keys

if TYPE_CHECKING:
    from botocore.exceptions import ClientError
    from mypy_boto3_secretsmanager import SecretsManagerClient


CONNECT_SECONDS = 10.0


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


_READS = "GetSecretValue"
_OF_WHOEVER_ASKS = frozenset(
    {
        "ExpiredToken",
        "ExpiredTokenException",
        "InvalidClientTokenId",
        "InvalidSignatureException",
        "RequestExpired",
        "SignatureDoesNotMatch",
        "UnrecognizedClientException",
    }
)
"""What AWS says of credentials, whichever secret was asked for."""
_GATEWAYS = range(502, 505)
_REASONS = {
    "ResourceNotFoundException": "the secret is gone; `pulumi up --refresh` makes it again with the same key",
    "InvalidRequestException": "the secret is marked for deletion; `{restore}` brings it back",
    "AccessDeniedException": "whoever runs this may not read the secret",
}


def read(reference: str, access: Access = ENVIRONMENTS_ACCESS) -> StoredValue:
    """Return the secret's AWSCURRENT version; the region is that of its ARN, else its provider's.

    Raises:
        SecretUnreadable: AWS refused, could not be asked, or the secret is gone.
    """
    logging.getLogger("botocore.parsers").addFilter(_is_no_answer)
    with _asking(reference, access) as client:
        answer = client.get_secret_value(SecretId=reference)
        return StoredValue.of(answer["VersionId"], answer.get("SecretString"))


def read_policy(reference: str, access: Access = ENVIRONMENTS_ACCESS) -> str:
    """Return the secret's policy, empty where it has none.

    Raises:
        SecretUnreadable: as for `read`.
    """
    with _asking(reference, access) as client:
        return client.get_resource_policy(SecretId=reference).get("ResourcePolicy", "")


@contextmanager
def _asking(reference: str, access: Access) -> "Iterator[SecretsManagerClient]":
    """Give a client for a secret; whatever fails meanwhile is why the secret can't be read."""
    # AWS's library takes a third of a second to load; only commands that read a secret pay for it.
    load("boto3", "botocore.session", "botocore.parsers")
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - see above
    from botocore.parsers import ResponseParserError  # noqa: PLC0415 - see above

    try:
        yield _client(tuple(sorted(access.items())), region_of(reference), _environment())
    except ClientError as error:
        if "ExpiredToken" in error.response["Error"]["Code"]:
            _client.cache_clear()  # A role is assumed for an hour.
        refusal = _refusal(error, command("restore-secret", reference, access))
        gone, away = _is_gone(error) and WITHHELD not in access, _is_away(error)
        raise SecretUnreadable(refusal, gone=gone, away=away) from None
    except (BotoCoreError, ResponseParserError) as error:  # The latter is a gateway's page.
        raise SecretUnreadable(f"AWS could not be asked: {type(error).__name__}", away=True) from None


@lru_cache(maxsize=16)
def _client(
    access: tuple[tuple[str, str], ...], region: str | None, _environment: tuple[tuple[str, str], ...]
) -> "SecretsManagerClient":
    """Return one client for all secrets that are reached alike: making one costs more than a read does."""
    from botocore.config import Config  # noqa: PLC0415 - AWS's library is slow to load

    patience = Config(connect_timeout=CONNECT_SECONDS)
    attempts = dict(access).get(ATTEMPTS)
    if attempts:
        patience = patience.merge(Config(retries={"total_max_attempts": int(attempts)}))
    return open_client(dict(access), region, patience)


def _environment() -> tuple[tuple[str, str], ...]:
    """Return what of the environment AWS's library goes by."""
    return tuple(sorted((name, value) for name, value in os.environ.items() if name.startswith("AWS_")))


def _refusal(error: "ClientError", restore: str) -> str:
    """Return what AWS refused, and what that means."""
    code, operation = error.response["Error"]["Code"], error.operation_name
    why = f" ({_REASONS[code].format(restore=restore)})" if code in _REASONS and operation == _READS else ""
    return f"AWS refused {operation}: {code}{why}"


def _is_away(error: "ClientError") -> bool:
    """Return whether AWS would refuse any secret alike: the credentials are no good, or it is out of order."""
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode")
    return error.response["Error"]["Code"] in _OF_WHOEVER_ASKS or status in _GATEWAYS


def _is_gone(error: "ClientError") -> bool:
    """Return whether AWS says that there is no such secret or version, or that the secret is being deleted."""
    answer = error.response["Error"]
    if error.operation_name != _READS:  # A role that can't be assumed says nothing of the secret.
        return False
    return answer["Code"] == "ResourceNotFoundException" or "marked for deletion" in answer.get("Message", "")


def _is_no_answer(record: logging.LogRecord) -> bool:
    """Return whether a record of AWS's library may be logged: at DEBUG it writes whole answers, the value with them."""
    return record.levelno > logging.DEBUG


def _locate(version: Properties) -> tuple[str, str]:
    return str(version["secretId"]), str(version["versionId"])


READING = StoreReading(
    store="aws",
    scheme="arn",
    secret=SECRET_TYPE,
    value="aws:secretsmanager/secretVersion:SecretVersion",
    readers="aws:secretsmanager/secretPolicy:SecretPolicy",
    watched={},  # operations/drift/around_secrets.py has the rules of AWS's policies, tags and recovery window.
    locate=_locate,
    read=read,
    permission=f"secretsmanager:{_READS}",
    heal=lambda _urn: "`pulumi up --refresh` moves AWSCURRENT back to the version that Pulumi wrote",
    with_keys=lambda access, config: with_keys(access, lambda name: config(f"aws:{name}")),
    reference=lambda secret, _access: str(secret.get("arn") or secret.get("name") or ""),
    existing=existing,
)
