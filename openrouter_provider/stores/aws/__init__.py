"""AWS Secrets Manager."""

import re
from typing import TYPE_CHECKING

from ..contract import Problems, ServiceSettings, Store, reader_problems
from .reading import READING

if TYPE_CHECKING:
    from pulumi import Output, Resource

    from ..declaration import Declare
    from ..value import Access

_READER = re.compile(r"arn:aws[a-z-]*:(iam|sts)::\d{12}:(root|(role|user|assumed-role)/[\w+=,.@/-]+)")
_READER_FORM = (
    "must be the ARN of one role, user or account, like arn:aws:iam::123456789012:role/checkout (no wildcards)"
)


def _load() -> "Declare":
    from .declare import declare  # noqa: PLC0415 - only programs that use the store pay for its package

    return declare


def _access(component: "Resource") -> "Output[Access]":
    from .regions import program_access  # noqa: PLC0415 - for programs only

    return program_access(component)


def _problems(settings: ServiceSettings) -> Problems:
    yield from reader_problems(settings, _READER, _READER_FORM)


STORE = Store(
    load=_load,
    reading=READING,
    package="boto3",
    own=("kmsKeyId", "recoveryWindowInDays"),
    problems=_problems,
    access=_access,
    reference=lambda name, _own, _config: name,
    copied=True,
)
