"""Both example clients, and one stack whose keys they use."""

import pytest

from sandbox.lifecycle import Sandbox
from sandbox.openrouter import Control
from tests.engine.conftest import sandbox, stack
from tests.examples.client_makers import MAKERS
from tests.examples.deployed_services import SERVICES
from tests.examples.example_clients import Client
from tests.harness import Stack, open_stack

__all__ = ["sandbox", "stack"]


@pytest.fixture(scope="session", params=sorted(MAKERS))
def client(request: pytest.FixtureRequest) -> Client:
    """One of the clients, then the other."""
    return MAKERS[request.param]()


@pytest.fixture(scope="session")
def deployed(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Stack:
    """A stack with the two services, brought up once."""
    opened = open_stack(tmp_path_factory.mktemp("examples") / "project", sandbox)
    opened.configure(SERVICES)
    opened.up()
    return opened


@pytest.fixture
def account(sandbox: Sandbox) -> Control:
    """An account of the test's own, on the sandbox's simulator."""
    return Control.open_account(sandbox.simulator_url.replace("/api/v1", "/_sandbox"))
