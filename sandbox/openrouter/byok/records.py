"""Another vendor's key as the account keeps it: of its value only the label is ever shown."""

from dataclasses import dataclass
from typing import Any

from sandbox.openrouter.items import WorkspaceItem
from sandbox.openrouter.records import TimestampStyle

_LONG_ENOUGH = 16


def masked(plaintext: str) -> str:
    """Return the snippet by which people recognize a key; a short one is not shown at all."""
    return f"{plaintext[:3]}...{plaintext[-4:]}" if len(plaintext) >= _LONG_ENOUGH else "..."


@dataclass(kw_only=True)
class ByokKey(WorkspaceItem):
    """Another vendor's key."""

    label: str
    sort_order: int

    def record(self, style: TimestampStyle) -> dict[str, Any]:
        """Return the key as the API's record, which doesn't tell when it was changed."""
        record = super().record(style) | {"label": self.label, "sort_order": self.sort_order}
        del record["updated_at"]
        return record
