"""Secret Manager's secrets: numbered versions with their states, labels, and an IAM policy."""

import base64
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from threading import RLock
from typing import Any

Json = dict[str, Any]
PROJECT_NUMBER = "123456789012"
_UPDATABLE = ("labels", "annotations", "versionDestroyTtl", "versionAliases")
_STATES = {"enable": "ENABLED", "disable": "DISABLED", "destroy": "DESTROYED"}


class ApiError(Exception):
    """A refused request, with the status that Google answers."""

    def __init__(self, code: HTTPStatus, status: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.status = status


def _now() -> datetime:
    return datetime.now(UTC)


def _text(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


@dataclass
class Version:
    """One value; a destroyed one has none."""

    name: str
    data: str | None
    state: str = "ENABLED"
    created: datetime = field(default_factory=_now)
    destroyed: datetime | None = None
    scheduled: datetime | None = None

    def record(self) -> Json:
        """Return what the API says of it."""
        times = {"destroyTime": self.destroyed, "scheduledDestroyTime": self.scheduled}
        record = {"name": self.name, "createTime": _text(self.created), "state": self.state, "etag": '"1"'}
        return record | {name: _text(moment) for name, moment in times.items() if moment}


@dataclass
class Secret:
    """One secret with its versions, the first numbered 1."""

    name: str
    settings: Json
    versions: list[Version] = field(default_factory=list)
    policy: Json = field(default_factory=lambda: {"etag": "ACAB"})
    created: datetime = field(default_factory=_now)

    def record(self) -> Json:
        """Return what the API says of it."""
        return self.settings | {"name": self.name, "createTime": _text(self.created), "etag": '"1"'}

    def version(self, number: str) -> Version:
        """Return a version; `latest` is the newest whatever its state."""
        index = len(self.versions) if number == "latest" else int(number) if number.isdigit() else 0
        if not 1 <= index <= len(self.versions):
            raise _not_found(f"{self.name}/versions/{number}")
        return self.versions[index - 1]


class Secrets:
    """The secrets of all projects, which share one number. Thread-safe."""

    def __init__(self) -> None:
        self._lock = RLock()
        self._secrets: dict[str, Secret] = {}

    def create(self, secret_id: str, settings: Json) -> Json:
        """Make a secret; a name that is taken is refused."""
        with self._lock:
            if secret_id in self._secrets:
                message = f"Secret [projects/{PROJECT_NUMBER}/secrets/{secret_id}] already exists."
                raise ApiError(HTTPStatus.CONFLICT, "ALREADY_EXISTS", message)
            if len(settings.get("replication") or {}) != 1:
                raise _invalid("Secret.replication must be automatic or user_managed")
            self._secrets[secret_id] = Secret(f"projects/{PROJECT_NUMBER}/secrets/{secret_id}", settings)
            return self._secrets[secret_id].record()

    def get(self, secret_id: str) -> Json:
        """Return a secret without its values."""
        with self._lock:
            return self._find(secret_id).record()

    def names(self) -> list[str]:
        """Return every secret's id."""
        with self._lock:
            return sorted(self._secrets)

    def update(self, secret_id: str, mask: list[str], changes: Json) -> Json:
        """Change the named fields; one that is named and not given is cleared."""
        with self._lock:
            secret = self._find(secret_id)
            for name in mask:
                if name not in _UPDATABLE:
                    raise _invalid(f"{name} can't be updated")
                secret.settings.pop(name, None)
                secret.settings |= {name: changes[name]} if changes.get(name) else {}
            return secret.record()

    def delete(self, secret_id: str) -> Json:
        """Delete a secret with all its versions, for good."""
        with self._lock:
            self._find(secret_id)
            del self._secrets[secret_id]
            return {}

    def add_version(self, secret_id: str, payload: Json) -> Json:
        """Add a value, which `latest` means from now on."""
        with self._lock:
            secret = self._find(secret_id)
            base64.b64decode(payload["data"], validate=True)
            number = len(secret.versions) + 1
            secret.versions.append(Version(f"{secret.name}/versions/{number}", payload["data"]))
            return secret.versions[-1].record()

    def version(self, secret_id: str, number: str) -> Json:
        """Return a version without its value."""
        with self._lock:
            return self._find(secret_id).version(number).record()

    def versions(self, secret_id: str) -> list[Json]:
        """Return a secret's versions, newest first."""
        with self._lock:
            return [version.record() for version in reversed(self._find(secret_id).versions)]

    def access(self, secret_id: str, number: str) -> Json:
        """Return a version's value; only an enabled one has one to give."""
        with self._lock:
            version = self._find(secret_id).version(number)
            if version.state != "ENABLED":
                message = f"Secret Version [{version.name}] is in {version.state} state."
                raise ApiError(HTTPStatus.BAD_REQUEST, "FAILED_PRECONDITION", message)
            return {"name": version.name, "payload": {"data": version.data}}

    def move(self, secret_id: str, number: str, verb: str) -> Json:
        """Enable, disable or destroy a version; a secret with a TTL only schedules the destruction."""
        with self._lock:
            secret = self._find(secret_id)
            version = secret.version(number)
            if version.state == "DESTROYED":
                message = f"Secret Version [{version.name}] is in DESTROYED state."
                raise ApiError(HTTPStatus.BAD_REQUEST, "FAILED_PRECONDITION", message)
            ttl = secret.settings.get("versionDestroyTtl")
            version.scheduled = None
            if verb == "destroy" and ttl:
                version.state = "DISABLED"
                version.scheduled = _now() + timedelta(seconds=float(ttl.removesuffix("s")))
                return version.record()
            version.state = _STATES[verb]
            if verb == "destroy":
                version.data, version.destroyed = None, _now()
            return version.record()

    def policy(self, secret_id: str) -> Json:
        """Return who may do what."""
        with self._lock:
            return self._find(secret_id).policy

    def set_policy(self, secret_id: str, policy: Json) -> Json:
        """Replace the policy; an etag that is not the present one is refused."""
        with self._lock:
            secret = self._find(secret_id)
            if policy.get("etag", secret.policy["etag"]) != secret.policy["etag"]:
                raise ApiError(HTTPStatus.CONFLICT, "ABORTED", "There were concurrent policy changes.")
            secret.policy = policy | {"etag": secrets.token_hex(4)}
            return secret.policy

    def _find(self, secret_id: str) -> Secret:
        if secret_id not in self._secrets:
            raise _not_found(f"projects/{PROJECT_NUMBER}/secrets/{secret_id}")
        return self._secrets[secret_id]


def _not_found(name: str) -> ApiError:
    return ApiError(HTTPStatus.NOT_FOUND, "NOT_FOUND", f"Secret [{name}] not found.")


def _invalid(message: str) -> ApiError:
    return ApiError(HTTPStatus.BAD_REQUEST, "INVALID_ARGUMENT", message)
