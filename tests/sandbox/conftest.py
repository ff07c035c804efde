"""Fixtures for the simulator: one server for all tests, an account of its own for each."""

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from sandbox.openrouter import Control, SimulatorServer
from sandbox.openrouter.client import NO_TLS

AsKey = Callable[[str], httpx.Client]
MakeKey = Callable[..., tuple[dict[str, Any], str]]


@pytest.fixture(scope="session")
def simulator() -> Iterator[SimulatorServer]:
    """Serve the simulator in a thread."""
    with SimulatorServer() as server:
        yield server


@pytest.fixture
def control(simulator: SimulatorServer) -> Iterator[Control]:
    """Open an account that no other test uses."""
    with simulator.open_account() as account:
        yield account


@pytest.fixture
def as_key(simulator: SimulatorServer) -> Iterator[AsKey]:
    """Make HTTP clients that call the API with a credential."""
    clients: list[httpx.Client] = []

    def connect(credential: str) -> httpx.Client:
        headers = {"authorization": f"Bearer {credential}"}
        clients.append(httpx.Client(base_url=simulator.url, headers=headers, timeout=5, trust_env=False, verify=NO_TLS))
        return clients[-1]

    yield connect
    for client in clients:
        client.close()


@pytest.fixture
def api(control: Control, as_key: AsKey) -> httpx.Client:
    """Call the API with the account's management key."""
    return as_key(control.management_key)


@pytest.fixture
def make_key(api: httpx.Client) -> MakeKey:
    """Create keys over the API."""

    def make(**fields: Any) -> tuple[dict[str, Any], str]:
        answer = api.post("/keys", json={"name": "a key"} | fields)
        assert answer.status_code == 201, answer.text
        return answer.json()["data"], answer.json()["key"]

    return make
