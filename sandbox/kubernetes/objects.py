"""The objects of one kind in a cluster: what every API server does with them, and whose each part of them is."""

import copy
import re
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from http import HTTPStatus
from threading import RLock
from typing import Any, ClassVar

Json = dict[str, Any]
NAMESPACES = ("default", "kube-system")
_PART = r"[a-z0-9]([a-z0-9-]*[a-z0-9])?"
_NAME = re.compile(rf"(?=.{{1,253}}\Z){_PART}(\.{_PART})*")
_MANAGED = ("labels", "annotations")


class StatusError(Exception):
    """A request that the API server refuses; the message is in its words."""

    def __init__(self, code: HTTPStatus, reason: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.reason = reason


class Objects:
    """One kind's objects in all namespaces. Thread-safe.

    A part of an object's content belongs to the field manager that wrote it last: one that applies another value
    without force is refused, and one that no longer applies its own part takes that away.

    Attributes:
        api_version: the kind's group and version.
        kind: its name.
        plural: its name in paths and refusals.
        content: the property whose parts have owners.
    """

    api_version: ClassVar[str]
    kind: ClassVar[str]
    plural: ClassVar[str]
    content: ClassVar[str]

    def __init__(self) -> None:
        self._lock = RLock()
        self._namespaces: dict[str, dict[str, Json]] = {name: {} for name in NAMESPACES}
        self._owners: dict[tuple[str, str], dict[str, str]] = {}
        self._revision = 0

    @property
    def path(self) -> str:
        """Where the API serves them, with the namespace left open."""
        root = "api" if self.api_version == "v1" else "apis"
        return f"/{root}/{self.api_version}/namespaces/{{namespace}}/{self.plural}"

    def checked(self, body: Json) -> Json:
        """Return a valid object, with what the API server fills in; StatusError where it isn't one."""
        found: Json = {"apiVersion": self.api_version, "kind": self.kind} | copy.deepcopy(body)
        name = str((found.get("metadata") or {}).get("name") or "")
        self.require(
            _NAME.fullmatch(name) is not None, name, "metadata.name: Invalid value: a lowercase RFC 1123 subdomain"
        )
        return found

    def forbid(self, before: Json, after: Json) -> None:
        """Raise StatusError for a change that is never made."""
        for field in ("uid", "name", "namespace"):
            same = before["metadata"][field] == after["metadata"].get(field)
            self.require(same, before["metadata"]["name"], f"metadata.{field}: field is immutable")

    def require(self, holds: bool, name: str, why: str) -> None:
        """Raise StatusError for an object that isn't valid."""
        if not holds:
            raise StatusError(HTTPStatus.UNPROCESSABLE_ENTITY, "Invalid", f'{self.kind} "{name}" is invalid: {why}')

    def list(self, namespace: str) -> list[Json]:
        """Return a namespace's objects."""
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
                raise _not_found(namespace, "namespaces")
            found = self.checked(body)
            name = found["metadata"]["name"]
            if name in self._namespaces[namespace]:
                raise StatusError(HTTPStatus.CONFLICT, "AlreadyExists", f'{self.plural} "{name}" already exists')
            found["metadata"] |= {"namespace": namespace, "uid": str(uuid.uuid4()), "creationTimestamp": _now()}
            self._owners[namespace, name] = dict.fromkeys(self._parts(found), manager)
            return self._keep(namespace, name, found)

    def merge(self, namespace: str, name: str, patch: Json, manager: str) -> Json:
        """Change one by a merge patch, whoever its parts belong to, as `kubectl patch` and `kubectl edit` do."""
        with self._lock:
            before = self._found(namespace, name)
            found = self.checked(_merged(before, patch))
            written = {part for part, value in self._parts(found).items() if self._parts(before).get(part) != value}
            self._owners[namespace, name] |= dict.fromkeys(written, manager)
            return self._keep(namespace, name, found, before)

    def apply(self, namespace: str, name: str, body: Json, manager: str, *, force: bool) -> Json:
        """Change one by server-side apply; StatusError where another manager's part would change without force."""
        with self._lock:
            before, wanted = self._found(namespace, name), self.checked(body)
            owners, parts = self._owners[namespace, name], self._parts(wanted)
            if not force:
                self._refuse_conflicts(before, parts, owners, manager)
            given_up = {part for part, owner in owners.items() if owner == manager and part not in parts}
            kept = {part: value for part, value in self._parts(before).items() if part not in given_up}
            others = {field: value for field, value in wanted.items() if field not in ("metadata", "status")}
            found = copy.deepcopy(before) | others | {self.content: kept | parts}
            for part in _MANAGED:
                found["metadata"][part] = wanted["metadata"].get(part) or {}
            owners |= dict.fromkeys(parts, manager)
            return self._keep(namespace, name, found, before)

    def delete(self, namespace: str, name: str) -> Json:
        """Remove one, and return it."""
        with self._lock:
            self._found(namespace, name)
            return self._namespaces[namespace].pop(name)

    def _refuse_conflicts(self, before: Json, parts: Json, owners: dict[str, str], manager: str) -> None:
        live = self._parts(before)
        taken = sorted(n for n, v in parts.items() if owners.get(n, manager) != manager and live.get(n) != v)
        if taken:
            conflicts = ", ".join(f'conflict with "{owners[part]}": .{self.content}.{part}' for part in taken)
            raise StatusError(HTTPStatus.CONFLICT, "Conflict", f"Apply failed with {len(taken)} conflicts: {conflicts}")

    def _parts(self, found: Json) -> Json:
        parts: Json = found.get(self.content) or {}
        return parts

    def _found(self, namespace: str, name: str) -> Json:
        found = self._namespaces.get(namespace, {}).get(name)
        if found is None:
            raise _not_found(name, self.plural)
        return found

    def _keep(self, namespace: str, name: str, found: Json, before: Json | None = None) -> Json:
        if before is not None:
            self.forbid(before, found)
        self._revision += 1
        found["metadata"]["resourceVersion"] = str(self._revision)
        self._namespaces[namespace][name] = found
        return copy.deepcopy(found)


def _not_found(name: str, plural: str) -> StatusError:
    return StatusError(HTTPStatus.NOT_FOUND, "NotFound", f'{plural} "{name}" not found')


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
