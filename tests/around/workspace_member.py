"""What the tests need to know of WorkspaceMember."""

from openrouter_provider.resources.around.workspace_member import WorkspaceMemberProvider
from sandbox.openrouter import Control
from tests.harness import Stack
from tests.provider.life import Ground, Life, Props
from tests.provider.part import Found, Part


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


def _expelled(stack: Stack) -> None:
    for each in stack.control.items("memberships"):
        if each["user_id"] == "user_eve":
            stack.control.delete_item("memberships", each["id"])


def _made_by_hand(stack: Stack, workspace: str) -> str:
    stack.control.add_member("user_eve")
    stack.control.create_item("memberships", workspace_id=workspace, user_id="user_eve")
    return f"{workspace}/user_eve"


PART = Part(
    kind="WorkspaceMember",
    program="""
openrouter.WorkspaceMember("eve", workspace_id=payments.id, user_id="user_eve")
""",
    prepare=lambda stack: stack.control.add_member("user_eve"),
    made=["add_members"],
    drift=_expelled,
    healed=["add_members"],
    imported="""
openrouter.WorkspaceMember("eve", workspace_id=home.id, user_id="user_eve")
""",
    by_hand=_made_by_hand,
)


def _member(control: Control) -> str:
    control.add_member("user_eve")
    workspace = control.create_workspace(name="Team", slug="team")["id"]
    control.create_item("memberships", workspace_id=workspace, user_id="user_eve")
    return f"{workspace}/user_eve"


FOUND = {"WorkspaceMember": Found(by_hand=_member, section="members", settings={"userId": "user_eve"})}
