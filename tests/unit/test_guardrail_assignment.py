"""A set of assignments: read with few calls, not exclusive, and taken away even where a part of it is gone."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from pulumi.dynamic import ResourceProvider

from openrouter_provider.api.client import ManagementClient
from openrouter_provider.resources.base import Session
from openrouter_provider.resources.guardrail_assignment import GuardrailAssignmentProvider
from openrouter_provider.resources.reads import KeyReader
from sandbox.openrouter import Control
from tests.provider.lives import Ground
from tests.unit.account_fixtures import START
from tests.unit.resource_fixtures import Started

pytest_plugins = ("resource_fixtures",)

Props = dict[str, Any]
Sent = list[tuple[str, str, Props]]
Up = Callable[[ResourceProvider, Props, Props], Props]


def test_assignments_of_one_guardrail_share_a_listing(started: Started, up: Up, control: Control, sent: Sent) -> None:
    """Reading many of them asks once for keys, and for members only where some are declared."""
    ground = Ground.of(control)
    provider = started(GuardrailAssignmentProvider)
    wishes = [
        {"guardrail_id": ground.guardrails[0], "key_hashes": [key], "label": key, "member_ids": []}
        for key in ground.keys
    ]
    states = [up(provider, {}, wish) for wish in wishes]
    sent.clear()
    reads = [provider.read(state["id"], state["outs"]).outs for state in states]
    assert reads == [state["outs"] for state in states]
    assert [path.rpartition("/")[2] for _, path, _ in sent] == ["keys"]


def test_assignments_of_others_are_left_alone(started: Started, up: Up, control: Control) -> None:
    """The declared set is not exclusive: what somebody else assigned is neither shown nor taken away."""
    ground = Ground.of(control)
    provider = started(GuardrailAssignmentProvider)
    control.assign_keys(ground.guardrails[0], [ground.keys[1]])
    state = up(provider, {}, {"guardrail_id": ground.guardrails[0], "key_hashes": [ground.keys[0]], "label": "x"})
    assert provider.read(state["id"], state["outs"]).outs == state["outs"]
    provider.delete(state["id"], state["outs"])
    assert [each["key_hash"] for each in control.key_assignments()] == [ground.keys[1]]


def test_a_key_that_is_gone_counts_as_unassigned(started: Started, up: Up, control: Control) -> None:
    """Deleting a key by hand does not stand in the way of changing or deleting its assignment."""
    ground = Ground.of(control)
    provider = started(GuardrailAssignmentProvider)
    wish = {"guardrail_id": ground.guardrails[0], "key_hashes": [*ground.keys], "label": "x"}
    state = up(provider, {}, wish)
    control.delete_key(ground.keys[0])
    state = up(provider, state, {**wish, "key_hashes": [ground.keys[1]]})
    provider.delete(state["id"], state["outs"])
    assert control.key_assignments() == []


def test_where_one_of_several_is_unknown_the_others_are_unassigned() -> None:
    """Where the API refuses the whole list for one that is gone, each is unassigned by itself."""
    gone, asked = "gone", []

    def answer(request: httpx.Request) -> httpx.Response:
        body = request.content.decode()
        asked.append(body)
        return httpx.Response(404 if gone in body else 200, json={"unassigned_count": 1})

    transport = httpx.MockTransport(answer)
    client = ManagementClient("sk-or-test", base_url="https://openrouter.test/api/v1", transport=transport)
    provider = GuardrailAssignmentProvider()
    provider.session = Session(client, KeyReader(client), START)
    provider.delete("g1/x", {"guardrail_id": "g1", "key_hashes": ["gone", "here"], "member_ids": []})
    assert ["gone" in body and "here" in body for body in asked] == [True, False, False]


def test_a_guardrail_s_assignments_can_be_read_by_its_id_alone(started: Started, control: Control) -> None:
    """`get` shows everyone that it is assigned to."""
    ground = Ground.of(control)
    control.assign_keys(ground.guardrails[0], ground.keys)
    control.assign_members(ground.guardrails[0], [ground.member])
    read = started(GuardrailAssignmentProvider).read(f"{ground.guardrails[0]}/anyone", {})
    assert read.outs == {
        "guardrail_id": ground.guardrails[0],
        "key_hashes": sorted(ground.keys),
        "member_ids": [ground.member],
    }


@pytest.mark.parametrize(("wish", "asked"), [("key_hashes", ["keys"]), ("member_ids", ["members"]), (None, ["keys"])])
def test_only_what_is_declared_is_listed(
    wish: str | None, asked: list[str], started: Started, up: Up, control: Control, sent: Sent
) -> None:
    """A set of keys costs no listing of members and the other way round; an empty set still finds its guardrail."""
    ground = Ground.of(control)
    provider = started(GuardrailAssignmentProvider)
    subjects = {"key_hashes": [ground.keys[0]], "member_ids": [ground.member]}
    declared = {wish: subjects[wish]} if wish else {}
    state = up(provider, {}, {"guardrail_id": ground.guardrails[0], "label": "x", **declared})
    sent.clear()
    assert provider.read(state["id"], state["outs"]).outs == state["outs"]
    assert [path.rpartition("/")[2] for _, path, _ in sent] == asked
    control.delete_guardrail(ground.guardrails[0])
    provider.session.listings.forget(("key_hashes", ground.guardrails[0]))
    provider.session.listings.forget(("member_ids", ground.guardrails[0]))
    assert provider.read(state["id"], state["outs"]).id == ""


def test_a_create_that_was_done_may_be_done_again(started: Started, up: Up, control: Control) -> None:
    """A run that died between the calls and their record left what its repetition makes again."""
    ground = Ground.of(control)
    wish = {"guardrail_id": ground.guardrails[0], "key_hashes": [*ground.keys], "label": "x"}
    first = up(started(GuardrailAssignmentProvider), {}, wish)
    before = control.key_assignments()
    assert up(started(GuardrailAssignmentProvider), {}, wish) == first
    assert sorted(each["key_hash"] for each in control.key_assignments()) == sorted(e["key_hash"] for e in before)
