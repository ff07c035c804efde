"""The stand-in Vault plugin and the Vault behind it behave as the real ones do."""

import itertools
import json
from collections.abc import Iterator
from typing import Any

import hvac
import pytest
from hvac.exceptions import Forbidden, InvalidPath, InvalidRequest

from sandbox.plugins.driver import PluginDriver, PluginError
from sandbox.serving import AppServer
from sandbox.vault.app import TOKEN, make_app
from sandbox.vault_plugin.plugin import PLUGIN
from sandbox.vault_plugin.policy import Policy
from sandbox.vault_plugin.secret_v2 import SecretV2

SECRET, POLICY = SecretV2.token, Policy.token
_numbers = itertools.count()


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """Serve Vault in a thread."""
    with AppServer(make_app()) as server:
        yield server.url


@pytest.fixture(scope="module")
def plugin(url: str) -> Iterator[PluginDriver]:
    """Serve the plugin."""
    with PluginDriver(PLUGIN, {"address": url, "token": TOKEN}) as driver:
        yield driver


@pytest.fixture
def kv(url: str) -> Any:
    """Look at Vault beside the plugin."""
    return hvac.Client(url, TOKEN).secrets.kv.v2


@pytest.fixture
def wish() -> dict[str, Any]:
    """A path that no other test uses."""
    return {"mount": "secret", "name": f"acme/s{next(_numbers)}", "dataJson": json.dumps({"key": "one"})}


def read(kv: Any, wish: dict[str, Any]) -> Any:
    """Return the newest version of a wish's path."""
    return kv.read_secret_version(wish["name"], raise_on_deleted_version=False)["data"]


def test_a_secret_s_id_is_its_api_path(plugin: PluginDriver, kv: Any, wish: dict[str, Any]) -> None:
    """A path is written, and its id, path and metadata are known."""
    found = plugin.create(SECRET, wish)
    assert found.id == found.state["path"] == f"secret/data/{wish['name']}"
    assert (found.state["metadata"]["version"], read(kv, wish)["data"]) == ("1", {"key": "one"})


def test_a_changed_value_is_written_in_place(plugin: PluginDriver, kv: Any, wish: dict[str, Any]) -> None:
    """Other data is an update to the next version, never a replacement; other spelling is nothing."""
    found = plugin.create(SECRET, wish)
    assert plugin.plan(SECRET, found, wish | {"dataJson": '{ "key" : "one" }'}).kinds == {}
    changed = wish | {"dataJson": json.dumps({"key": "two"})}
    plan = plugin.plan(SECRET, found, changed)
    assert (plan.kinds, plan.replaces) == ({"dataJson": "UPDATE"}, [])
    assert plugin.update(SECRET, found, changed).state["metadata"]["version"] == "2"
    assert read(kv, wish)["data"] == {"key": "two"}


@pytest.mark.parametrize("name", ["mount", "name", "namespace"])
def test_another_place_replaces(plugin: PluginDriver, wish: dict[str, Any], name: str) -> None:
    """Another mount, name or namespace needs a new secret."""
    found = plugin.create(SECRET, wish)
    assert plugin.plan(SECRET, found, wish | {name: "elsewhere"}).replaces == [name]


def test_unknown_properties_are_errors(plugin: PluginDriver, wish: dict[str, Any]) -> None:
    """What pulumi_vault doesn't know, a missing mount and data that is no object are failures by property."""
    given = {"name": "n", "data_json": "{}", "dataJson": "[]"}
    assert set(plugin.check(SECRET, given)[1]) == {"mount", "data_json", "dataJson"}
    assert set(plugin.check(POLICY, {"text": "x"})[1]) == {"policy", "text"}
    assert plugin.check(SECRET, wish)[1] == {}


def test_a_hand_edit_is_seen_and_undone(plugin: PluginDriver, kv: Any, wish: dict[str, Any]) -> None:
    """A refresh reads the newest version whoever wrote it, and the update writes Pulumi's value again."""
    found = plugin.create(SECRET, wish)
    kv.create_or_update_secret(wish["name"], {"key": "by hand"})
    seen = plugin.read(SECRET, found.id, found.state)
    assert seen is not None
    assert plugin.plan(SECRET, seen, wish).kinds == {"dataJson": "UPDATE"}
    assert plugin.update(SECRET, seen, wish).state["metadata"]["version"] == "3"
    assert read(kv, wish)["data"] == {"key": "one"}


def test_a_soft_deletion_is_seen(plugin: PluginDriver, kv: Any, wish: dict[str, Any]) -> None:
    """A deleted newest version still has its path, and its data is null."""
    found = plugin.create(SECRET, wish)
    kv.delete_latest_version_of_secret(wish["name"])
    seen = plugin.read(SECRET, found.id, found.state)
    assert seen is not None
    assert seen.state["dataJson"] == "null"


