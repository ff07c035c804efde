"""A run that goes to another Vault than the one a key is stored in, through the real engine."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hvac
import pytest

from sandbox.lifecycle import Sandbox
from sandbox.serving import AppServer
from sandbox.vault.app import make_app
from tests.engine.drifting import drift
from tests.engine.schedule import ROTATING, START, after
from tests.harness import Stack, open_stack

SERVICES: dict[str, Any] = {"bot": ROTATING | {"store": "vault"}}


@pytest.fixture
def stack(sandbox: Sandbox, tmp_path: Path) -> Stack:
    """A stack whose service's key is in the sandbox's Vault."""
    sandbox.open_store("vault")
    opened = open_stack(tmp_path / "project", sandbox)
    opened.now = START
    opened.configure(SERVICES)
    opened.up()
    return opened


@pytest.fixture
def other() -> Iterator[str]:
    """The address of another Vault, which takes the same token."""
    with AppServer(make_app()) as server:
        yield server.url


def text(stack: Stack, address: str) -> str:
    """Return what the service reads."""
    vault = hvac.Client(address, stack.environment["VAULT_TOKEN"])
    return json.dumps(vault.read(f"secret/data/{stack.prefix}/bot/openrouter")["data"]["data"])


def noted(stack: Stack) -> Any:
    """Return the Vault that the key's inputs note."""
    return stack.resources("ApiKey")["bot"]["inputs"]["stored_in"]["access"]


def test_a_key_is_not_harmed_by_the_answer_of_another_vault(stack: Stack, other: str) -> None:
    """Rotated away or removed with VAULT_ADDR elsewhere, the key that services read lives, and the run names both."""
    ours, runs = stack.environment["VAULT_ADDR"], []
    stack.environment["VAULT_ADDR"] = other
    for days in (91, 99):  # A rotation, which the other Vault stores, and the end of its overlap.
        stack.now = after(days)
        runs.append(stack.up().output)
    assert stack.accepted(text(stack, ours))
    assert all(f"stored in the Vault at {ours}, and VAULT_ADDR is {other}" in output for output in runs)

    run, findings = drift(stack)
    assert [ours in str(each["actual"]) for each in findings if each["property"] == "secret.value"] == [True], run
    verified = stack.run("openrouter-keys", "verify", "--stack", stack.name, "--json", check=False)
    assert (verified.code, ours in verified.stdout, other in verified.stdout) == (2, True, True), verified

    stack.configure({})
    removal = stack.up(check=False)
    assert stack.accepted(text(stack, ours))
    assert (removal.code != 0, "was not deleted" in removal.output) == (True, True), removal

    stack.configure(SERVICES)
    stack.environment["VAULT_ADDR"] = ours
    stack.up("--refresh")
    assert not stack.drifted()
    assert noted(stack) == {"address": ours, "addressFrom": "environment"}

    stack.environment["VAULT_ADDR"] = other
    stack.providers = {"vault:address": ours}
    stack.configure(SERVICES)
    stack.up()
    assert noted(stack) == {"address": ours}
    stack.run("openrouter-keys", "verify", "--stack", stack.name)
    stack.destroy()
    assert stack.control.keys() == []
