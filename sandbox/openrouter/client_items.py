"""The part of a control that concerns what an account owns beside its keys.

Everything here happens out of band: it is no call of the API, meets no fault, and sees every workspace at once.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

Record = dict[str, Any]


class ItemControl(ABC):
    """Lists, makes, edits and deletes workspaces, budgets, guardrails, assignments, other vendors' keys, members.

    Made and edited things take the fields of the API, and `created_at` and `updated_at` beside them.
    """

    def workspaces(self) -> list[Record]:
        """Return every workspace."""
        return self._array("GET", "/items/workspaces")

    def create_workspace(self, **fields: Any) -> Record:
        """Open a workspace; return its record."""
        return self._data("POST", "/items/workspaces", fields)

    def edit_workspace(self, workspace_id: str, **fields: Any) -> Record:
        """Set fields of a workspace; return its record."""
        return self._data("PATCH", f"/items/workspaces/{workspace_id}", fields)

    def delete_workspace(self, workspace_id: str) -> None:
        """Close a workspace."""
        self._request("DELETE", f"/items/workspaces/{workspace_id}")

    def budgets(self, workspace_id: str) -> list[Record]:
        """Return the budgets of a workspace."""
        return self._array("GET", f"/workspaces/{workspace_id}/budgets")

    def edit_budget(self, workspace_id: str, interval: str, **fields: Any) -> Record:
        """Make or change a budget; return its record."""
        return self._data("PUT", f"/workspaces/{workspace_id}/budgets/{interval}", fields)

    def delete_budget(self, workspace_id: str, interval: str) -> None:
        """Delete a budget."""
        self._request("DELETE", f"/workspaces/{workspace_id}/budgets/{interval}")

    def guardrails(self) -> list[Record]:
        """Return every guardrail of every workspace."""
        return self._array("GET", "/items/guardrails")

    def create_guardrail(self, **fields: Any) -> Record:
        """Create a guardrail; return its record."""
        return self._data("POST", "/items/guardrails", fields)

    def edit_guardrail(self, guardrail_id: str, **fields: Any) -> Record:
        """Set fields of a guardrail; return its record."""
        return self._data("PATCH", f"/items/guardrails/{guardrail_id}", fields)

    def delete_guardrail(self, guardrail_id: str) -> None:
        """Delete a guardrail and its assignments."""
        self._request("DELETE", f"/items/guardrails/{guardrail_id}")

    def byok_keys(self) -> list[Record]:
        """Return every key of another vendor, in every workspace."""
        return self._array("GET", "/items/byok")

    def create_byok_key(self, **fields: Any) -> Record:
        """Take a key of another vendor in; return its record."""
        return self._data("POST", "/items/byok", fields)

    def edit_byok_key(self, byok_key_id: str, **fields: Any) -> Record:
        """Set fields of a key of another vendor, `key` included; return its record."""
        return self._data("PATCH", f"/items/byok/{byok_key_id}", fields)

    def delete_byok_key(self, byok_key_id: str) -> None:
        """Delete a key of another vendor."""
        self._request("DELETE", f"/items/byok/{byok_key_id}")

    def key_assignments(self) -> list[Record]:
        """Return every assignment of a key to a guardrail."""
        return self._array("GET", "/assignments/keys")

    def assign_keys(self, guardrail_id: str, key_hashes: Sequence[str]) -> None:
        """Put keys under a guardrail."""
        self._request("POST", f"/assignments/keys?guardrail_id={guardrail_id}", {"key_hashes": list(key_hashes)})

    def unassign_keys(self, guardrail_id: str, key_hashes: Sequence[str]) -> None:
        """Release keys from a guardrail."""
        self._request("DELETE", f"/assignments/keys?guardrail_id={guardrail_id}", {"key_hashes": list(key_hashes)})

    def member_assignments(self) -> list[Record]:
        """Return every assignment of a member to a guardrail."""
        return self._array("GET", "/assignments/members")

    def assign_members(self, guardrail_id: str, user_ids: Sequence[str]) -> None:
        """Put members under a guardrail."""
        self._request("POST", f"/assignments/members?guardrail_id={guardrail_id}", {"member_user_ids": list(user_ids)})

    def unassign_members(self, guardrail_id: str, user_ids: Sequence[str]) -> None:
        """Release members from a guardrail."""
        body = {"member_user_ids": list(user_ids)}
        self._request("DELETE", f"/assignments/members?guardrail_id={guardrail_id}", body)

    def items(self, area: str) -> list[Record]:
        """Return everything of one kind of what surrounds the keys, by the name of its area."""
        return self._array("GET", f"/items/{area}")

    def create_item(self, area: str, **fields: Any) -> Record:
        """Make one; return its record."""
        return self._data("POST", f"/items/{area}", fields)

    def edit_item(self, area: str, id_: str, **fields: Any) -> Record:
        """Set fields of one; return its record."""
        return self._data("PATCH", f"/items/{area}/{id_}", fields)

    def delete_item(self, area: str, id_: str) -> None:
        """Delete one."""
        self._request("DELETE", f"/items/{area}/{id_}")

    def members(self) -> list[Record]:
        """Return `user_id` and `role` of everybody in the organization; at first that is who opened the account."""
        return self._array("GET", "/members")

    def add_member(self, user_id: str, role: str = "member") -> None:
        """Let somebody into the organization, as a `member` or an `admin`."""
        self._request("POST", "/members", {"user_id": user_id, "role": role})

    @abstractmethod
    def _request(self, method: str, path: str, body: Record | None = None) -> Any:
        """Ask the control endpoint."""

    def _object(self, method: str, path: str, body: Record | None = None) -> Record:
        answer: Record = self._request(method, path, body)
        return answer

    def _array(self, method: str, path: str) -> list[Record]:
        answer: list[Record] = self._request(method, path)
        return answer

    def _data(self, method: str, path: str, body: Record) -> Record:
        record: Record = self._object(method, path, body)["data"]
        return record
