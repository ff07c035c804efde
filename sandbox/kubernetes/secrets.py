"""The Secrets of a cluster."""

import base64
import binascii
import re
from http import HTTPStatus
from typing import Any

from sandbox.kubernetes.objects import Json, Objects, StatusError

_FIELD = re.compile(r"[A-Za-z0-9._-]{1,253}")


class Secrets(Objects):
    """All Secrets; each key of a Secret's data has an owner."""

    api_version = "v1"
    kind = "Secret"
    plural = "secrets"
    content = "data"

    def checked(self, body: Json) -> Json:
        """Return the Secret with its stringData in its data."""
        secret = super().checked(body)
        text = secret.pop("stringData", None) or {}
        encoded = {name: base64.b64encode(value.encode()).decode() for name, value in text.items()}
        secret["data"] = (secret.get("data") or {}) | encoded
        for field, value in secret["data"].items():
            valid = _FIELD.fullmatch(field) is not None
            self.require(valid, secret["metadata"]["name"], f"data[{field}]: Invalid value: a valid config key")
            _decode(value)
        return {"type": "Opaque"} | secret

    def forbid(self, before: Json, after: Json) -> None:
        """Refuse another type, and any other data of an immutable Secret."""
        super().forbid(before, after)
        name = before["metadata"]["name"]
        self.require(before["type"] == after["type"], name, "type: Invalid value: field is immutable")
        frozen = before.get("immutable") and (before["data"] != after["data"] or not after.get("immutable"))
        self.require(not frozen, name, "data: Forbidden: field is immutable when `immutable` is set")


def _decode(value: Any) -> None:
    try:
        base64.b64decode(value, validate=True)
    except (binascii.Error, TypeError, ValueError):
        raise StatusError(HTTPStatus.BAD_REQUEST, "BadRequest", "illegal base64 data in Secret.data") from None
