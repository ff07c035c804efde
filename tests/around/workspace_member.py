"""What the tests need to know of WorkspaceMember."""

from openrouter_provider.resources.around.workspace_member import WorkspaceMemberProvider
from tests.provider.life import Ground, Life, Props


def _memberships(ground: Ground) -> list[Props]:
    return [each for each in ground.control.items("memberships") if each["user_id"] == ground.member]


def _put_out(ground: Ground) -> None:
    for each in _memberships(ground):
        ground.control.delete_item("memberships", each["id"])


def _let_in(ground: Ground) -> Props:
    membership = {"workspace_id": ground.workspaces[0], "user_id": ground.member}
    ground.control.create_item("memberships", **membership)
    return membership


LIVES = {
    "WorkspaceMember": Life(
        provider=WorkspaceMemberProvider,
        created_by=["add_members"],
        changed_by=[],
        deleted_by=["remove_members"],
        wish=lambda ground: {"workspace_id": ground.workspaces[0], "user_id": ground.member},
        vanish=lambda ground, _: _put_out(ground),
        records=_memberships,
        replacing=lambda ground: {"workspace_id": ground.workspaces[1]},
        adopt=_let_in,
    )
}
