"""A secret's new name: the old one stays until the new one holds the value, in every store."""

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import hvac
import pytest

from sandbox.lifecycle import Sandbox
from tests.harness import Stack, open_stack
from tests.soak import only_in_soak

THEIRS = "theirs"
SERVICES: dict[str, Any] = {
    "checkout": {"limit": 5},
    "search": {"limit": 5, "store": "gcp"},
    "bot": {"limit": 5, "store": "vault", "vault": {"policy": "bot-openrouter"}},
}


@pytest.fixture
def stack(sandbox: Sandbox, tmp_path: Path) -> Stack:
    """A new stack in a sandbox that has every store."""
    sandbox.open_store("gcp")
    sandbox.open_store("vault")
    return open_stack(tmp_path / "project", sandbox)


class Named:
    """A stack's secrets by their names: in AWS, at Google and in Vault."""

    def __init__(self, stack: Stack) -> None:
        variables = stack.environment
        self.aws = stack.aws()
        self.vault = hvac.Client(variables["VAULT_ADDR"], variables["VAULT_TOKEN"])
        self.gcp = httpx.Client(
            base_url=f"{variables['GOOGLE_SECRET_MANAGER_CUSTOM_ENDPOINT']}/projects/sandbox",
            headers={"authorization": f"Bearer {variables['GOOGLE_OAUTH_ACCESS_TOKEN']}"},
        )

    def text(self, service: str, name: str) -> str | None:
        """Return what is read under a name; None where there is nothing."""
        if service == "search":
            answer = self.gcp.get(f"/secrets/{name}/versions/latest:access")
            return base64.b64decode(answer.json()["payload"]["data"]).decode() if answer.is_success else None
        if service == "bot":
            found = self.vault.read(f"secret/data/{name}")
            return json.dumps(found["data"]["data"]) if found else None
        try:
            return str(self.aws.get_secret_value(SecretId=name)["SecretString"])
        except self.aws.exceptions.ResourceNotFoundException:
            return None

    def take(self, names: dict[str, str]) -> None:
        """Take the names for somebody else's secrets."""
        self.aws.create_secret(Name=names["checkout"], SecretString=THEIRS)
        body: dict[str, Any] = {"replication": {"automatic": {}}}
        self.gcp.post("/secrets", params={"secretId": names["search"]}, json=body).raise_for_status()
        self.vault.write_data(f"secret/data/{names['bot']}", data={"data": {"theirs": THEIRS}})

    def free(self, names: dict[str, str]) -> None:
        """Remove somebody else's secrets."""
        self.aws.delete_secret(SecretId=names["checkout"], ForceDeleteWithoutRecovery=True)
        self.gcp.delete(f"/secrets/{names['search']}").raise_for_status()
        self.vault.delete(f"secret/metadata/{names['bot']}")


def either(named: Named, old: dict[str, str], new: dict[str, str]) -> Callable[[str], str]:
    """Return what a service reads that tries its new name first."""
    return lambda service: named.text(service, new[service]) or named.text(service, old[service]) or "nothing"


@only_in_soak
def test_a_rename_onto_a_taken_name_keeps_the_secret(stack: Stack) -> None:
    """Each store refuses the taken name while the old secret lives; a free one is written before the old one goes."""
    named = Named(stack)
    stack.configure(SERVICES)
    stack.up()
    old = {name: each["secretName"] for name, each in stack.services().items()}
    new = {name: f"{text}-new" for name, text in old.items()}
    keys = {service: named.text(service, name) for service, name in old.items()}
    named.take(new)
    stack.configure({name: {**wish, "secretName": new[name]} for name, wish in SERVICES.items()})
    failed = stack.up("--continue-on-error", check=False)
    assert failed.code != 0
    assert {service: named.text(service, name) for service, name in old.items()} == keys, failed
    assert (named.text("checkout", new["checkout"]), named.text("search", new["search"])) == (THEIRS, None)
    assert THEIRS in str(named.text("bot", new["bot"]))

    named.free(new)
    read = either(named, old, new)
    with stack.watching("checkout", read) as aws, stack.watching("bot", read) as vault:
        stack.up()
    assert aws + vault == []
    assert {service: named.text(service, name) for service, name in new.items()} == keys
    assert [named.text(service, name) for service, name in old.items()] == [None] * len(old)
    assert not stack.drifted()
    stack.destroy()
