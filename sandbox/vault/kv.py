"""A KV version 2 engine: numbered versions of each path, soft deletion, and metadata that goes with the path."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import RLock
from typing import Any

Json = dict[str, Any]
DEFAULT_MAX_VERSIONS = 10


class KvError(Exception):
    """A request that Vault refuses with 400; the message is Vault's."""


def _now() -> str:
    return datetime.now(UTC).isoformat().replace("+00:00", "Z")


@dataclass
class Version:
    """One version's fields and life."""

    number: int
    data: Json
    created_time: str = field(default_factory=_now)
    deletion_time: str = ""

    def metadata(self, custom: Json | None) -> Json:
        """Return what Vault says of it."""
        return {
            "created_time": self.created_time,
            "custom_metadata": custom,
            "deletion_time": self.deletion_time,
            "destroyed": False,
            "version": self.number,
        }


@dataclass
class Secret:
    """One path; `number` is its newest version's."""

    number: int = 0
    versions: dict[int, Version] = field(default_factory=dict)
    custom: Json | None = None
    settings: Json = field(default_factory=dict)


class KvEngine:
    """The engine at one mount. Thread-safe."""

    def __init__(self) -> None:
        self._lock = RLock()
        self._secrets: dict[str, Secret] = {}

    def write(self, path: str, body: Json) -> Json:
        """Add a version and return its metadata; the oldest one beyond ten is dropped."""
        with self._lock:
            secret = self._secrets.get(path) or Secret()
            cas = (body.get("options") or {}).get("cas")
            if cas is not None and int(cas) != secret.number:
                raise KvError("check-and-set parameter did not match the current version")
            if not isinstance(body.get("data"), dict):
                raise KvError("no data provided")
            secret.number += 1
            secret.versions[secret.number] = Version(secret.number, body["data"])
            secret.versions.pop(secret.number - DEFAULT_MAX_VERSIONS, None)
            self._secrets[path] = secret
            return secret.versions[secret.number].metadata(secret.custom)

    def read(self, path: str, number: int = 0) -> Json | None:
        """Return a version, 0 for the newest, with data null where it is deleted; None where there is none."""
        with self._lock:
            secret = self._secrets.get(path)
            version = secret.versions.get(number or secret.number) if secret else None
            if secret is None or version is None:
                return None
            data = None if version.deletion_time else version.data
            return {"data": data, "metadata": version.metadata(secret.custom)}

    def delete_latest(self, path: str) -> None:
        """Mark the newest version deleted; its data can be had again with undelete."""
        with self._lock:
            secret = self._secrets.get(path)
            if secret and secret.number in secret.versions:
                secret.versions[secret.number].deletion_time = _now()

    def delete_all(self, path: str) -> None:
        """Forget the path."""
        with self._lock:
            self._secrets.pop(path, None)

    def describe(self, path: str) -> Json | None:
        """Return the path's metadata."""
        with self._lock:
            secret = self._secrets.get(path)
            if secret is None:
                return None
            versions = {str(n): version.metadata(None) for n, version in secret.versions.items()}
            settings = {"cas_required": False, "delete_version_after": "0s", "max_versions": 0} | secret.settings
            return {"current_version": secret.number, "custom_metadata": secret.custom, "versions": versions} | settings

    def annotate(self, path: str, body: Json) -> None:
        """Set the path's custom metadata and settings; a path may have them before its first version."""
        with self._lock:
            secret = self._secrets.setdefault(path, Secret())
            if "custom_metadata" in body:
                secret.custom = body["custom_metadata"] or None
            secret.settings |= {name: body[name] for name in ("cas_required", "max_versions") if name in body}

    def paths(self) -> list[str]:
        """Return every path that has a version."""
        with self._lock:
            return sorted(path for path, secret in self._secrets.items() if secret.versions)
