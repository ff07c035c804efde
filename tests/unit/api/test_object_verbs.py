"""The verbs for objects of any kind: what each sends, what it repeats, and that no credential is in an error."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from openrouter_provider.api.client import ManagementClient
from openrouter_provider.api.errors import InvalidResponse, NotFound, OpenRouterError, ResponseError
from openrouter_provider.api.models import NamedRecord
from openrouter_provider.api.objects.verbs import ObjectPlace
from tests.unit.api.test_api_endpoints import Desk
from tests.unit.api_fixtures import Clock, told


class Thing(NamedRecord):
    """Some record."""

    name: str = ""


THINGS = ObjectPlace("/things", "thing", Thing)
THING = {"id": "t1", "name": "ours"}
CREDENTIAL = "vendor canary, short and unlike others"
Verb = Callable[[ManagementClient], Any]


def made(client: ManagementClient) -> Thing:
    """Make one with a credential."""
    fields = {"name": "ours", "key": CREDENTIAL}
    return client.make_object(THINGS, fields, scope={"workspace_id": "w1"}, secrets=(SecretStr(CREDENTIAL),))


def changed(client: ManagementClient) -> Thing:
    """Change one's credential."""
    return client.change_object(THINGS, "t1", {"key": CREDENTIAL}, (SecretStr(CREDENTIAL),))


VERBS: list[tuple[Verb, str]] = [
    (lambda c: c.read_object(THINGS, "t1"), "GET /things/t1"),
    (lambda c: c.read_only_one(THINGS), "GET /things"),
    (lambda c: c.change_object(THINGS, "t1", {"name": None}), 'PATCH /things/t1 {"name": null}'),
    (lambda c: c.change_object(THINGS, None, {"on": True}), 'PATCH /things {"on": true}'),
    (made, f'POST /things {{"name": "ours", "key": "{CREDENTIAL}"}}'),
]


@pytest.mark.parametrize(("verb", "request_line"), VERBS, ids=[line[:20] for _, line in VERBS])
def test_a_verb_is_one_request_and_returns_the_object(verb: Verb, request_line: str) -> None:
    """Exactly what was given is sent, once."""
    desk = Desk(httpx.Response(200, json={"data": THING}))
    assert verb(desk.client()).name == "ours"
    assert desk.sent() == [request_line]


def test_a_listing_has_its_scope() -> None:
    """A parameter that is None isn't sent."""
    desk = Desk(httpx.Response(200, json={"data": [THING], "total_count": 1}))
    (found,) = desk.client().list_objects(THINGS, {"workspace_id": "w1", "kind": None})
    assert found.id == "t1"
    assert desk.sent() == ["GET /things?workspace_id=w1&offset=0&limit=100"]


def test_what_is_the_same_twice_is_posted_again() -> None:
    """An outage in passing is waited for, as with a change."""
    desk = Desk(httpx.Response(503), httpx.Response(200, json={"added_count": 1}))
    desk.client().post_again("/things/add", "adding a thing", {"ids": ["t1"]})
    assert desk.sent() == ['POST /things/add {"ids": ["t1"]}'] * 2


def test_a_creation_is_not_posted_again_blindly() -> None:
    """After a lost answer the listing is asked first: the object of this name is taken, and none is made beside it."""
    new = {**THING, "created_at": Clock().now().isoformat()}
    lost, listed = httpx.Response(502), httpx.Response(200, json={"data": [new], "total_count": 1})
    desk = Desk(lost, listed)
    assert made(desk.client()).id == "t1"
    assert [line.partition(" ")[0] for line in desk.sent()].count("POST") == 1


def test_a_deletion_of_what_is_gone_says_so() -> None:
    """It was absent from the start."""
    with pytest.raises(NotFound):
        Desk(httpx.Response(404, json={})).client().delete_object(THINGS, "t1")


@pytest.mark.parametrize("verb", [made, changed])
def test_a_credential_is_in_no_error(verb: Verb) -> None:
    """Even where the API repeats it in its refusal."""
    said = {"error": {"code": 400, "message": f"the key {CREDENTIAL} is none"}}
    with pytest.raises(ResponseError) as caught:
        verb(Desk(httpx.Response(400, json=said)).client())
    assert "is none" in str(caught.value)
    assert CREDENTIAL not in told(caught.value)


def test_an_answer_of_another_shape_is_refused() -> None:
    """A record without an id is none."""
    with pytest.raises(InvalidResponse, match="reading thing t1"):
        Desk(httpx.Response(200, json={"data": {"name": "x"}})).client().read_object(THINGS, "t1")


def test_an_identifier_can_t_change_the_path() -> None:
    """What isn't one is refused before a call."""
    desk = Desk(httpx.Response(200, json={"data": THING}))
    with pytest.raises(OpenRouterError, match="can't identify"):
        desk.client().read_object(THINGS, "../keys")
    assert desk.requests == []
