"""The checks of single config values: each returns the normalised value or says what is wrong and how to mend it."""

import re
import unicodedata
from collections.abc import Callable
from typing import Annotated, Any
from urllib.parse import urlsplit
from uuid import UUID

from pydantic import BeforeValidator

from .resources.checks import (
    check_hash,
    check_instant,
    check_limit,
    check_limit_reset,
    check_text,
)
from .schedule import parse_duration

_SECRET_NAME = re.compile(r"[A-Za-z0-9/_+=.@-]{1,512}")
_READER = re.compile(r"arn:aws[a-z-]*:(iam|sts)::\d{12}:(root|(role|user|assumed-role)/[\w+=,.@/-]+)")
MIN_RECOVERY_DAYS, MAX_RECOVERY_DAYS = 7, 30


def _duration(value: object) -> str:
    parse_duration(str(value))
    return str(value).strip()


def _secret_name(value: object) -> str:
    if not isinstance(value, str) or not _SECRET_NAME.fullmatch(value):
        raise ValueError("must be 1 to 512 of the characters A-Z a-z 0-9 / _ + = . @ -")
    return value


def _reader(value: object) -> str:
    if not isinstance(value, str) or not _READER.fullmatch(value):
        raise ValueError(
            "must be the ARN of one role, user or account, like arn:aws:iam::123456789012:role/checkout (no wildcards)"
        )
    return value


def _recovery_window(value: object) -> int:
    valid = isinstance(value, int) and not isinstance(value, bool)
    if not valid or not (value == 0 or MIN_RECOVERY_DAYS <= int(str(value)) <= MAX_RECOVERY_DAYS):
        raise ValueError("must be 0 (delete at once) or 7 to 30 days")
    return int(str(value))


def _url(value: object) -> str:
    text = _printable(value)
    try:
        parts = urlsplit(text)
    except ValueError:  # Its message quotes the value.
        parts = urlsplit("")
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("must be a URL like https://checkout.example.com")
    return text


def _printable(value: object) -> str:
    text = check_text(value)
    if any(unicodedata.category(character) in ("Cc", "Cf", "Zl", "Zp") for character in text):
        raise ValueError("must not have control or direction characters")
    return text


def _workspace_id(value: object) -> str:
    try:
        return str(UUID(check_text(value)))
    except ValueError:
        raise ValueError("must be a workspace's UUID") from None


def _optional(check: Callable[[Any], Any]) -> BeforeValidator:
    return BeforeValidator(lambda value: None if value is None else check(value))


Limit = Annotated[float | None, _optional(check_limit)]
LimitReset = Annotated[str | None, _optional(check_limit_reset)]
Instant = Annotated[str | None, _optional(check_instant)]
Duration = Annotated[str, BeforeValidator(_duration)]
Hash = Annotated[str, BeforeValidator(check_hash)]
SecretName = Annotated[str | None, _optional(_secret_name)]
Reader = Annotated[str, BeforeValidator(_reader)]
RecoveryWindow = Annotated[int | None, _optional(_recovery_window)]
Url = Annotated[str | None, _optional(_url)]
Printable = Annotated[str | None, _optional(_printable)]
WorkspaceId = Annotated[str | None, _optional(_workspace_id)]
