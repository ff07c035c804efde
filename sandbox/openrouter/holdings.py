"""What an account owns beside its keys, and what goes when one of it goes. Thread-safe."""

import uuid
from collections import defaultdict
from datetime import UTC, datetime
from threading import RLock

from sandbox.openrouter.byok.records import ByokKey
from sandbox.openrouter.guardrails.assigned import Assignments
from sandbox.openrouter.guardrails.records import Guardrail
from sandbox.openrouter.items import Item
from sandbox.openrouter.workspaces.records import Role, Workspace
from sandbox.openrouter.workspaces.requests import CreateWorkspace


class Holdings:
    """The workspaces, guardrails, other vendors' keys and people of one account."""

    def __init__(self) -> None:
        self.lock = RLock()
        self.id = f"user_{uuid.uuid4().hex}"
        self.organization_id = f"org_{uuid.uuid4().hex}"
        self.created_at = datetime.now(UTC)
        self.members: dict[str, Role] = {self.id: "admin"}
        self.default_workspace = Workspace(
            fields=CreateWorkspace(name="Default", slug="default").model_dump(),
            created_at=self.created_at,
            created_by=self.id,
            is_default=True,
        )
        self.workspaces = {self.default_workspace.id: self.default_workspace}
        self.guardrails: dict[str, Guardrail] = {}
        self.key_assignments = Assignments()
        self.member_assignments = Assignments()
        self.byok_keys: dict[str, ByokKey] = {}
        self.around: defaultdict[str, dict[str, Item]] = defaultdict(dict)
        # Every value of another vendor's key that was ever sent, so that leaks of it can be searched for.
        self.provider_keys: list[str] = []

    def workspace(self, name: str) -> Workspace | None:
        """Return a workspace by id or slug."""
        with self.lock:
            by_slug = (w for w in self.workspaces.values() if w.slug == name)
            return self.workspaces.get(name.lower()) or next(by_slug, None)

    def delete_workspace(self, workspace: Workspace) -> None:
        """Remove a workspace with its budgets and guardrails, and the other vendors' keys that were its own."""
        with self.lock:
            del self.workspaces[workspace.id]
            for guardrail in [g for g in self.guardrails.values() if g.workspace_id == workspace.id]:
                self.delete_guardrail(guardrail)
            for kept in self.around.values():
                gone = [each.id for each in kept.values() if getattr(each, "workspace_id", None) == workspace.id]
                for id_ in gone:
                    del kept[id_]
            self.byok_keys = {i: key for i, key in self.byok_keys.items() if key.workspace_id != workspace.id}

    def delete_guardrail(self, guardrail: Guardrail) -> None:
        """Remove a guardrail and release everybody from it."""
        with self.lock:
            self.guardrails.pop(guardrail.id, None)
            self.key_assignments.forget_guardrail(guardrail.id)
            self.member_assignments.forget_guardrail(guardrail.id)
