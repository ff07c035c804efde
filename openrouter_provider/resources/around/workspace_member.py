"""A person's membership of a workspace as a resource.

API: https://openrouter.ai/docs/guides/features/workspaces
"""

from collections.abc import Mapping
from typing import Any

from pulumi import Input, Output, ResourceOptions

from ...api.errors import NotFound, ResponseError
from ...api.http.answers import path_part
from ...api.scrub import printable
from ...api.workspaces import MemberRecord
from ...keys.checks import check_id
from ...keys.fields import Field, Props
from ..declared import RecordResource
from ..record import RecordProvider

_REFUSED = 400
_HINTS = {
    "add": "only people of the organisation can be let in, and the default workspace has all of them anyway",
    "remove": "a person who has API keys in the workspace stays: delete or move those first; whom an identity provider "
    "manages (SCIM) is put out there",
}


class WorkspaceMemberProvider(RecordProvider):
    """The life cycle of one membership: it has nothing that could be changed."""

    what = "workspace member"
    fields = (
        Field("workspace_id", check_id, required=True, replaces=True, shown=False),
        Field("user_id", check_id, required=True, replaces=True),
    )
    settings = ()
    decided = ("role", "created_at")
    repeatable = True

    def identity(self, record: MemberRecord, props: Mapping[str, Any]) -> str:
        """Return the workspace as it was named, and the person."""
        return f"{props['workspace_id']}/{record.user_id}"

    def make(self, props: Props) -> MemberRecord:
        """Let the person in, who is left alone where they are in already."""
        id_ = f"{props['workspace_id']}/{props['user_id']}"
        try:
            return self.fetch(id_, props)
        except NotFound:
            self._move("add", id_)
        record = self.fetch(id_, props)
        self.session.listings.forget(_members_of(str(props["workspace_id"])))  # Others are let in by now.
        return record

    def fetch(self, id_: str, props: Mapping[str, Any]) -> MemberRecord:
        """Find the person among the workspace's members, listed once a run."""
        del props
        workspace_id, _, user_id = id_.rpartition("/")
        members = self.session.listings.read(
            _members_of(workspace_id), lambda: self.session.client.list_members(workspace_id)
        )
        found = next((member for member in members if member.user_id == user_id), None)
        if found is None:
            message = f"reading workspace member {printable(user_id)}: workspace {printable(workspace_id)} hasn't one"
            raise NotFound(404, "GET", "/workspaces/members", None, message)
        return found

    def now(self, id_: str, props: Mapping[str, Any], record: MemberRecord) -> Props:
        """Return the properties as they are; the workspace stays as it was named."""
        return {**super().now(id_, props, record), "workspace_id": id_.rpartition("/")[0]}

    def remove(self, id_: str, props: Mapping[str, Any]) -> None:
        """Put the person out of the workspace, but not of the organisation."""
        del props
        self._move("remove", id_)

    def _move(self, verb: str, id_: str) -> None:
        workspace_id, _, user_id = id_.rpartition("/")
        path = f"/workspaces/{path_part(workspace_id, 'workspace')}/members/{verb}"
        action = f"{'adding' if verb == 'add' else 'removing'} workspace member {printable(user_id)}"
        self.session.listings.forget(_members_of(workspace_id))
        try:
            self.session.client.post_again(path, action, {"user_ids": [user_id]})
        except ResponseError as error:
            if error.status == _REFUSED:
                error.amend(_HINTS[verb])
            raise


def _members_of(workspace_id: str) -> tuple[str, str]:
    """Return what the listing of a workspace's members is remembered by."""
    return "workspace members", workspace_id


class WorkspaceMember(RecordResource, module="openrouter", name="WorkspaceMember"):
    """That a person of the organisation is in a workspace; its id is `<workspace_id>/<user_id>`.

    The role is the person's in the organisation, and is changed there. Whoever was in the workspace before is out of it
    once this resource is deleted.
    """

    provider_class = WorkspaceMemberProvider

    workspace_id: Output[str]
    user_id: Output[str]
    role: Output[str]
    created_at: Output[str]

    def __init__(
        self,
        resource_name: str,
        *,
        workspace_id: Input[str],
        user_id: Input[str],
        opts: ResourceOptions | None = None,
    ) -> None:
        """Declare a membership.

        Args:
            resource_name: the resource's logical name.
            workspace_id: the workspace's id or slug, not the account's default one; a change moves the person.
            user_id: the person, as `list_members` tells; a change lets the new one in before the old one is put out.
            opts: Pulumi's resource options.
        """
        self._declare(resource_name, {"workspace_id": workspace_id, "user_id": user_id}, opts)
