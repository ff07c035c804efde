"""A service whose secret the External Secrets Operator copies into a cluster, through the whole life of that wish."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from openrouter_provider.operations.drift.findings import REFRESH, Change, commands_in
from openrouter_provider.stores.external.place import EXTERNAL_SECRET_TYPE
from sandbox.lifecycle import Sandbox
from tests.engine.drifting import carry_out, drift
from tests.engine.moving import PREVIEW, move, neighbour_of
from tests.engine.test_stores import Stores
from tests.harness import Stack, open_stack
from tests.soak import only_in_soak

INTO: dict[str, Any] = {"namespace": "default", "clusterSecretStore": "aws"}
BY_VAULT: dict[str, Any] = {"namespace": "default", "secretStore": "vault", "name": "bot", "refreshInterval": "15m"}
SERVICES: dict[str, Any] = {
    "checkout": {"limit": 5, "externalSecret": INTO},
    "bot": {"limit": 5, "store": "vault", "externalSecret": BY_VAULT},
}
KINDS = {"SecretStore": "vault", "ClusterSecretStore": "aws"}


class Cluster:
    """The ExternalSecrets of the stack's cluster, and what the operator would make of them."""

    def __init__(self, stack: Stack) -> None:
        self.stores = Stores(stack)
        client = self.stores.kubernetes
        self.root = str(client.base_url).partition("/api/v1")[0] + "/apis/external-secrets.io/v1/namespaces"
        self.names = {"checkout": f"{stack.prefix.replace('/', '-')}-checkout-openrouter", "bot": "bot"}

    def url(self, service: str, namespace: str = "default") -> str:
        """Return where a service's object is."""
        return f"{self.root}/{namespace}/externalsecrets/{self.names[service]}"

    def found(self, service: str, namespace: str = "default") -> dict[str, Any] | None:
        """Return the object; None where there is none."""
        answer = self.stores.kubernetes.get(self.url(service, namespace))
        return None if answer.status_code == 404 else answer.raise_for_status().json()

    def edit(self, service: str, **spec: Any) -> None:
        """Change the object by hand."""
        headers = {"content-type": "application/merge-patch+json"}
        self.stores.kubernetes.patch(self.url(service), headers=headers, json={"spec": spec}).raise_for_status()

    def delete(self, service: str) -> None:
        """Delete the object by hand."""
        self.stores.kubernetes.delete(self.url(service)).raise_for_status()

    def copied(self, service: str) -> dict[str, str]:
        """Return what the operator writes into the Secret: each field of the source, or the source as one entry."""
        found = self.found(service)
        assert found is not None
        spec, stack = found["spec"], self.stores.stack
        assert KINDS[spec["secretStoreRef"]["kind"]] == spec["secretStoreRef"]["name"]
        assert spec["target"]["name"] == self.names[service]
        if "data" in spec:
            return {each["secretKey"]: self.source(each["remoteRef"]) for each in spec["data"]}
        fields: dict[str, str] = {}
        for each in spec["dataFrom"]:
            fields |= json.loads(self.source(each["extract"]))
        assert stack.accepted(fields["OPENROUTER_API_KEY"])
        return fields

    def note(self, service: str) -> str:
        """Return what the object says of the stored version: another text makes the operator read at once."""
        found = self.found(service)
        assert found is not None
        return str(found["metadata"]["annotations"]["openrouter-keys/version"])

    def source(self, reference: dict[str, str]) -> str:
        """Return what the operator reads: by the secret's name, in Vault within the mount."""
        stack, key = self.stores.stack, reference["key"]
        if key == stack.secret_name("checkout"):
            return stack.secret_text("checkout")
        return json.dumps(self.stores.vault.read(f"secret/data/{key}")["data"]["data"])


@pytest.fixture
def stack(sandbox: Sandbox, tmp_path: Path) -> Stack:
    """A new stack in a sandbox that has every store."""
    sandbox.open_store("gcp")
    sandbox.open_store("vault")
    sandbox.open_store("kubernetes")
    return replace(open_stack(tmp_path / "project", sandbox), providers={"kubernetes:context": "sandbox"})


