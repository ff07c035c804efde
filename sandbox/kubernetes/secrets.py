"""The Secrets of a cluster: what the API server checks, fills in and refuses, and whose each key of their data is."""

import base64
import binascii
import copy
import re
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from http import HTTPStatus
from threading import RLock
from typing import Any

Json = dict[str, Any]
NAMESPACES = ("default", "kube-system")
_PART = r"[a-z0-9]([a-z0-9-]*[a-z0-9])?"
_NAME = re.compile(rf"(?=.{{1,253}}\Z){_PART}(\.{_PART})*")
_FIELD = re.compile(r"[A-Za-z0-9._-]{1,253}")
_MANAGED = ("labels", "annotations")


class StatusError(Exception):
    """A request that the API server refuses; the message is in its words."""

    def __init__(self, code: HTTPStatus, reason: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.reason = reason


def not_found(name: str, kind: str = "secrets") -> StatusError:
    """Return the refusal of a name that there is not."""
    return StatusError(HTTPStatus.NOT_FOUND, "NotFound", f'{kind} "{name}" not found')


class Secrets:
    """All namespaces. Thread-safe.

    A key of a Secret's data belongs to the field manager that wrote it last: one that applies another value without
    force is refused, and one that no longer applies its own key takes that away.
    """

    def __init__(self) -> None:
        self._lock = RLock()
        self._namespaces: dict[str, dict[str, Json]] = {name: {} for name in NAMESPACES}
        self._owners: dict[tuple[str, str], dict[str, str]] = {}
        self._revision = 0

    def list(self, namespace: str) -> list[Json]:
        """Return a namespace's Secrets."""
        with self._lock:
            return copy.deepcopy([found for _, found in sorted(self._namespaces.get(namespace, {}).items())])

    def get(self, namespace: str, name: str) -> Json:
        """Return one; StatusError where there is none."""
        with self._lock:
            return copy.deepcopy(self._found(namespace, name))

    def create(self, namespace: str, body: Json, manager: str) -> Json:
        """Make one; StatusError where the name is taken, the namespace unknown or the body wrong."""
        with self._lock:
            if namespace not in self._namespaces:
                raise not_found(namespace, "namespaces")
            secret = _checked(body)
            name = secret["metadata"]["name"]
            if name in self._namespaces[namespace]:
                raise StatusError(HTTPStatus.CONFLICT, "AlreadyExists", f'secrets "{name}" already exists')
            made = {"namespace": namespace, "uid": str(uuid.uuid4()), "creationTimestamp": _now()}
            secret["metadata"] |= made
            self._owners[namespace, name] = dict.fromkeys(secret.get("data") or {}, manager)
            return self._keep(namespace, name, secret)

    def merge(self, namespace: str, name: str, patch: Json, manager: str) -> Json:
        """Change one by a merge patch, whoever its fields belong to, as `kubectl patch` and `kubectl edit` do."""
        with self._lock:
            before = self._found(namespace, name)
            secret = _checked(_merged(before, patch))
            written = {
                field for field, value in (secret.get("data") or {}).items() if _data(before).get(field) != value
            }
            self._owners[namespace, name] |= dict.fromkeys(written, manager)
            return self._keep(namespace, name, secret, before)

    def apply(self, namespace: str, name: str, body: Json, manager: str, *, force: bool) -> Json:
        """Change one by server-side apply; StatusError where another manager's field would change without force."""
        with self._lock:
            before, wanted = self._found(namespace, name), _checked(body)
            owners, data = self._owners[namespace, name], _data(wanted)
            taken = sorted(
                n for n, v in data.items() if owners.get(n, manager) != manager and _data(before).get(n) != v
            )
            if taken and not force:
                conflicts = ", ".join(f'conflict with "{owners[field]}": .data.{field}' for field in taken)
                raise StatusError(
                    HTTPStatus.CONFLICT, "Conflict", f"Apply failed with {len(taken)} conflicts: {conflicts}"
                )
            given_up = {field for field, owner in owners.items() if owner == manager and field not in data}
            kept = {field: value for field, value in _data(before).items() if field not in given_up}
            secret = copy.deepcopy(before) | {"data": kept | data, "type": wanted.get("type", before["type"])}
            for part in _MANAGED:
                secret["metadata"][part] = wanted["metadata"].get(part) or {}
            owners |= dict.fromkeys(data, manager)
            return self._keep(namespace, name, secret, before)

    def delete(self, namespace: str, name: str) -> Json:
        """Remove one, and return it."""
        with self._lock:
            self._found(namespace, name)
            return self._namespaces[namespace].pop(name)

    def _found(self, namespace: str, name: str) -> Json:
        found = self._namespaces.get(namespace, {}).get(name)
        if found is None:
            raise not_found(name)
        return found

    def _keep(self, namespace: str, name: str, secret: Json, before: Json | None = None) -> Json:
        if before is not None:
            _refuse_forbidden(name, before, secret)
        self._revision += 1
        secret["metadata"]["resourceVersion"] = str(self._revision)
        self._namespaces[namespace][name] = secret
        return copy.deepcopy(secret)


def _data(secret: Json) -> Json:
    found: Json = secret.get("data") or {}
    return found


def _checked(body: Json) -> Json:
    """Return the Secret with its stringData in its data; StatusError where it isn't valid."""
    secret = copy.deepcopy(body)
    text = secret.pop("stringData", None) or {}
    secret["data"] = _data(secret) | {name: base64.b64encode(value.encode()).decode() for name, value in text.items()}
    name = str((secret.get("metadata") or {}).get("name") or "")
    _require(_NAME.fullmatch(name) is not None, name, "metadata.name: Invalid value: a lowercase RFC 1123 subdomain")
    for field, value in secret["data"].items():
        _require(_FIELD.fullmatch(field) is not None, name, f"data[{field}]: Invalid value: a valid config key")
        _decode(value)
    return {"apiVersion": "v1", "kind": "Secret", "type": "Opaque"} | secret


def _decode(value: Any) -> None:
    try:
        base64.b64decode(value, validate=True)
    except (binascii.Error, TypeError, ValueError):
        raise StatusError(HTTPStatus.BAD_REQUEST, "BadRequest", "illegal base64 data in Secret.data") from None


def _refuse_forbidden(name: str, before: Json, after: Json) -> None:
    _require(before["type"] == after["type"], name, "type: Invalid value: field is immutable")
    frozen = before.get("immutable") and (_data(before) != _data(after) or not after.get("immutable"))
    _require(not frozen, name, "data: Forbidden: field is immutable when `immutable` is set")
    for field in ("uid", "name", "namespace"):
        _require(
            before["metadata"][field] == after["metadata"].get(field), name, f"metadata.{field}: field is immutable"
        )


def _require(holds: bool, name: str, why: str) -> None:
    if not holds:
        raise StatusError(HTTPStatus.UNPROCESSABLE_ENTITY, "Invalid", f'Secret "{name}" is invalid: {why}')


def _merged(before: Any, patch: Any) -> Any:
    """Return a JSON merge patch's outcome (RFC 7386)."""
    if not isinstance(patch, dict):
        return patch
    merged = dict(before) if isinstance(before, dict) else {}
    for name, value in patch.items():
        if value is None:
            merged.pop(name, None)
        else:
            merged[name] = _merged(merged.get(name), value)
    return merged


def _now(clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> str:
    return clock().isoformat(timespec="seconds").replace("+00:00", "Z")
