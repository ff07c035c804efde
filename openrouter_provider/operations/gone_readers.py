"""Which readers' roles were deleted, where a refresh fails for that: Pulumi's provider says only that some were."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from ..stores.known.aws.access import access_of
from ..stores.known.aws.policy import cure, deleted_reader, deleted_readers
from ..stores.known.aws.reading import read_policy
from ..stores.reading import AWS
from ..stores.value import Access, SecretUnreadable

INVALID_PRINCIPALS = "contains invalid principals"

ReadPolicy = Callable[[str, Access], str]


def with_readers(why: str, state: Callable[[], Mapping[str, Any]], read: ReadPolicy = read_policy) -> str:
    """Return why a refresh failed, with the readers that were deleted and the cure where that is the reason.

    Args:
        why: what Pulumi says.
        state: returns the exported state.
        read: returns a secret's policy as AWS has it.
    """
    if INVALID_PRINCIPALS not in why:
        return why
    return "; ".join([why, *gone_readers(state().get("deployment", {}).get("resources") or [], read)])


def gone_readers(resources: Iterable[Mapping[str, Any]], read: ReadPolicy = read_policy) -> Iterator[str]:
    """Yield a line for each secret among whose readers AWS shows the id of one that was deleted."""
    every = list(resources)
    for policy in every:
        if policy.get("type") != AWS.readers:
            continue
        known = policy.get("outputs") or {}
        arn, declared, access = str(known.get("secretArn")), known.get("policy"), access_of(every, policy)
        try:
            actual = read(arn, access)
        except SecretUnreadable:
            continue  # The refresh has said what could not be read.
        if deleted_readers(actual):
            service = str(policy.get("urn")).rpartition("::")[2]
            yield f"{service}: the reader {deleted_reader(declared, actual)} was deleted: {cure(arn, declared, access)}"
