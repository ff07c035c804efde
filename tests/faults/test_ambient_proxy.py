"""What a proxy that the environment names gets to see."""

import socket
import threading
from collections.abc import Iterator
from contextlib import suppress

import httpx
import pytest

from openrouter_provider.api.client import ManagementClient
from openrouter_provider.api.errors import ConnectionFailed
from openrouter_provider.api.http.retry import RetryPolicy
from sandbox.lifecycle import Sandbox
from tests.faults.leak_search import holds

MADE_UP = "sk-or-v1-" + "0f1e2d3c4b5a6978" * 4
PATIENCE_SECONDS = 10
ONCE = RetryPolicy(max_attempts=1)


@pytest.fixture
def proxy(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[bytes]]:
    """What arrives at the proxy that the environment names; it answers nothing."""
    arrived: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{listener.getsockname()[1]}")
            monkeypatch.delenv(name.lower(), raising=False)
        monkeypatch.delenv("NO_PROXY", raising=False)
        monkeypatch.delenv("no_proxy", raising=False)
        thread = threading.Thread(target=_listen, args=(listener, arrived))
        thread.start()
        yield arrived
        # Closing alone doesn't end an accept in another thread.
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        thread.join(PATIENCE_SECONDS)


def _listen(listener: socket.socket, arrived: list[bytes]) -> None:
    with suppress(OSError):
        while True:
            connection, _ = listener.accept()
            with connection:
                arrived.append(connection.recv(65536))


def test_ambient_proxy_is_not_used_for_plain_http(sandbox: Sandbox, proxy: list[bytes]) -> None:
    """A call to loopback goes there directly, past a proxy of the environment that other programs would use."""
    with ManagementClient(sandbox.management_key, base_url=sandbox.simulator_url, policy=ONCE) as client:
        client.list_keys()
    assert proxy == []
    with suppress(httpx.HTTPError):
        httpx.get(sandbox.simulator_url)
    assert len(proxy) == 1


def test_ambient_proxy_sees_a_tunnel_and_no_credential(proxy: list[bytes]) -> None:
    """A proxy of the environment is asked for a tunnel to the API, and gets no credential."""
    with (
        ManagementClient(MADE_UP, base_url="https://openrouter.example/api/v1", policy=ONCE) as client,
        pytest.raises(ConnectionFailed),
    ):
        client.list_keys()
    assert proxy
    assert all(request.startswith(b"CONNECT openrouter.example:443 ") for request in proxy)
    assert not any(holds(request, [MADE_UP]) for request in proxy)
