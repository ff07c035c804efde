"""Is AWS there for what `pulumi up` needs of it: who we are, whether secrets can be seen, which are about to go?"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

from ...api.scrub import printable
from .access import access_from, client_of, command

ASKED_AT_ONCE = 8
Line = tuple[str, str, str]
"""What was looked at, what was found, and the fix; empty where nothing is to be done."""


def impatient_client(service: str, config: Mapping[str, str], seconds: float) -> Any:
    """Return a client of an AWS service that gives up soon and reaches AWS as the stack's config says.

    Args:
        service: its name in AWS's library.
        config: the stack's config by full key.
        seconds: how long it waits for an answer.
    """
    from botocore.config import Config  # noqa: PLC0415 - a third of a second that only the check of AWS needs

    patience = Config(connect_timeout=seconds / 2, read_timeout=seconds, retries={"total_max_attempts": 1})
    return client_of(service, access_from(lambda name: config.get(f"aws:{name}")), config=patience)


def look_at_aws(client: Callable[[str], Any], services: Mapping[str, str], wanted: Sequence[str]) -> Iterator[Line]:
    """Yield what AWS says of us, the region and the secrets, by no other rights than our IAM policies give.

    Args:
        client: returns a client of an AWS service.
        services: the services' names by the ARNs of their secrets.
        wanted: the names of secrets that are declared, one of which is asked for where none is deployed.
    """
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - see impatient_client

    try:
        identity = client("sts").get_caller_identity()
        secrets = client("secretsmanager")
    except (BotoCoreError, ClientError) as error:
        fix = "sign in to AWS (AWS_PROFILE, `aws sso login`, a role), and set aws:region or AWS_REGION"
        yield "aws", f"no identity: {_reason(error)}", fix
        return
    yield "aws", f"account {identity['Account']}, {printable(identity['Arn'])}, region {secrets.meta.region_name}", ""
    yield from _secrets(secrets, services, wanted)


def _secrets(secrets: Any, services: Mapping[str, str], wanted: Sequence[str]) -> Iterator[Line]:
    """Yield whether the secrets may be seen, and which of them AWS is about to delete: `destroy` fails on those."""
    asked = [*services] or list(wanted[:1])
    with ThreadPoolExecutor(ASKED_AT_ONCE) as pool:
        answers = list(pool.map(lambda arn: (arn, *_described(secrets, arn)), asked))
    refused = [(arn, why) for arn, _, why in answers if why]
    if refused:
        arn, why = refused[0]
        text = f"secretsmanager:DescribeSecret failed for {len(refused)} of {len(asked)}, {printable(arn)} first: {why}"
        yield "aws secrets", text, "allow it (examples/pipelines/iam has the policies)"
        return
    yield "aws secrets", f"{len(asked)} asked for, none refused", ""
    for arn, until, _ in answers:
        if until:
            text = f"the secret of {services[arn]} is marked for deletion, and AWS deletes it on {until:%Y-%m-%d}"
            fix = f"to keep it, run: {command('restore-secret', arn)}; or let it go with `pulumi destroy --refresh`"
            yield "aws secrets", text, f"{fix} (docs/errors.md#currently-marked-deleted)"


def _described(secrets: Any, arn: str) -> tuple[datetime | None, str]:
    """Return when AWS deletes a secret, and why it could not be asked; one that isn't there yet is no reason."""
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - see impatient_client

    try:
        found: datetime | None = secrets.describe_secret(SecretId=arn).get("DeletedDate")
    except (BotoCoreError, ClientError) as error:
        why = _reason(error)
        return None, "" if why == "ResourceNotFoundException" else why
    return found, ""


def _reason(error: Exception) -> str:
    """Return why AWS could not be asked or refused: its error code, or the library's error class."""
    response = getattr(error, "response", None)
    return str(response["Error"]["Code"]) if isinstance(response, dict) else type(error).__name__
