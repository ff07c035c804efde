"""Services whose secret in another store than AWS is somebody else's, or gone, and the heals that drift names."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import hvac
import pytest

from openrouter_provider.operations.drift.findings import DEPLOY, REFRESH, Change, commands_in
from openrouter_provider.stores.payload import key_in
from sandbox.lifecycle import Sandbox
from tests.engine.drifting import carry_out, drift
from tests.engine.test_stores import PROVIDERS, Stores
from tests.harness import Stack, open_stack
from tests.soak import only_in_soak

SERVICES: dict[str, Any] = {
    "search": {"limit": 5, "store": "gcp"},
    "bot": {"limit": 5, "store": "vault"},
    "api": {"limit": 5, "store": "kubernetes", "kubernetes": {"namespace": "default"}},
}


@pytest.fixture
def stack(sandbox: Sandbox, tmp_path: Path) -> Stack:
    """A new stack in a sandbox that has every store."""
    sandbox.open_store("gcp")
    sandbox.open_store("vault")
    sandbox.open_store("kubernetes")
    return replace(open_stack(tmp_path / "project", sandbox), providers=PROVIDERS)


def found(stack: Stack) -> dict[str, tuple[str, list[str]]]:
    """Return what is found of each service, and the commands that heal it."""
    return {one["service"]: (one["message"], commands_in(one["heal"])) for one in drift(stack)[1]}


@only_in_soak
def test_names_taken_in_other_stores_are_found_and_healed(stack: Stack) -> None:
    """Google's and Kubernetes' secrets are imported, Vault's path given up; what was deleted is made again."""
    stores = Stores(stack)
    replication: dict[str, Any] = {"replication": {"automatic": {}}}
    stores.gcp.post("/secrets", params={"secretId": stores.gcp_secret.rpartition("/")[2]}, json=replication)
    stores.vault.write_data(f"secret/data/{stores.vault_path}", data={"data": {"password": "hunter2"}})
    name = stores.kubernetes_secret.rpartition("/")[2]
    stores.kubernetes.post("/secrets", json={"metadata": {"name": name}, "stringData": {"password": "hunter2"}})
    stack.configure(SERVICES)
    assert stack.up("--continue-on-error", check=False).code != 0

    missing = found(stack)
    assert {service: message for service, (message, _) in missing.items()} == dict.fromkeys(
        SERVICES, Change.VALUE_MISSING.message
    )
    for _, heal in missing.values():
        for command in heal:
            if command != DEPLOY:
                carry_out(stack, command)
    carry_out(stack, DEPLOY)
    assert found(stack) == {}
    keys = {service: key_in(stores.text(service)) for service in SERVICES}
    assert all(stack.accepted(str(key)) for key in keys.values())

    stores.gcp.delete(stores.gcp_secret).raise_for_status()
    vault: hvac.Client = stores.vault
    vault.secrets.kv.v2.delete_metadata_and_all_versions(stores.vault_path, mount_point="secret")
    stores.kubernetes.delete(stores.kubernetes_secret).raise_for_status()
    assert found(stack) == dict.fromkeys(SERVICES, (Change.SECRET_DELETED.message, [REFRESH]))
    carry_out(stack, REFRESH)
    assert found(stack) == {}
    assert {service: key_in(stores.text(service)) for service in SERVICES} == keys
