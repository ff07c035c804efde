"""What an account owns beside its keys, in the form that all of it has in common."""

import uuid
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sandbox.openrouter.records import TimestampStyle, stamp


@dataclass(kw_only=True)
class Item:
    """A thing with an id: the fields that a request may set, and when it was made and changed."""

    fields: dict[str, Any]
    created_at: datetime
    updated_at: datetime | None = None
    id: str = field(default_factory=lambda: str(uuid.uuid4()))

    def change(self, fields: dict[str, Any], now: datetime) -> None:
        """Set the fields given and note when that was."""
        self.fields |= fields
        self.updated_at = now

    def record(self, style: TimestampStyle) -> dict[str, Any]:
        """Return the thing as the API's record."""
        return {
            "id": self.id,
            **self.fields,
            "created_at": stamp(self.created_at, style),
            "updated_at": stamp(self.updated_at, style),
        }


@dataclass(kw_only=True)
class WorkspaceItem(Item):
    """A thing that belongs to one workspace."""

    workspace_id: str

    def record(self, style: TimestampStyle) -> dict[str, Any]:
        """Return the thing as the API's record."""
        return super().record(style) | {"workspace_id": self.workspace_id}
