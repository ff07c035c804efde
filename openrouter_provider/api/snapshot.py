"""An account's keys as one listing found them, in a file: many previews that run side by side list it once.

The file holds records, never a value. It is believed only by a process that asks the same account, and not for long.
"""

import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from .models import KeyRecord

VARIABLE = "OPENROUTER_KEYS_SNAPSHOT"
"""Names the file to a run's provider process. Set for previews only: what an update decides, it asks itself."""
BELIEVED_SECONDS = 600
_RECORDS = TypeAdapter(list[KeyRecord])


def write_snapshot(file: Path, base_url: str, management_key: str, records: Iterable[KeyRecord]) -> None:
    """Write a listing to a new file that only its owner can read."""
    keys = _RECORDS.dump_python(list(records), mode="json")
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as opened:
        json.dump({"account": _account(base_url, management_key), "keys": keys}, opened)


def read_snapshot(
    environment: Mapping[str, str], base_url: str, management_key: str, now: float
) -> dict[str, KeyRecord]:
    """Return the keys by hash; none where there is no such file, or it is old, damaged or another account's.

    Args:
        environment: names the file.
        base_url: the API's.
        management_key: the account's.
        now: seconds since the epoch.
    """
    file = Path(environment.get(VARIABLE) or os.devnull)
    try:
        if abs(now - file.stat().st_mtime) > BELIEVED_SECONDS:
            return {}
        found = json.loads(file.read_text(encoding="utf-8"))
        if found["account"] != _account(base_url, management_key):
            return {}
        return {record.hash: record for record in _RECORDS.validate_python(found["keys"])}
    except (OSError, ValueError, KeyError, TypeError, ValidationError):
        return {}


def _account(base_url: str, management_key: str) -> str:
    return hashlib.sha256(f"{base_url}\n{management_key}".encode()).hexdigest()
