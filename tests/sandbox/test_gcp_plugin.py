"""The stand-in Google Cloud plugin and the Secret Manager behind it behave as the real ones do."""

import itertools
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from google.api_core.exceptions import BadRequest, Conflict, NotFound
from google.cloud.secretmanager_v1 import SecretManagerServiceClient
from google.oauth2.credentials import Credentials

from sandbox.gcp.app import PROJECT, TOKEN, make_app
from sandbox.gcp.secrets import PROJECT_NUMBER
from sandbox.gcp_plugin.plugin import PLUGIN
from sandbox.gcp_plugin.secret import Secret
from sandbox.gcp_plugin.secret_iam_binding import SecretIamBinding
from sandbox.gcp_plugin.secret_version import SecretVersion
from sandbox.plugins.driver import PluginDriver, PluginError
from sandbox.plugins.resource_type import Found
from sandbox.serving import AppServer

SECRET, VERSION, BINDING = Secret.token, SecretVersion.token, SecretIamBinding.token
ROLE = "roles/secretmanager.secretAccessor"
_numbers = itertools.count()


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """Serve Secret Manager in a thread."""
    with AppServer(make_app()) as server:
        yield server.url


@pytest.fixture(scope="module")
def plugin(url: str) -> Iterator[PluginDriver]:
    """Serve the plugin."""
    settings = {"project": PROJECT, "accessToken": TOKEN, "secretManagerCustomEndpoint": f"{url}/v1"}
    with PluginDriver(PLUGIN, settings) as driver:
        yield driver


@pytest.fixture(scope="module")
def client(url: str) -> Any:
    """Look at Secret Manager beside the plugin, with Google's own library."""
    credentials = Credentials(TOKEN)  # type: ignore[no-untyped-call]  # it has no types
    return SecretManagerServiceClient(transport="rest", credentials=credentials, client_options={"api_endpoint": url})


@pytest.fixture
def wish() -> dict[str, Any]:
    """A secret that no other test uses."""
    return {"secretId": f"acme-{next(_numbers)}", "replication": {"auto": {}}, "labels": {"a": "b"}}


@pytest.fixture
def secret(plugin: PluginDriver, wish: dict[str, Any]) -> Found:
    """Make a secret without a value."""
    return plugin.create(SECRET, wish)


def latest(client: Any, secret: Found) -> str:
    """Return what a service reads."""
    value: bytes = client.access_secret_version(name=f"{secret.id}/versions/latest").payload.data
    return value.decode()


def test_a_secret_s_id_has_the_project_s_id_and_its_name_the_number(secret: Found, wish: dict[str, Any]) -> None:
    """The id is what the program gave; Google's name has the project's number."""
    assert secret.id == f"projects/{PROJECT}/secrets/{wish['secretId']}"
    assert secret.state["name"] == f"projects/{PROJECT_NUMBER}/secrets/{wish['secretId']}"


def test_what_replaces_a_secret(plugin: PluginDriver, secret: Found, wish: dict[str, Any]) -> None:
    """Id, project and replication replace; labels and the destruction's delay are changed in place."""
    elsewhere = wish | {"secretId": "x", "project": "other-project", "replication": {"userManaged": {"replicas": []}}}
    assert plugin.plan(SECRET, secret, elsewhere).replaces == ["project", "replication", "secretId"]
    plan = plugin.plan(SECRET, secret, wish | {"labels": {"a": "c"}, "versionDestroyTtl": "86400s"})
    assert (plan.kinds, plan.replaces) == ({"labels": "UPDATE", "versionDestroyTtl": "ADD"}, [])
    assert plugin.plan(SECRET, secret, wish).kinds == {}


def test_labels_of_others_are_no_drift(plugin: PluginDriver, client: Any, secret: Found, wish: dict[str, Any]) -> None:
    """Only the labels that the program manages are compared; a changed one of them is seen and set back."""
    record = client.get_secret(name=secret.id)
    record.labels["theirs"] = "x"
    client.update_secret(secret=record, update_mask={"paths": ["labels"]})
    seen = plugin.read(SECRET, secret.id, secret.state)
    assert seen is not None
    assert plugin.plan(SECRET, seen, wish).kinds == {}
    record.labels["a"] = "by-hand"
    client.update_secret(secret=record, update_mask={"paths": ["labels"]})
    seen = plugin.read(SECRET, secret.id, secret.state)
    assert seen is not None
    assert plugin.plan(SECRET, seen, wish).kinds == {"labels": "UPDATE"}
    assert plugin.update(SECRET, seen, wish).state["labels"] == {"a": "b"}


