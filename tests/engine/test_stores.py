"""One stack with a service in each store, through the real engine."""

import base64
import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import hvac
import pytest
import yaml

from openrouter_provider.keys.schedule import format_instant, parse_instant
from openrouter_provider.stores.payload import key_in
from sandbox.lifecycle import Sandbox
from tests.engine.drifting import carry_out, commands
from tests.harness import Run, Stack, open_stack

START = "2027-01-01T00:00:00Z"
ROTATING: dict[str, Any] = {"limit": 5, "rotation": {"every": "90d", "overlap": "7d", "stagger": False}}
MEMBER = "serviceAccount:search@sandbox.iam.gserviceaccount.com"
INTRUDER = "user:intruder@example.com"
SERVICES: dict[str, Any] = {
    "checkout": ROTATING | {"readers": ["arn:aws:iam::123456789012:role/checkout"]},
    "search": ROTATING | {"store": "gcp", "readers": [MEMBER]},
    "bot": ROTATING | {"store": "vault", "vault": {"policy": "bot-openrouter"}},
    "api": ROTATING | {"store": "kubernetes", "kubernetes": {"namespace": "default"}},
}
STORES = {"checkout": "aws", "search": "gcp", "bot": "vault", "api": "kubernetes"}
ENCODED = base64.b64encode(b"sk-or-v1-").decode()
"""How a key begins in a Secret's data."""
PROVIDERS = {"kubernetes:context": "sandbox", "kubernetes:enableSecretMutable": "true"}


class Stores:
    """Looks at, and changes, what the stores have behind Pulumi's back."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        variables = stack.environment
        self.vault = hvac.Client(variables["VAULT_ADDR"], variables["VAULT_TOKEN"])
        self.gcp = httpx.Client(
            base_url=f"{variables['GOOGLE_SECRET_MANAGER_CUSTOM_ENDPOINT']}/projects/sandbox",
            headers={"authorization": f"Bearer {variables['GOOGLE_OAUTH_ACCESS_TOKEN']}"},
        )
        self.kubernetes = _cluster(variables)

    @property
    def gcp_secret(self) -> str:
        """The path of the service's secret in Google's project."""
        return f"/secrets/{self.stack.prefix.replace('/', '-')}-search-openrouter"

    @property
    def vault_path(self) -> str:
        """The path of the service's secret in Vault."""
        return f"{self.stack.prefix}/bot/openrouter"

    @property
    def kubernetes_secret(self) -> str:
        """The path of the service's Secret in its namespace."""
        return f"/secrets/{self.stack.prefix.replace('/', '-')}-api-openrouter"

    def text(self, service: str) -> str:
        """Return what a service would read now."""
        if service == "search":
            latest = self.gcp.get(f"{self.gcp_secret}/versions/latest:access").raise_for_status().json()
            return base64.b64decode(latest["payload"]["data"]).decode()
        if service == "bot":
            return json.dumps(self.vault.read(f"secret/data/{self.vault_path}")["data"]["data"])
        if service == "api":
            data = self.kubernetes.get(self.kubernetes_secret).raise_for_status().json()["data"]
            return json.dumps({name: base64.b64decode(value).decode() for name, value in data.items()})
        return self.stack.secret_text(service)

    def texts(self) -> dict[str, str]:
        """Return what each service would read now."""
        return {service: self.text(service) for service in SERVICES}

    def gcp_states(self) -> list[str]:
        """Return the states of Google's versions, newest first."""
        return [each["state"] for each in self.gcp.get(f"{self.gcp_secret}/versions").json()["versions"]]

    def edit(self, text: str) -> None:
        """Put a value by hand into Google's, Vault's and Kubernetes' secret, and let an intruder in at Google's."""
        payload = {"payload": {"data": base64.b64encode(text.encode()).decode()}}
        self.gcp.post(f"{self.gcp_secret}:addVersion", json=payload).raise_for_status()
        binding = {"role": "roles/secretmanager.secretAccessor", "members": [MEMBER, INTRUDER]}
        policy = {"policy": {"bindings": [binding]}}
        self.gcp.post(f"{self.gcp_secret}:setIamPolicy", json=policy).raise_for_status()
        self.vault.write_data(f"secret/data/{self.vault_path}", data={"data": {"OPENROUTER_API_KEY": text}})
        self.patch_kubernetes(data={"OPENROUTER_API_KEY": base64.b64encode(text.encode()).decode()})

    def patch_kubernetes(self, **change: Any) -> None:
        """Change the Secret by hand."""
        headers = {"content-type": "application/merge-patch+json"}
        self.kubernetes.patch(self.kubernetes_secret, headers=headers, json=change).raise_for_status()

    def left(self) -> list[Any]:
        """Return what is left of the services' secrets and of the policy."""
        vault = [f"secret/metadata/{self.vault_path}", "sys/policies/acl/bot-openrouter"]
        rest = [found for found in map(self.vault.read, vault) if found]
        google = [each["name"] for each in self.gcp.get("/secrets").json()["secrets"]]
        cluster = [each["metadata"]["name"] for each in self.kubernetes.get("/secrets").json()["items"]]
        own = [name for name in (*google, *cluster) if self.stack.prefix.replace("/", "-") in name]
        return [*self.stack.secret_names(), *own, *rest]


