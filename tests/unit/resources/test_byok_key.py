"""A vendor's key: put back where somebody swapped it, and in no error."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from pulumi.dynamic import ResourceProvider

from openrouter_provider.api.client import ManagementClient
from openrouter_provider.api.errors import OpenRouterError
from openrouter_provider.resources.base import Session
from openrouter_provider.resources.byok_key import ByokKeyProvider
from openrouter_provider.resources.reads import KeyReader
from sandbox.openrouter import Control
from tests.unit.account_fixtures import START
from tests.unit.resource_fixtures import Started

pytest_plugins = ("tests.unit.resource_fixtures",)

Props = dict[str, Any]
Sent = list[tuple[str, str, Props]]
Up = Callable[[ResourceProvider, Props, Props], Props]
CANARY = "vendor-canary-" + "z" * 20


def test_a_vendor_s_key_that_was_swapped_is_put_back(started: Started, up: Up, control: Control, sent: Sent) -> None:
    """Another label than the last write's drops the value from the state, and the update sends it again."""
    provider, wish = started(ByokKeyProvider), {"provider": "openai", "name": "ours", "key": CANARY}
    state = up(provider, {}, wish)
    control.edit_byok_key(state["id"], key="another-canary-" + "y" * 20)
    read = provider.read(state["id"], state["outs"])
    assert "key" not in (read.outs or {})
    assert "key" not in (read.inputs or {})
    sent.clear()
    healed = up(provider, {"id": state["id"], "outs": read.outs, "inputs": read.inputs}, wish)
    assert sent == [("PATCH", f"/byok/{state['id']}", {"key": CANARY})]
    assert healed["outs"]["label"] == state["outs"]["label"] == control.byok_keys()[0]["label"]


def test_a_vendor_s_key_that_the_api_repeats_is_in_no_error() -> None:
    """Even where a refusal quotes it, what reaches the user does not."""
    said = {"error": {"code": 400, "message": f"no such key: {CANARY}"}}
    transport = httpx.MockTransport(lambda _request: httpx.Response(400, json=said))
    client = ManagementClient("sk-or-test", base_url="https://openrouter.test/api/v1", transport=transport)
    provider = ByokKeyProvider()
    provider.session = Session(client, KeyReader(client), START)
    inputs = provider.check({}, {"provider": "openai", "key": CANARY, "name_prefix": "x"}).inputs
    with pytest.raises(OpenRouterError) as caught:
        provider.create(inputs)
    assert "no such key" in str(caught.value)
    assert CANARY not in f"{caught.value} {caught.value!r} {vars(caught.value)}"
    assert CANARY not in f"{client!r} {provider.session!r}"


def test_a_change_of_something_else_does_not_cover_a_swapped_key(started: Started, up: Up, control: Control) -> None:
    """The label stays that of the last value that was sent, until a refresh has seen the other one."""
    provider, wish = started(ByokKeyProvider), {"provider": "openai", "name": "ours", "key": CANARY}
    state = up(provider, {}, wish)
    control.edit_byok_key(state["id"], key="another-canary-" + "y" * 20)
    state = up(provider, state, {**wish, "is_fallback": True})
    assert "key" not in (provider.read(state["id"], state["outs"]).outs or {})
