"""A look before a secret is created: AWS keeps the name of a deleted one for its recovery window."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any, TypeVar

from pulumi import Output, ResourceHook, ResourceHookArgs

from ..value import Access
from .access import command, open_client

T = TypeVar("T")
THREADS = 8


async def aside(work: Callable[..., T], *arguments: Any) -> T:
    """Return what a piece of work returns, done in a thread that no resource waits in."""
    return await asyncio.get_running_loop().run_in_executor(_threads(), work, *arguments)


@cache
def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(THREADS, thread_name_prefix="hook")


SCHEDULED_DELETION_HOOK = "refuse-secret-scheduled-for-deletion"
PATIENCE_SECONDS = 10


class SecretScheduledForDeletion(Exception):
    """The secret's name belongs to a secret in its recovery window; says which command frees it."""


def refuse_scheduled_secret(name: str, access: Access) -> None:
    """Fail at once, with the fix, where the secret about to be created is scheduled for deletion.

    Without it the AWS provider tries for two minutes and then reports AWS's words alone. A failure to look is no
    reason to stop: then the provider's own attempt says what is wrong.

    Args:
        name: the secret's name.
        access: how the secret's own provider reaches AWS.

    Raises:
        SecretScheduledForDeletion: names the secret, when AWS will have deleted it, and the command.
    """
    delete_at = _deletion_date(name, access)
    if delete_at:
        where = f" in {access['region']}" if access.get("region") else ""
        free = command("delete-secret --force-delete-without-recovery", name, access)
        raise SecretScheduledForDeletion(
            f"secret {name}{where} was deleted, and AWS keeps its name until {delete_at}, the end of its recovery "
            "window. To keep it, restore and import it (docs/changing-services.md#recreating-a-service). To give it "
            f"up, run: {free} && pulumi up"
        )


def _deletion_date(name: str, access: Access) -> str | None:
    """Return when AWS will delete the secret: what it calls DeletedDate is the end of the recovery window."""
    # AWS's library loads only where a secret is really created, which is rare.
    from botocore.config import Config  # noqa: PLC0415 - see above
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - see above
    from botocore.parsers import ResponseParserError  # noqa: PLC0415 - see above

    patience = Config(connect_timeout=5, read_timeout=PATIENCE_SECONDS, retries={"total_max_attempts": 2})
    try:
        described = open_client(access, config=patience).describe_secret(SecretId=name)
    except (BotoCoreError, ClientError, ResponseParserError):
        return None
    deleted = described.get("DeletedDate")
    return deleted.date().isoformat() if deleted else None


def look_before_creating(service: str, access: Output[Access]) -> ResourceHook:
    """Return the hook of a service's secret whose name AWS may still keep; a hook's name is unique in a run.

    Args:
        service: whose secret it is.
        access: how its provider reaches AWS.
    """

    async def look(args: ResourceHookArgs) -> None:
        inputs = args.new_inputs or {}
        name, region = inputs.get("name"), inputs.get("region")
        found = await access.future() or {}
        if isinstance(name, str):
            own = {"region": region} if isinstance(region, str) and region else {}
            await aside(refuse_scheduled_secret, name, {**found, **own})

    return ResourceHook(f"{SCHEDULED_DELETION_HOOK}-{service}", look)