def _cluster(variables: dict[str, str]) -> httpx.Client:
    """Return a client of the sandbox's cluster, in the namespace `default`; one that leads nowhere without it."""
    config = yaml.safe_load(Path(variables["KUBECONFIG"]).read_text()) if "KUBECONFIG" in variables else {}
    server = config["clusters"][0]["cluster"]["server"] if config else "http://127.0.0.1:9"
    token = config["users"][0]["user"]["token"] if config else ""
    url = f"{server}/api/v1/namespaces/default"
    return httpx.Client(base_url=url, headers={"authorization": f"Bearer {token}"})


@pytest.fixture
def stack(sandbox: Sandbox, tmp_path: Path) -> Stack:
    """A new stack in a sandbox that has every store."""
    sandbox.open_store("gcp")
    sandbox.open_store("vault")
    sandbox.open_store("kubernetes")
    return replace(open_stack(tmp_path / "project", sandbox), providers=PROVIDERS)


def findings(stack: Stack) -> tuple[Run, dict[tuple[str, str], dict[str, Any]]]:
    """Run the drift check; return the run and its findings by service and property."""
    run = stack.run("openrouter-keys", "drift", "--stack", stack.name, "--format", "json", check=False)
    (found,) = json.loads(run.output[run.output.index("{") : run.output.rindex("}") + 1])["stacks"]
    assert "findings" in found, run
    return run, {(each["service"], each["property"]): each for each in found["findings"]}


def test_a_service_in_each_store_lives_rotates_drifts_and_goes(stack: Stack) -> None:
    """One stack: stored, unchanged, rotated, verified, found edited, healed as drift says, and gone without a trace."""
    stores = Stores(stack)
    stack.now = START
    stack.configure(SERVICES)
    stack.up()
    first = stores.texts()
    assert all(stack.accepted(text) for text in first.values())
    assert {name: each.get("store", "aws") for name, each in stack.services().items()} == STORES
    assert not stack.drifted()
    assert ENCODED not in json.dumps(stack.export())

    stack.now = format_instant(parse_instant(START) + timedelta(days=91))
    with (
        stack.watching("search", stores.text) as google,
        stack.watching("bot", stores.text) as vault,
        stack.watching("api", stores.text) as kubernetes,
    ):
        stack.up()
    assert google + vault + kubernetes == []
    second = stores.texts()
    assert all(stack.accepted(text) for text in {*first.values(), *second.values()})
    assert all(key_in(first[name]) != key_in(second[name]) for name in SERVICES)
    assert stores.gcp_states() == ["ENABLED", "DISABLED"]
    stack.run("openrouter-keys", "verify", "--stack", stack.name)

    stores.edit("by hand")
    run, found = findings(stack)
    assert run.code == 2
    edited = {(service, "secret.value") for service in ("search", "bot", "api")}
    assert set(found) == {*edited, ("search", "secret.members")}
    assert {each["severity"] for each in found.values()} == {"critical"}
    for command in commands(list(found.values())):
        carry_out(stack, command)
    run, found = findings(stack)
    assert found == {}, run
    assert all(stack.accepted(text) for text in stores.texts().values())

    stack.destroy()
    assert stack.control.keys() == []
    assert stores.left() == []
