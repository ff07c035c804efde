"""AWS Secrets Manager."""

import re
from typing import TYPE_CHECKING

from ...store import Problems, Settings, Store, reader_problems
from .reading import READING

if TYPE_CHECKING:
    from ...base import Declare

_READER = re.compile(r"arn:aws[a-z-]*:(iam|sts)::\d{12}:(root|(role|user|assumed-role)/[\w+=,.@/-]+)")
_READER_FORM = (
    "must be the ARN of one role, user or account, like arn:aws:iam::123456789012:role/checkout (no wildcards)"
)


def _load() -> "Declare":
    from .declare import declare  # noqa: PLC0415 - only programs that use the store pay for its package

    return declare


def _problems(settings: Settings) -> Problems:
    yield from reader_problems(settings, _READER, _READER_FORM)


STORE = Store(
    load=_load,
    reading=READING,
    package="boto3",
    own=("kmsKeyId", "recoveryWindowInDays"),
    problems=_problems,
    reference=lambda args, _config: args.secret_name,
)