def test_a_taken_name_is_refused(plugin: PluginDriver, client: Any, wish: dict[str, Any]) -> None:
    """A secret of that name is never taken over."""
    plugin.create(SECRET, wish)
    with pytest.raises(PluginError, match=r"Error 409: Secret \[.*\] already exists"):
        plugin.create(SECRET, wish)
    with pytest.raises(Conflict):
        client.create_secret(
            parent=f"projects/{PROJECT}", secret_id=wish["secretId"], secret={"replication": {"automatic": {}}}
        )


def test_unknown_properties_are_errors(plugin: PluginDriver) -> None:
    """What pulumi_gcp doesn't know, and what is missing, are failures by property."""
    assert set(plugin.check(SECRET, {"secret_id": "a"})[1]) == {"secret_id", "secretId", "replication"}
    assert set(plugin.check(VERSION, {"data": "a"})[1]) == {"data", "secret"}
    assert set(plugin.check(BINDING, {"member": "a"})[1]) == {"member", "members", "role", "secretId"}


def test_a_changed_value_is_a_new_version_first(plugin: PluginDriver, client: Any, secret: Found) -> None:
    """Another value replaces without deleting first, and `latest` is the new one, also once the old one is gone."""
    wanted = {"secret": secret.id, "secretData": "one"}
    old = plugin.create(VERSION, wanted)
    assert old.id == f"{secret.state['name']}/versions/1"
    plan = plugin.plan(VERSION, old, wanted | {"secretData": "two"})
    assert (plan.replaces, plan.delete_first) == (["secretData"], False)
    plugin.create(VERSION, wanted | {"secretData": "two"})
    plugin.delete(VERSION, old)
    assert latest(client, secret) == "two"
    assert plugin.read(VERSION, old.id, old.state) is None


def test_a_destruction_with_a_delay_can_be_undone(plugin: PluginDriver, client: Any, wish: dict[str, Any]) -> None:
    """With versionDestroyTtl a destroyed version is disabled at once and can be enabled again, value and all."""
    secret = plugin.create(SECRET, wish | {"versionDestroyTtl": "604800s"})
    old = plugin.create(VERSION, {"secret": secret.id, "secretData": "one"})
    plugin.delete(VERSION, old)
    with pytest.raises(BadRequest, match="DISABLED"):
        client.access_secret_version(name=old.id)
    client.enable_secret_version(name=old.id)
    assert client.access_secret_version(name=old.id).payload.data == b"one"


@pytest.mark.parametrize(
    ("policy", "state"), [("DISABLE", "DISABLED"), ("ABANDON", "ENABLED"), ("DELETE", "DESTROYED")]
)
def test_a_version_ends_as_its_policy_says(
    plugin: PluginDriver, client: Any, secret: Found, policy: str, state: str
) -> None:
    """A removed version is disabled, left alone or destroyed."""
    found = plugin.create(VERSION, {"secret": secret.id, "secretData": "one", "deletionPolicy": policy})
    plugin.delete(VERSION, found)
    assert client.get_secret_version(name=found.id).state.name == state


def test_a_hand_edit_is_invisible_to_a_refresh(plugin: PluginDriver, client: Any, secret: Found) -> None:
    """A version that somebody added is what services read, and no difference of the one that Pulumi wrote."""
    wanted = {"secret": secret.id, "secretData": "one"}
    found = plugin.create(VERSION, wanted)
    client.add_secret_version(parent=secret.id, payload={"data": b"by hand"})
    seen = plugin.read(VERSION, found.id, found.state)
    assert seen is not None
    assert plugin.plan(VERSION, seen, wanted).kinds == {}
    assert latest(client, secret) == "by hand"


def test_a_disabled_version_is_seen_and_enabled(plugin: PluginDriver, client: Any, secret: Found) -> None:
    """A version disabled by hand keeps its known value and is enabled by the update."""
    wanted = {"secret": secret.id, "secretData": "one"}
    found = plugin.create(VERSION, wanted)
    client.disable_secret_version(name=found.id)
    seen = plugin.read(VERSION, found.id, found.state)
    assert seen is not None
    assert (seen.state["secretData"], plugin.plan(VERSION, seen, wanted).kinds) == ("one", {"enabled": "ADD"})
    plugin.update(VERSION, seen, wanted)
    assert latest(client, secret) == "one"


