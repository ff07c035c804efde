"""The members of workspaces, as they can be edited out of band; their routes are the workspaces'."""

from typing import Any

from pydantic import BaseModel

from sandbox.openrouter.area import Area
from sandbox.openrouter.errors import ApiError
from sandbox.openrouter.paging import Page
from sandbox.openrouter.store import Account
from sandbox.openrouter.validation import Text
from sandbox.openrouter.workspaces.members import join
from sandbox.openrouter.workspaces.records import Member


class NewMembership(BaseModel):
    """Somebody who is let into a workspace."""

    workspace_id: Text
    user_id: Text


class Memberships(Area[Member]):
    """Who was let into the workspaces."""

    path = "/memberships"
    noun = "Membership"
    create_body = NewMembership
    update_body = NewMembership
    query = Page

    def owned(self, account: Account) -> dict[str, Member]:
        """Return every membership by its id, but for the default workspace, which everybody is in."""
        workspaces = account.workspaces.values()
        return {member.id: member for workspace in workspaces for member in workspace.members.values()}

    def make(self, account: Account, wish: NewMembership) -> Member:
        """Let somebody in."""
        return join(account, account.workspaces[wish.workspace_id], wish.user_id)

    def change(self, account: Account, item: Member, fields: dict[str, Any]) -> None:
        """Refuse: a membership has nothing to change."""
        del account, item, fields
        raise ApiError(405, "Method not allowed")

    def remove(self, account: Account, item: Member) -> None:
        """Put somebody out."""
        account.workspaces[item.workspace_id].members.pop(str(item.fields["user_id"]), None)


AREAS = {"memberships": Memberships()}
