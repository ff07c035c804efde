"""How the simulator starts, ends and is restarted."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from sandbox.openrouter import Control, SimulatorServer
from sandbox.openrouter.client import ControlError
from sandbox.openrouter.records import new_credential

ROOT = Path(__file__).parents[2]


def test_the_process_announces_its_port_and_ends_on_sigterm(tmp_path: Path) -> None:
    """The port file appears once the API answers; the management key is the environment's; SIGTERM ends it silently."""
    port_file, key = tmp_path / "port", new_credential()
    process = subprocess.Popen(
        [sys.executable, "-m", "sandbox.openrouter", "--port-file", str(port_file)],
        cwd=ROOT,
        env=os.environ | {"OPENROUTER_SIMULATOR_MANAGEMENT_KEY": key},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    try:
        deadline = time.monotonic() + 40
        while not port_file.exists() and time.monotonic() < deadline:
            time.sleep(0.02)
        base = f"http://127.0.0.1:{int(port_file.read_text())}"
        assert httpx.get(f"{base}/_sandbox/health", trust_env=False).json() == {"status": "ok"}
        answer = httpx.get(f"{base}/api/v1/key", headers={"authorization": f"Bearer {key}"}, trust_env=False)
        assert answer.json()["data"]["is_management_key"] is True
    finally:
        process.send_signal(signal.SIGTERM)
        output, _ = process.communicate(timeout=5)
    assert output == b""


def test_a_restarted_server_keeps_port_and_state() -> None:
    """While stopped connections are refused; started again the server has the same port and keys."""
    with SimulatorServer() as server:
        port = server.port
        with server.control() as control:
            made, _ = control.create_key(name="kept")
        server.stop()
        with pytest.raises(httpx.ConnectError):
            httpx.get(f"{server.url}/models", trust_env=False)
        server.start()
        assert server.port == port
        with server.control() as control:
            assert control.keys() == [made]


def test_control_needs_a_management_key(simulator: SimulatorServer) -> None:
    """The control endpoint refuses everyone who has no account, except for health and new accounts."""
    with Control(simulator.control_url, "unknown") as stranger:
        assert stranger.health() == {"status": "ok"}
        with pytest.raises(ControlError, match="401"):
            stranger.keys()


def test_no_object_shows_a_credential() -> None:
    """The repr of a key doesn't hold its value."""
    with SimulatorServer() as server:
        key = server.store.first.create_key(name="hidden")
    assert key.plaintext not in repr(key)
