"""Tells the API's own answers from everything else that may arrive, and reads them."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote

from pydantic import SecretStr

from ..errors import ConfigurationError, InvalidResponse
from ..models import HASH_PATTERN
from ..scrub import printable


@dataclass(frozen=True, slots=True)
class Call:
    """One request, and what to call it in messages."""

    method: str
    path: str
    action: str
    params: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, object] | None = field(default=None, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict)
    credential: SecretStr | None = None
    """Another credential than the client's own."""
    secrets: tuple[SecretStr, ...] = ()
    """What of the body no message may repeat, even where the API does."""


def json_object(content: bytes) -> dict[str, object] | None:
    """Return the content as a JSON object, or None."""
    try:
        value = json.loads(content)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def parsed(call: Call, status: int, content: bytes) -> dict[str, object]:
    """Return the JSON object of a successful answer, or raise InvalidResponse."""
    if not content.strip():
        raise odd_answer(call, status, "it is empty")
    value = json_object(content)
    if value is None:
        html = content.lstrip()[:1] == b"<"
        raise odd_answer(call, status, "it is a web page, perhaps a gateway's" if html else "it is not a JSON object")
    return value


def odd_answer(call: Call, status: int, problem: str, *, redirect: bool = False) -> InvalidResponse:
    """Return the error for an answer that isn't the API's."""
    return InvalidResponse(
        f"{call.action}: the answer ({status}) is not the API's: {problem}; check the base URL "
        "and what lies between (docs/errors.md#invalid-response)",
        status=status,
        redirect=redirect,
    )


def wrong_shape(call: Call, where: str) -> InvalidResponse:
    """Return the error for JSON that lacks what was asked for.

    Args:
        call: The request.
        where: Which part is missing or wrong.
    """
    return odd_answer(call, 200, f"{where} is missing or has another form")


def reason(content: bytes) -> str:
    """Return the API's own words for a refusal, as they came; empty without any."""
    value = json_object(content) or {}
    error = value.get("error", value.get("message", ""))
    said = error.get("message", "") if isinstance(error, dict) else error
    return said if isinstance(said, str) else ""


def path_part(value: str, what: str) -> str:
    """Return an identifier as a part of a path, or refuse one that could change the path.

    Raises:
        ConfigurationError: It has characters that no identifier has.
    """
    if not re.fullmatch(HASH_PATTERN, value):
        raise ConfigurationError(f"'{printable(value)}' can't identify a {what} (docs/errors.md#configuration)")
    return quote(value, safe="")
