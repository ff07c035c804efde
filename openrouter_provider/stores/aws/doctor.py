"""Is AWS there for what `pulumi up` needs of it: who we are, whether secrets can be seen, which are about to go?"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ...api.scrub import printable
from .access import access_from, client_of, command

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


def look_at_aws(client: Callable[[str], Any], services: Mapping[str, str]) -> Iterator[Line]:
    """Yield what AWS says of us and of the deployed secrets.

    Args:
        client: returns a client of an AWS service.
        services: the services' names by the ARNs of their secrets.
    """
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - see impatient_client

    try:
        identity = client("sts").get_caller_identity()
    except (BotoCoreError, ClientError) as error:
        fix = "sign in to AWS (AWS_PROFILE, `aws sso login`, a role), and set aws:region or AWS_REGION"
        yield "aws", f"no identity: {_reason(error)}", fix
        return
    yield "aws", f"account {identity['Account']}, {printable(identity['Arn'])}", ""
    secrets = client("secretsmanager")
    try:
        secrets.list_secrets(MaxResults=1)
    except (BotoCoreError, ClientError) as error:
        text = f"secretsmanager:ListSecrets failed: {_reason(error)}"
        yield "aws secrets", text, "allow it (examples/pipelines/iam has the policies)"
        return
    yield "aws secrets", "can be listed", ""
    yield from _marked(secrets, services)


def _marked(secrets: Any, services: Mapping[str, str]) -> Iterator[Line]:
    """Yield a line for each deployed secret that AWS is about to delete: `destroy` fails on it each time."""
    for secret in _listed(secrets) if services else ():
        arn, until = str(secret.get("ARN")), secret.get("DeletedDate")
        if until and arn in services:
            text = f"the secret of {services[arn]} is marked for deletion, and AWS deletes it on {until:%Y-%m-%d}"
            fix = f"to keep it, run: {command('restore-secret', arn)}; or let it go with `pulumi destroy --refresh`"
            yield "aws secrets", text, f"{fix} (docs/errors.md#currently-marked-deleted)"


def _listed(client: Any) -> Iterator[Mapping[str, Any]]:
    """Yield AWS's secrets, those that it is about to delete too; none any more once it refuses."""
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - see impatient_client

    next_page: dict[str, str] = {}
    while True:
        try:
            page = client.list_secrets(MaxResults=100, IncludePlannedDeletion=True, **next_page)
        except (BotoCoreError, ClientError):
            return  # That nothing can be listed is told already.
        yield from page.get("SecretList") or ()
        if not page.get("NextToken"):
            return
        next_page = {"NextToken": page["NextToken"]}


def _reason(error: Exception) -> str:
    """Return why AWS could not be asked or refused: its error code, or the library's error class."""
    response = getattr(error, "response", None)
    return str(response["Error"]["Code"]) if isinstance(response, dict) else type(error).__name__