def test_a_binding_owns_its_role_and_no_other(plugin: PluginDriver, client: Any, secret: Found) -> None:
    """Members added by hand are seen and removed, other roles are left alone, and a missing binding has no members."""
    other = {"role": "roles/viewer", "members": ["user:b@acme.com"]}
    client.set_iam_policy(request={"resource": secret.id, "policy": {"bindings": [other]}})
    wanted = {"secretId": secret.id, "role": ROLE, "members": ["user:a@acme.com"]}
    found = plugin.create(BINDING, wanted)
    assert found.id == f"{secret.id}/{ROLE}"
    both = [other, {"role": ROLE, "members": ["user:a@acme.com", "user:x@acme.com"]}]
    client.set_iam_policy(request={"resource": secret.id, "policy": {"bindings": both}})
    seen = plugin.read(BINDING, found.id, found.state)
    assert seen is not None
    assert plugin.plan(BINDING, seen, wanted).kinds == {"members": "UPDATE"}
    plugin.update(BINDING, seen, wanted)
    plugin.delete(BINDING, found)
    left = client.get_iam_policy(request={"resource": secret.id})
    assert [binding.role for binding in left.bindings] == ["roles/viewer"]
    gone = plugin.read(BINDING, found.id, found.state)
    assert gone is not None
    assert gone.state["members"] == []


def test_a_deleted_secret_takes_everything_along(plugin: PluginDriver, client: Any, secret: Found) -> None:
    """A secret that is gone reads as gone, with its versions and its binding, and deleting again is no error."""
    version = plugin.create(VERSION, {"secret": secret.id, "secretData": "one"})
    binding = plugin.create(BINDING, {"secretId": secret.id, "role": ROLE, "members": ["user:a@acme.com"]})
    client.delete_secret(name=secret.id)
    for token, found in ((SECRET, secret), (VERSION, version), (BINDING, binding)):
        assert plugin.read(token, found.id, found.state) is None
        plugin.delete(token, found)


def test_a_protected_secret_stays(plugin: PluginDriver, client: Any, wish: dict[str, Any]) -> None:
    """DeletionProtection refuses the deletion."""
    secret = plugin.create(SECRET, wish | {"deletionProtection": True})
    with pytest.raises(PluginError, match="deletion_protection"):
        plugin.delete(SECRET, secret)
    assert client.get_secret(name=secret.id).name


def test_a_value_that_is_not_there_is_not_found(client: Any, secret: Found) -> None:
    """A secret without versions has no latest one."""
    with pytest.raises(NotFound):
        client.access_secret_version(name=f"{secret.id}/versions/latest")


def test_a_wrong_token_is_refused_without_the_value(url: str, secret: Found) -> None:
    """The token is asked for first; the plugin's error names neither token nor value."""
    answer = httpx.get(f"{url}/v1/{secret.id}", headers={"authorization": "Bearer wrong"})
    assert (answer.status_code, answer.json()["error"]["status"]) == (401, "UNAUTHENTICATED")
    settings = {"project": PROJECT, "accessToken": "canary", "secretManagerCustomEndpoint": f"{url}/v1"}
    with PluginDriver(PLUGIN, settings) as plugin, pytest.raises(PluginError, match="Error 401") as caught:
        plugin.create(VERSION, {"secret": secret.id, "secretData": "canary"})
    assert "canary" not in str(caught.value)


def test_a_missing_project_is_an_error(monkeypatch: pytest.MonkeyPatch, url: str, wish: dict[str, Any]) -> None:
    """Without a project a secret can't be made, and the error says how to set one."""
    for name in ("GOOGLE_PROJECT", "GOOGLE_CLOUD_PROJECT", "GCLOUD_PROJECT", "CLOUDSDK_CORE_PROJECT"):
        monkeypatch.delenv(name, raising=False)
    settings = {"accessToken": TOKEN, "secretManagerCustomEndpoint": f"{url}/v1"}
    with PluginDriver(PLUGIN, settings) as plugin, pytest.raises(PluginError, match="pulumi config set gcp:project"):
        plugin.create(SECRET, wish)
