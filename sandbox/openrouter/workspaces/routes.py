"""Routes under /workspaces: list, create, and one by id or slug."""

from typing import Any

from sandbox.openrouter.area import Area
from sandbox.openrouter.errors import ApiError
from sandbox.openrouter.paging import Page
from sandbox.openrouter.store import Account
from sandbox.openrouter.workspaces.members import join
from sandbox.openrouter.workspaces.records import Workspace
from sandbox.openrouter.workspaces.requests import CreateWorkspace, UpdateWorkspace


class Workspaces(Area[Workspace]):
    """How workspaces live."""

    path = "/workspaces"
    noun = "Workspace"
    create_body = CreateWorkspace
    update_body = UpdateWorkspace
    query = Page

    def owned(self, account: Account) -> dict[str, Workspace]:
        """Return every workspace by id."""
        return account.workspaces

    def find(self, account: Account, name: str) -> Workspace | None:
        """Return a workspace by id or slug."""
        return account.workspace(name)

    def make(self, account: Account, wish: CreateWorkspace) -> Workspace:
        """Open a workspace, with who asks for it as its first member."""
        _check_slug(account, wish.slug)
        workspace = Workspace(fields=wish.model_dump(), created_at=account.now(), created_by=account.id)
        account.workspaces[workspace.id] = workspace
        join(account, workspace, account.id)
        return workspace

    def change(self, account: Account, item: Workspace, fields: dict[str, Any]) -> None:
        """Change the fields given."""
        if fields.get("slug", item.slug) != item.slug:
            _check_slug(account, fields["slug"])
        item.change(fields, account.now())

    def remove(self, account: Account, item: Workspace) -> None:
        """Close a workspace that is empty, also the default one: what names no workspace is a 400 then."""
        if any(key.workspace_id == item.id for key in account.keys.values()):
            raise ApiError(400, "Workspaces with active API keys cannot be deleted; remove the keys first")
        account.delete_workspace(item)


def _check_slug(account: Account, slug: str) -> None:
    if any(workspace.slug == slug for workspace in account.workspaces.values()):
        raise ApiError(400, "slug: already in use")


WORKSPACES = Workspaces()
ROUTES = WORKSPACES.routes()
