"""A set of assignments: read with few calls, not exclusive, and taken away even where a part of it is gone."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from pulumi.dynamic import ResourceProvider

from openrouter_provider.api.client import ManagementClient
from openrouter_provider.api.errors import OpenRouterError
from openrouter_provider.resources.base import Session
from openrouter_provider.resources.guardrail_assignment import GuardrailAssignmentProvider
from openrouter_provider.resources.reads import KeyReader
from sandbox.openrouter import Control
from tests.provider.lives import Ground
from tests.unit.account_fixtures import START
from tests.unit.resource_fixtures import Started

pytest_plugins = ("tests.unit.resource_fixtures",)

Props = dict[str, Any]
Sent = list[tuple[str, str, Props]]
Up = Callable[[ResourceProvider, Props, Props], Props]


@pytest.mark.default_answers
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


@pytest.mark.default_answers
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


UNKNOWN = "0" * 64


@pytest.mark.parametrize("known", [False, True], ids=["alone", "known members"])
def test_a_key_or_member_that_is_passed_over_is_an_error(
    started: Started, up: Up, control: Control, known: bool
) -> None:
    """The API answers 200 and a lower count: the error names whom it passed over."""
    guardrail = control.create_guardrail(name="cheap")["id"]
    wish: Props = {"guardrail_id": guardrail, "label": "x"}
    wrong = {"member_ids": [control.account_id, "user_stranger"]} if known else {"key_hashes": [UNKNOWN]}
    with pytest.raises(OpenRouterError, match="user_stranger: it knows none" if known else f"{UNKNOWN}: it knows none"):
        up(started(GuardrailAssignmentProvider), {}, {**wish, **wrong})


def test_a_key_that_exists_and_was_not_bound_is_an_error(client: ManagementClient) -> None:
    """Whatever the reason, a key without the guardrail that it was to have is not called a success."""
    hashes = ["a" * 64, "b" * 64]
    record = {"name": "n", "label": "l", "disabled": False, "limit": 1, "created_at": "2027-01-01T00:00:00Z"}

    def answer(request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            return httpx.Response(200, json={"assigned_count": 1})
        if "/assignments/" in request.url.path:
            rows = [{"guardrail_id": "g1", "key_hash": hashes[0]}]
            return httpx.Response(200, json={"data": rows, "total_count": 1})
        listed = [{**record, "hash": hash_} for hash_ in hashes]
        return httpx.Response(200, json={"data": listed if request.url.path.endswith("/keys") else listed[1]})

    provider = GuardrailAssignmentProvider()
    with ManagementClient("k", base_url=client.base_url, transport=httpx.MockTransport(answer)) as mocked:
        provider.session = Session(mocked, KeyReader(mocked), START)
        with pytest.raises(OpenRouterError, match=f"passed over 1 of 2 key_hashes without an error: {hashes[1]}"):
            provider.create({"guardrail_id": "g1", "key_hashes": hashes, "member_ids": [], "label": "x"})


def test_a_count_that_leaves_out_whom_it_knew_is_no_error(started: Started, up: Up, control: Control) -> None:
    """A key that the guardrail applied to already is not counted, and is bound all the same."""
    ground = Ground.of(control)
    control.assign_keys(ground.guardrails[0], [*ground.keys])
    wish = {"guardrail_id": ground.guardrails[0], "key_hashes": [*ground.keys], "label": "x"}
    assert up(started(GuardrailAssignmentProvider), {}, wish)["did"] == "create"


@pytest.mark.default_answers
def test_of_151_rows_with_120_dead_31_are_read(client: ManagementClient, control: Control) -> None:
    """Rows of deleted keys make pages short before the end, and hide nobody behind them."""
    guardrail = control.create_guardrail(name="cheap")["id"]
    hashes = [control.create_key(name=str(number))[0]["hash"] for number in range(151)]
    control.assign_keys(guardrail, hashes)
    for hash_ in hashes[:120]:
        control.delete_key(hash_)
    control.clear_calls()
    assert [each.key_hash for each in client.list_key_assignments(guardrail)] == hashes[120:]
    assert len(control.calls("list_key_assignments")) == 2


@pytest.mark.parametrize("every", [1, 3, 40])
def test_short_pages_hide_nothing_in_any_listing(client: ManagementClient, control: Control, every: int) -> None:
    """Keys, expired and disabled ones too, guardrails, provider keys, workspaces and members are all read."""
    for number in range(130):
        control.create_key(name=str(number), disabled=number % 3 == 0)
        control.create_workspace(name=str(number), slug=f"w{number}")
        control.create_guardrail(name=str(number))
        control.create_byok_key(provider="openai", key="k" * 20, name=str(number))
        control.add_member(f"user_{number}")
    for key in control.keys()[:20]:
        control.edit_key(key["hash"], expires_at="2020-01-01T00:00:00Z")
    control.configure(short_pages=every)
    listings: list[list[Any]] = [client.list_keys(), client.list_guardrails(), client.list_byok_keys()]
    assert [len(listing) for listing in listings] == [130, 130, 130]
    assert [len(client.list_workspaces()), len(client.list_members("default"))] == [131, 131]