def test_an_external_secret_lives_its_life(stack: Stack) -> None:
    """Made, unchanged, told of a rotation, found changed and gone, healed, moved, and gone with wish or stack."""
    cluster = Cluster(stack)
    stack.configure(SERVICES)
    stack.up()
    first = {service: cluster.copied(service)["OPENROUTER_API_KEY"] for service in SERVICES}
    told = {service: cluster.note(service) for service in SERVICES}
    assert not stack.drifted()

    rotated = {"rotateNow": "1"}
    checkout, bot = {**SERVICES["checkout"], **rotated, "format": "plain"}, {**SERVICES["bot"], **rotated}
    stack.configure({"checkout": checkout, "bot": bot})
    stack.up()
    assert all(cluster.note(service) != told[service] for service in SERVICES)
    second = {service: cluster.copied(service)["OPENROUTER_API_KEY"] for service in SERVICES}
    assert not set(first.values()) & set(second.values())
    assert stack.accepted(second["checkout"])

    cluster.edit("bot", target={"name": "elsewhere"})
    cluster.delete("checkout")
    found = {(one["service"], one["property"]): one for one in drift(stack)[1]}
    assert {place: one["message"] for place, one in found.items()} == {
        ("bot", "externalSecret.target"): Change.PROPERTY_CHANGED.message,
        ("checkout", "externalSecret"): Change.SECRET_DELETED.message,
    }
    assert {command for one in found.values() for command in commands_in(one["heal"])} == {REFRESH}
    carry_out(stack, REFRESH)
    assert {service: cluster.copied(service)["OPENROUTER_API_KEY"] for service in SERVICES} == second

    checkout["externalSecret"] = {**INTO, "namespace": "kube-system", "refreshInterval": "5m"}
    stack.configure({"checkout": checkout, "bot": {**bot, "externalSecret": None}})
    assert {(one["service"], one["property"]) for one in drift(stack)[1]} == {
        ("checkout", "externalSecret.metadata.namespace"),
        ("checkout", "externalSecret.spec.refreshInterval"),
        ("bot", "externalSecret"),
    }
    stack.up()
    assert [cluster.found(service) for service in SERVICES] == [None, None]
    assert (cluster.found("checkout", "kube-system") or {})["spec"]["refreshInterval"] == "5m"
    stack.destroy()
    assert cluster.found("checkout", "kube-system") is None


@only_in_soak
def test_an_external_secret_is_imported(stack: Stack) -> None:
    """One that the state lost is taken back: a second one of its name is refused, and nothing is lost."""
    cluster = Cluster(stack)
    stack.configure({"bot": SERVICES["bot"]})
    stack.up()
    resources = stack.export()["deployment"]["resources"]
    (lost,) = [each for each in resources if each["type"] == EXTERNAL_SECRET_TYPE]
    stack.pulumi("state", "delete", lost["urn"], "--yes")
    assert "already exists" in stack.up(check=False).output
    stack.pulumi(
        *("import", EXTERNAL_SECRET_TYPE, "bot", f"default/{cluster.names['bot']}"),
        *("--parent", f"service={lost['parent']}", "--protect=false", "--generate-code=false"),
        *("--yes", "--skip-preview"),
    )
    stack.up()
    assert not stack.drifted()
    assert cluster.copied("bot")


@only_in_soak
def test_an_external_secret_moves_with_its_service(stack: Stack) -> None:
    """The object is the same one in the other stack, and no preview changes it."""
    cluster = Cluster(stack)
    stack.configure(SERVICES)
    stack.up()
    before = {service: cluster.found(service) for service in SERVICES}
    other = replace(neighbour_of(stack), providers=stack.providers)
    other.configure({})
    move(stack, other, "checkout", "bot")
    for each in (stack, other):
        each.pulumi(*PREVIEW)
    assert not other.drifted()
    assert {service: cluster.found(service) for service in SERVICES} == before
