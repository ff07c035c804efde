"""Records answered in another spelling than they were given in, and meaning the same.

An operator saw an expiry of 18:40:10 read back as 18:40:08. Whether the API does the like to other values is unknown;
each can be played, since a client that takes one of them for a change would never come to rest.
"""

import json
import math
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from sandbox.openrouter.records import TimestampStyle, stamp
from sandbox.openrouter.settings import Settings
from sandbox.openrouter.wire import Answer

_ID_FIELDS = ("workspace_id", "key_hash", "allowed_api_key_hashes")
_NUMBER_FIELDS = ("limit", "limit_usd")
_TEXT_FIELDS = ("name", "description")
Change = Callable[[str, Any], Any]


def respell(answer: Answer, settings: Settings) -> Answer:
    """Return an answer with its records spelled as the settings want."""
    changes = [change for wanted, change in _CHANGES.items() if wanted in settings.respelled]
    if settings.expiry_early_seconds:
        changes.append(_earlier(settings.expiry_early_seconds, settings.timestamp_style))
    if not changes or answer.status >= 300:
        return answer
    body = json.loads(answer.body)
    if "data" not in body:
        return answer
    body["data"] = _walked(body["data"], changes)
    written = json.dumps(body).encode()
    kept = [header for header in answer.headers if header[0] != b"content-length"]
    return Answer(answer.status, [*kept, (b"content-length", str(len(written)).encode())], written)


def _walked(value: Any, changes: list[Change]) -> Any:
    if isinstance(value, list):
        return [_walked(part, changes) for part in value]
    if not isinstance(value, Mapping):
        return value
    return {name: _changed(name, part, changes) for name, part in value.items()}


def _changed(name: str, value: Any, changes: list[Change]) -> Any:
    for change in changes:
        value = change(name, value)
    return value


def _earlier(seconds: float, style: TimestampStyle) -> Change:
    def change(name: str, value: Any) -> Any:
        if name != "expires_at" or value is None:
            return value
        return stamp(datetime.fromisoformat(value) - timedelta(seconds=seconds), style)

    return change


def _trimmed(name: str, value: Any) -> Any:
    return value.strip() if name in _TEXT_FIELDS and isinstance(value, str) else value


def _noisy(name: str, value: Any) -> Any:
    """Return a number as the next one that a computer tells from it: 0.3 as 0.30000000000000004."""
    return math.nextafter(value, math.inf) if name in _NUMBER_FIELDS and value else value


def _upper(name: str, value: Any) -> Any:
    if name not in _ID_FIELDS or not value:
        return value
    return value.upper() if isinstance(value, str) else [each.upper() for each in value]


def _reversed(_name: str, value: Any) -> Any:
    return value[::-1] if isinstance(value, list) else value


_CHANGES: dict[str, Change] = {"names": _trimmed, "numbers": _noisy, "ids": _upper, "lists": _reversed}
