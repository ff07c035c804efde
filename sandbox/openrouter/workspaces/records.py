"""A workspace with its budgets and its members."""

import uuid
from dataclasses import dataclass, field
from typing import Any, Literal

from sandbox.openrouter.items import Item, WorkspaceItem
from sandbox.openrouter.records import TimestampStyle, Window
from sandbox.openrouter.workspaces.requests import Interval

Role = Literal["admin", "member"]


@dataclass(kw_only=True)
class Budget(WorkspaceItem):
    """What all keys of a workspace may spend together within an interval."""

    interval: Interval

    @property
    def limit_usd(self) -> float:
        """Return the limit."""
        return float(self.fields["limit_usd"])

    @property
    def window(self) -> Window | None:
        """Return the window after which spending starts anew, or None when it never does."""
        return None if self.interval == "lifetime" else self.interval

    def record(self, style: TimestampStyle) -> dict[str, Any]:
        """Return the budget as the API's record."""
        return super().record(style) | {"reset_interval": self.window}


@dataclass(kw_only=True)
class Member(WorkspaceItem):
    """A person's membership of a workspace."""

    def record(self, style: TimestampStyle) -> dict[str, Any]:
        """Return the membership as the API's record."""
        record = super().record(style)
        del record["updated_at"]
        return record


@dataclass(kw_only=True)
class Workspace(Item):
    """A workspace: keys live in exactly one."""

    created_by: str
    is_default: bool = False
    include_byok_in_budgets: bool = False
    budgets: dict[Interval, Budget] = field(default_factory=dict)
    members: dict[str, Member] = field(default_factory=dict)

    @property
    def slug(self) -> str:
        """Return the name used in addresses."""
        return str(self.fields["slug"])

    @property
    def default_guardrail_id(self) -> str:
        """Return the id that the workspace's default guardrail has, or will have once it is configured."""
        return str(uuid.uuid5(uuid.UUID(self.id), "default-guardrail"))

    def record(self, style: TimestampStyle) -> dict[str, Any]:
        """Return the workspace as the API's record."""
        return super().record(style) | {
            "default_guardrail_id": self.default_guardrail_id,
            "include_byok_in_budgets": self.include_byok_in_budgets,
            "created_by": self.created_by,
        }
