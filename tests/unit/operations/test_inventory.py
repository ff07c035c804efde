"""Which keys there are, and which of them the stack knows."""

from typing import Any

import httpx
import pytest

from openrouter_provider.api.errors import ConfigurationError
from openrouter_provider.operations.inventory import describe_service, find_service, list_account, listed_service
from openrouter_provider.operations.stack.deployment import KnownKey, key_records, known_keys
from tests.unit.api_fixtures import Server, before
from tests.unit.report_fixtures import deployed, stack_of

PREFIX = "urn:pulumi:dev::openrouter-keys::x::"


def resource(kind: str, service: str, **outputs: Any) -> dict[str, Any]:
    """Return a resource as an exported state has it."""
    return {"type": f"pulumi-python:dynamic/openrouter:{kind}", "urn": f"{PREFIX}{service}", "outputs": outputs}


STATE = {
    "deployment": {
        "resources": [
            resource("ApiKey", "a", hash="new", superseded=[{"hash": "old"}, {"hash": "older"}]),
            resource("SupersededKeys", "a", keys=[{"hash": "old", "retires_at": "R", "state": "bound"}]),
            resource("SupersededKeys", "a", keys=[{"hash": "gone", "state": "deleted"}]),
            resource("ApiKey", "b", hash="b1"),
            {"type": "pulumi:pulumi:Stack", "urn": "urn:x"},
        ]
    }
}


def test_the_state_s_keys_are_current_or_superseded() -> None:
    """Each key is named once, with when it retires where that is decided; deleted ones are not named."""
    assert known_keys(STATE) == [
        KnownKey("new", "a"),
        KnownKey("old", "a", superseded=True, retires_at="R"),
        KnownKey("older", "a", superseded=True),
        KnownKey("b1", "b"),
    ]


@pytest.mark.parametrize("state", [{}, {"deployment": {}}, {"deployment": {"resources": None}}])
def test_a_stack_that_was_never_deployed_knows_no_key(state: dict[str, Any]) -> None:
    """A state without resources is no error."""
    assert known_keys(state) == []


def test_records_come_from_one_listing() -> None:
    """Forty keys cost one page and a look whether it was the last."""
    server = Server()
    hashes = [server.add(f"key {number}") for number in range(40)]
    assert list(key_records(server.client(), hashes)) == hashes
    assert len(server.requests) == 2


def test_no_key_costs_no_call() -> None:
    """A stack without services asks nothing."""
    server = Server()
    assert key_records(server.client(), []) == {}
    assert server.requests == []


def test_a_key_that_is_gone_costs_one_call_more() -> None:
    """A key that the listing lacks is asked for by itself before it counts as gone."""
    server = Server()
    known = server.add("a")
    assert list(key_records(server.client(), [known, "gone"])) == [known]
    assert len(server.requests) == 3


def test_another_workspace_is_listed_once() -> None:
    """Keys of another workspace cost one read and one listing, however many they are."""
    server = Server()
    hashes = [server.add(f"key {number}", workspace_id="w") for number in range(5)]

    def default_is_empty(request: httpx.Request, work: Any) -> httpx.Response:
        assert "workspace_id" not in request.url.params
        return before(200, {"data": []})(request, work)

    server.spoil("GET", default_is_empty)
    assert list(key_records(server.client(), hashes)) == hashes
    assert len(server.requests) == 4


def workspaces(*ids: str) -> Any:
    """Answer with these workspaces."""
    listed = [{"id": id_, "name": id_, "slug": id_} for id_ in ids]
    return before(200, {"data": listed, "total_count": len(listed)})


def test_the_account_s_keys_are_told_apart() -> None:
    """The stack's keys name their service; others name none; one the account lacks is marked as missing."""
    server = Server()
    mine, old, foreign = server.add("acme/a-1"), server.add("acme/a-0", disabled=True), server.add("by hand")
    server.spoil("GET", workspaces("w"))
    known = [KnownKey(mine, "a"), KnownKey(old, "a", superseded=True), KnownKey("lost", "b")]
    listed = list_account(server.client(), known)
    assert [(key.service, key.key_hash, key.superseded, key.missing) for key in listed] == [
        ("a", mine, False, False),
        ("a", old, True, False),
        ("b", "lost", False, True),
        (None, foreign, False, False),
    ]


def test_an_account_without_workspaces_lists_the_default_one() -> None:
    """Where the API refuses to list workspaces, the default one is listed."""
    server = Server()
    key = server.add("by hand")
    server.spoil("GET", before(404, {"error": {"code": 404, "message": "Not found"}}))
    assert [found.key_hash for found in list_account(server.client(), [])] == [key]


def test_services_are_listed_without_a_call() -> None:
    """What is deployed is in the stack's outputs."""
    listed = listed_service(deployed("a", "h", limit=5, limit_reset="daily"))
    assert [listed[name] for name in ("service", "key_hash", "limit_usd", "secret_name")] == ["a", "h", 5, "a"]


@pytest.mark.parametrize(
    ("wanted", "said"),
    [("chekout", "did you mean checkout?"), ("zzz", "its services: checkout, search"), ("\x1b[31m", "'';")],
)
def test_an_unknown_service_is_one_line(wanted: str, said: str) -> None:
    """The error names what was meant, or what there is."""
    with pytest.raises(ConfigurationError) as caught:
        find_service(stack_of(deployed("checkout"), deployed("search")), wanted)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_service_is_described_in_full() -> None:
    """As deployed, as the API has it, and its superseded keys with what became of them."""
    server = Server()
    key, old = server.add("acme/a-1", limit=5), server.add("acme/a-0")
    known = [KnownKey(key, "a"), KnownKey(old, "a", superseded=True, retires_at="R"), KnownKey("x", "b")]
    shown = describe_service(deployed("a", key), server.client(), [*known, KnownKey("y", "a", superseded=True)])
    assert shown["key"]["limit"] == 5
    assert shown["key"]["created_at"].endswith("Z")
    assert [(entry["key_hash"], entry["retires_at"], entry["exists"]) for entry in shown["superseded"]] == [
        (old, "R", True),
        ("y", None, False),
    ]


def test_a_service_whose_key_is_gone_is_described_without_it() -> None:
    """The key is null where the account doesn't have it."""
    assert describe_service(deployed("a", "gone"), Server().client(), [])["key"] is None