@pytest.mark.parametrize("everything", [True, False])
def test_deletion_is_soft_unless_told_otherwise(
    plugin: PluginDriver, kv: Any, wish: dict[str, Any], everything: bool
) -> None:
    """DeleteAllVersions takes the path away; without it only the newest version is marked."""
    found = plugin.create(SECRET, wish | {"deleteAllVersions": everything})
    plugin.delete(SECRET, found)
    if everything:
        assert plugin.read(SECRET, found.id, found.state) is None
        with pytest.raises(InvalidPath):
            kv.read_secret_metadata(wish["name"])
    else:
        assert read(kv, wish)["data"] is None


def test_custom_metadata_is_kept_with_the_path(plugin: PluginDriver, kv: Any, wish: dict[str, Any]) -> None:
    """Marks are written beside the value, read back, and what Vault fills in is no difference."""
    wanted = wish | {"customMetadata": {"data": {"Service": "checkout"}}}
    found = plugin.create(SECRET, wanted)
    assert kv.read_secret_metadata(wish["name"])["data"]["custom_metadata"] == {"Service": "checkout"}
    assert plugin.plan(SECRET, found, wanted).kinds == {}
    kv.update_metadata(wish["name"], custom_metadata={"Service": "other"})
    seen = plugin.read(SECRET, found.id, found.state)
    assert seen is not None
    assert plugin.plan(SECRET, seen, wanted).kinds == {"customMetadata": "UPDATE"}


def test_a_policy_lives(plugin: PluginDriver, url: str) -> None:
    """A policy's id is its name; it is written, read, changed in place, removed, and then gone."""
    wanted = {"name": "reader", "policy": 'path "a" {}'}
    found = plugin.create(POLICY, wanted)
    assert found.id == "reader"
    changed = wanted | {"policy": 'path "b" {}'}
    assert plugin.plan(POLICY, found, changed).kinds == {"policy": "UPDATE"}
    plugin.update(POLICY, found, changed)
    seen = plugin.read(POLICY, found.id, found.state)
    assert seen is not None
    assert seen.state["policy"] == 'path "b" {}'
    plugin.delete(POLICY, seen)
    assert plugin.read(POLICY, found.id, seen.state) is None
    assert hvac.Client(url, TOKEN).read("sys/policies/acl/reader") is None


def test_a_wrong_token_is_refused_without_the_value(url: str, wish: dict[str, Any]) -> None:
    """Vault asks for the token first; the plugin's error names the operation and neither token nor value."""
    with pytest.raises(Forbidden):
        hvac.Client(url, "wrong").secrets.kv.v2.read_secret_version("a", raise_on_deleted_version=False)
    settings = {"address": url, "token": "wrong-canary", "skipChildToken": True}
    with PluginDriver(PLUGIN, settings) as plugin, pytest.raises(PluginError, match="Forbidden") as caught:
        plugin.create(SECRET, wish | {"dataJson": '{"key": "canary"}'})
    assert "canary" not in str(caught.value)


def test_a_missing_address_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without an address the provider refuses to start and says how to set one."""
    monkeypatch.delenv("VAULT_ADDR", raising=False)
    with pytest.raises(PluginError, match="pulumi config set vault:address"), PluginDriver(PLUGIN, {"token": "t"}):
        pass


def test_unknown_configuration_is_an_error() -> None:
    """Configuration that pulumi_vault doesn't know is a failure; what it knows passes."""
    problems = PLUGIN.settings_problems({"address": "a", "skipChildToken": "true", "adress": "a"})
    assert [problem.property_name for problem in problems] == ["adress"]


def test_check_and_set_guards_a_write(kv: Any, wish: dict[str, Any]) -> None:
    """A write that expects another version is refused, and nothing is written."""
    kv.create_or_update_secret(wish["name"], {"key": "one"}, cas=0)
    with pytest.raises(InvalidRequest, match="check-and-set"):
        kv.create_or_update_secret(wish["name"], {"key": "two"}, cas=0)
    assert read(kv, wish)["metadata"]["version"] == 1


def test_versions_stay_readable_up_to_ten(kv: Any, wish: dict[str, Any]) -> None:
    """An older version can be read by its number until ten newer ones exist."""
    for number in range(11):
        kv.create_or_update_secret(wish["name"], {"key": str(number)})
    assert kv.read_secret_version(wish["name"], version=2, raise_on_deleted_version=False)["data"]["data"] == {
        "key": "1"
    }
    with pytest.raises(InvalidPath):
        kv.read_secret_version(wish["name"], version=1, raise_on_deleted_version=False)
