"""Fixtures of the resource tests: a simulated account, the providers on it, and what the engine does with them."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from pulumi.dynamic import ResourceProvider

from openrouter_provider.api.client import ManagementClient
from openrouter_provider.api.http.retry import RetryPolicy
from openrouter_provider.resources.api_key import ApiKeyProvider
from openrouter_provider.resources.base import Session
from openrouter_provider.resources.reads import KeyReader
from openrouter_provider.resources.superseded_keys import SupersededKeysProvider
from sandbox.openrouter import Control, SimulatorServer
from sandbox.openrouter.client import NO_TLS

Props = dict[str, Any]
Sent = list[tuple[str, str, Props]]
START = datetime(2027, 1, 1, tzinfo=UTC)


class RecordingTransport(httpx.BaseTransport):
    """Passes requests on to the simulator and keeps method, path and JSON body of each."""

    def __init__(self, sent: Sent) -> None:
        self.sent = sent
        self._network = httpx.HTTPTransport(verify=NO_TLS, trust_env=False)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Keep the request, then send it."""
        body = json.loads(request.content) if request.content else {}
        self.sent.append((request.method, request.url.path.removeprefix("/api/v1"), body))
        return self._network.handle_request(request)

    def close(self) -> None:
        """Close the connections."""
        self._network.close()


@pytest.fixture(scope="session")
def simulator() -> Iterator[SimulatorServer]:
    """Serve the simulator in a thread."""
    with SimulatorServer() as server:
        yield server


@pytest.fixture
def control(simulator: SimulatorServer) -> Iterator[Control]:
    """Open an account that no other test uses, with its clock at the start of 2027."""
    with simulator.open_account() as account:
        account.configure(now=START.isoformat())
        yield account


@pytest.fixture
def sent() -> Sent:
    """Collect what the providers send: method, path and body of each request in order."""
    return []


@pytest.fixture
def client(control: Control, sent: Sent) -> Iterator[ManagementClient]:
    """Call the API as the providers do, retries without waiting."""
    policy = RetryPolicy(settle_seconds=0, jitter=lambda: 0.0)
    with ManagementClient(
        control.management_key,
        base_url=control.url,
        transport=RecordingTransport(sent),
        policy=policy,
        sleep=lambda _seconds: None,
    ) as opened:
        yield opened


@pytest.fixture
def keys_at(client: ManagementClient) -> Callable[[datetime], ApiKeyProvider]:
    """Make ApiKey's provider as a process of its own would at an instant."""

    def make(now: datetime) -> ApiKeyProvider:
        provider = ApiKeyProvider()
        provider.session = Session(client, KeyReader(client), now)
        return provider

    return make


@pytest.fixture
def superseded_at(client: ManagementClient) -> Callable[[datetime], SupersededKeysProvider]:
    """Make SupersededKeys' provider as a process of its own would at an instant."""

    def make(now: datetime) -> SupersededKeysProvider:
        provider = SupersededKeysProvider()
        provider.session = Session(client, KeyReader(client), now)
        return provider

    return make


@pytest.fixture
def up() -> Callable[[ResourceProvider, Props, Props], Props]:
    """Bring one resource from its state to the program's wish, in the engine's order; return its next state."""
    return bring_up


def bring_up(provider: ResourceProvider, state: Props, news: Props) -> Props:
    """Check, diff, and then create, update or replace; `did` says which."""
    if not state:
        return _create(provider, news)
    inputs = _checked(provider, state["inputs"], news)
    diff = provider.diff(state["id"], state["outs"], inputs)
    if diff.replaces:
        made = _create(provider, news)
        provider.delete(state["id"], state["outs"])
        return {**made, "did": "replace"}
    if not diff.changes:
        return {**state, "inputs": inputs, "did": "same"}
    outs = provider.update(state["id"], state["outs"], inputs).outs
    return {"id": state["id"], "inputs": inputs, "outs": outs, "did": "update"}


def _create(provider: ResourceProvider, news: Props) -> Props:
    inputs = _checked(provider, {}, news)
    result = provider.create(inputs)
    return {"id": result.id, "inputs": inputs, "outs": result.outs, "did": "create"}


def _checked(provider: ResourceProvider, olds: Props, news: Props) -> Props:
    result = provider.check(olds, dict(news))
    assert result.failures == []
    return dict(result.inputs)
