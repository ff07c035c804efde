"""A membership: who is let in, who is left alone, and what OpenRouter refuses."""

from collections.abc import Callable
from typing import Any

import pytest
from pulumi.dynamic import ResourceProvider

from openrouter_provider.api.errors import ResponseError
from openrouter_provider.resources.around.workspace_member import WorkspaceMemberProvider
from sandbox.openrouter import Control
from tests.unit.resource_fixtures import Started

pytest_plugins = ("tests.unit.resource_fixtures",)

Props = dict[str, Any]
Up = Callable[[ResourceProvider, Props, Props], Props]


@pytest.fixture
def team(control: Control) -> str:
    """Open a workspace; return its id."""
    for user in ("user_alice", "user_bob"):
        control.add_member(user)
    return str(control.create_workspace(name="Team", slug="team")["id"])


def test_several_are_let_in_by_one_listing(started: Started, up: Up, control: Control, team: str) -> None:
    """Whoever is in is listed once before the first is let in, and once after each."""
    provider = started(WorkspaceMemberProvider)
    for user in ("user_alice", "user_bob", control.account_id):
        up(provider, {}, {"workspace_id": team, "user_id": user})
    assert len(control.calls("list_members")) == 5
    assert len(control.calls("add_members")) == 2
    assert {each["user_id"] for each in control.items("memberships")} == {"user_alice", "user_bob", control.account_id}


def test_a_workspace_may_be_named_by_its_slug(started: Started, up: Up, team: str) -> None:
    """A refresh keeps the name that the program gave."""
    provider = started(WorkspaceMemberProvider)
    state = up(provider, {}, {"workspace_id": "team", "user_id": "user_alice"})
    assert state["id"] == "team/user_alice"
    assert provider.read(state["id"], state["outs"]).outs == state["outs"]
    assert provider.read(f"{team}/user_alice", {}).outs["role"] == "member"  # type: ignore[index] # it was read


@pytest.mark.parametrize(
    ("wish", "hint"),
    [
        ({"workspace_id": "team", "user_id": "user_nobody"}, "only people of the organisation can be let in"),
        ({"workspace_id": "default", "user_id": "user_nobody"}, "the default workspace has all of them anyway"),
    ],
)
@pytest.mark.usefixtures("team")
def test_whoever_cannot_be_let_in_is_told(started: Started, up: Up, wish: Props, hint: str) -> None:
    """The refusal says what may be the reason."""
    with pytest.raises(ResponseError, match=hint):
        up(started(WorkspaceMemberProvider), {}, wish)


def test_a_person_with_keys_stays(started: Started, up: Up, control: Control, team: str) -> None:
    """The refusal says what to do; the membership is still there."""
    provider = started(WorkspaceMemberProvider)
    state = up(provider, {}, {"workspace_id": team, "user_id": "user_alice"})
    control.create_key(name="hers", workspace_id=team, creator_user_id="user_alice")
    with pytest.raises(ResponseError, match="delete or move those first; whom an identity provider manages"):
        provider.delete(state["id"], state["outs"])
    assert provider.read(state["id"], state["outs"]).id == state["id"]
