"""The stand-in Kubernetes plugin and the API behind it behave as the real ones do."""

import base64
import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from sandbox.kubernetes.app import APPLY, MERGE, make_app
from sandbox.kubernetes.kubeconfig import TOKEN, write_kubeconfig
from sandbox.kubernetes_plugin.plugin import PLUGIN
from sandbox.kubernetes_plugin.secret import Secret
from sandbox.plugins.driver import PluginDriver, PluginError
from sandbox.serving import AppServer

SECRET = Secret.token
_numbers = itertools.count()


def encoded(text: str) -> str:
    """Return a text as a Secret's data has it."""
    return base64.b64encode(text.encode()).decode()


@pytest.fixture(scope="module")
def kubeconfig(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Serve a cluster in a thread."""
    with AppServer(make_app()) as server:
        path = tmp_path_factory.mktemp("cluster") / "kubeconfig"
        write_kubeconfig(path, server.url)
        yield path


@pytest.fixture(scope="module")
def plugin(kubeconfig: Path) -> Iterator[PluginDriver]:
    """Serve the plugin, with Secrets that are changed in place."""
    settings = {"kubeconfig": str(kubeconfig), "context": "sandbox", "enableSecretMutable": "true"}
    with PluginDriver(PLUGIN, settings) as driver:
        yield driver


@pytest.fixture(scope="module")
def replacing(kubeconfig: Path) -> Iterator[PluginDriver]:
    """Serve the plugin with its own defaults."""
    with PluginDriver(PLUGIN, {"kubeconfig": str(kubeconfig)}) as driver:
        yield driver


@pytest.fixture(scope="module")
def api(kubeconfig: Path) -> Iterator[httpx.Client]:
    """Look at the namespace `default` beside the plugin."""
    server = kubeconfig.read_text().partition("server: ")[2].split()[0]
    url = f"{server}/api/v1/namespaces/default"
    with httpx.Client(base_url=url, headers={"authorization": f"Bearer {TOKEN}"}) as client:
        yield client


@pytest.fixture
def wish() -> dict[str, Any]:
    """A Secret that no other test uses, as the SDK gives it."""
    metadata = {"name": f"s{next(_numbers)}", "namespace": "default", "labels": {"Service": "checkout"}}
    return {"apiVersion": "v1", "kind": "Secret", "type": "Opaque", "metadata": metadata, "data": {"A": encoded("one")}}


def name_of(wish: dict[str, Any]) -> str:
    """Return a wish's name."""
    return str(wish["metadata"]["name"])


def edit(api: httpx.Client, wish: dict[str, Any], **changes: Any) -> None:
    """Change a Secret by hand."""
    params = {"fieldManager": "kubectl-edit"}
    answer = api.patch(f"/secrets/{name_of(wish)}", params=params, headers={"content-type": MERGE}, json=changes)
    answer.raise_for_status()


def forcing(wish: dict[str, Any]) -> dict[str, Any]:
    """Return the wish with the annotation that lets it take fields over."""
    return wish | {"metadata": wish["metadata"] | {"annotations": {"pulumi.com/patchForce": "true"}}}


def test_a_secret_s_id_is_its_namespace_and_name(plugin: PluginDriver, wish: dict[str, Any]) -> None:
    """What the API fills in is in the outputs, and the same wish again is no difference."""
    found = plugin.create(SECRET, wish)
    assert found.id == f"default/{name_of(wish)}"
    assert {"uid", "resourceVersion", "creationTimestamp"} < set(found.state["metadata"])
    assert plugin.plan(SECRET, found, wish).kinds == {}


def test_string_data_is_data(plugin: PluginDriver, wish: dict[str, Any]) -> None:
    """The provider's normal form has both in one."""
    given = {**wish, "stringData": {"B": "two"}}
    assert plugin.create(SECRET, given).state["data"] == {"A": encoded("one"), "B": encoded("two")}


def test_changed_data_is_written_in_place_where_secrets_are_mutable(
    plugin: PluginDriver, api: httpx.Client, wish: dict[str, Any]
) -> None:
    """With enableSecretMutable other data is an update; what the wish no longer has goes with it."""
    found = plugin.create(SECRET, {**wish, "data": {"A": encoded("one"), "B": encoded("two")}})
    changed = {**wish, "data": {"A": encoded("three")}}
    plan = plugin.plan(SECRET, found, changed)
    assert (plan.kinds, plan.replaces) == ({"data.A": "UPDATE", "data.B": "DELETE"}, [])
    plugin.update(SECRET, found, changed)
    assert api.get(f"/secrets/{name_of(wish)}").json()["data"] == changed["data"]


@pytest.mark.parametrize("immutable", [False, True])
def test_changed_data_replaces_and_deletes_first_otherwise(
    plugin: PluginDriver, replacing: PluginDriver, wish: dict[str, Any], immutable: bool
) -> None:
    """By the provider's default, or for an immutable Secret, the old one goes before one of its name comes."""
    driver = plugin if immutable else replacing
    given = wish | {"immutable": immutable}
    found = driver.create(SECRET, given)
    plan = driver.plan(SECRET, found, {**given, "data": {"A": encoded("two")}})
    assert (plan.replaces, plan.delete_first) == (["data.A"], True)


@pytest.mark.parametrize("name", ["name", "namespace"])
def test_another_place_replaces_and_the_new_one_comes_first(
    plugin: PluginDriver, wish: dict[str, Any], name: str
) -> None:
    """Another name or namespace needs a new Secret, which doesn't stand in the old one's way."""
    found = plugin.create(SECRET, wish)
    plan = plugin.plan(SECRET, found, wish | {"metadata": wish["metadata"] | {name: "kube-system"}})
    assert (plan.replaces, plan.delete_first) == ([f"metadata.{name}"], False)


def test_what_the_real_provider_does_not_know_is_an_error(plugin: PluginDriver, wish: dict[str, Any]) -> None:
    """Unknown properties, in the metadata too, and unknown configuration are failures."""
    given = {**wish, "string_data": {}, "metadata": {**wish["metadata"], "label": {}}}
    assert set(plugin.check(SECRET, given)[1]) == {"string_data", "metadata"}
    assert plugin.check(SECRET, wish)[1] == {}
    problems = PLUGIN.settings_problems({"context": "a", "enableSecretMutable": "true", "contxt": "a"})
    assert [problem.property_name for problem in problems] == ["contxt"]


def test_a_name_that_is_taken_is_refused(plugin: PluginDriver, wish: dict[str, Any]) -> None:
    """A creation writes over nobody's Secret."""
    plugin.create(SECRET, wish)
    with pytest.raises(PluginError, match="already exists"):
        plugin.create(SECRET, wish | {"data": {}})


def test_a_hand_edit_is_seen_and_undone_by_force_alone(
    plugin: PluginDriver, api: httpx.Client, wish: dict[str, Any]
) -> None:
    """A refresh sees the value that somebody wrote; it is theirs, unless the annotation takes it back."""
    found = plugin.create(SECRET, forcing(wish))
    edit(api, wish, data={"A": encoded("by hand")})
    seen = plugin.read(SECRET, found.id, found.state)
    assert seen is not None
    assert plugin.plan(SECRET, seen, forcing(wish)).kinds == {"data.A": "UPDATE"}
    with pytest.raises(PluginError, match=r'conflict with "kubectl-edit": .data.A') as caught:
        plugin.update(SECRET, seen, wish)
    assert encoded("one") not in str(caught.value)
    assert plugin.update(SECRET, seen, forcing(wish)).state["data"] == wish["data"]


def test_what_others_add_is_no_difference(plugin: PluginDriver, api: httpx.Client, wish: dict[str, Any]) -> None:
    """Labels, annotations and data that a program says nothing of are not its matter."""
    found = plugin.create(SECRET, wish)
    edit(api, wish, metadata={"labels": {"by": "a-controller"}}, data={"EXTRA": encoded("theirs")})
    seen = plugin.read(SECRET, found.id, found.state)
    assert seen is not None
    assert seen.state["metadata"]["labels"] == {"Service": "checkout", "by": "a-controller"}
    assert plugin.plan(SECRET, seen, wish).kinds == {}


def test_a_deleted_secret_is_gone_and_deleting_it_again_is_no_error(
    plugin: PluginDriver, api: httpx.Client, wish: dict[str, Any]
) -> None:
    """A refresh says that it isn't there."""
    found = plugin.create(SECRET, wish)
    plugin.delete(SECRET, found)
    assert api.get(f"/secrets/{name_of(wish)}").json()["reason"] == "NotFound"
    assert plugin.read(SECRET, found.id, found.state) is None
    plugin.delete(SECRET, found)


def test_an_import_takes_what_a_program_would_say(plugin: PluginDriver, wish: dict[str, Any]) -> None:
    """An imported Secret differs in nothing from the wish that made it."""
    found = plugin.create(SECRET, wish)
    imported = plugin.read(SECRET, found.id)
    assert imported is not None
    assert plugin.plan(SECRET, imported, wish).kinds == {}


def test_an_immutable_secret_keeps_its_data(plugin: PluginDriver, api: httpx.Client, wish: dict[str, Any]) -> None:
    """What somebody made immutable is refused a new value by the API itself."""
    found = plugin.create(SECRET, wish)
    edit(api, wish, immutable=True)
    with pytest.raises(PluginError, match="field is immutable"):
        plugin.update(SECRET, found, {**wish, "data": {"A": encoded("two")}})


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"metadata": {"name": "Upper"}}, "Invalid"),
        ({"metadata": {"name": "fine"}, "data": {"no spaces": ""}}, "Invalid"),
        ({"metadata": {"name": "fine"}, "data": {"A": "%"}}, "BadRequest"),
    ],
)
def test_what_is_no_secret_is_refused(api: httpx.Client, change: dict[str, Any], reason: str) -> None:
    """Names, keys of the data and its encoding are checked, and nothing is made."""
    assert api.post("/secrets", json=change).json()["reason"] == reason
    assert "fine" not in [each["metadata"]["name"] for each in api.get("/secrets").json()["items"]]


def test_a_namespace_must_exist_and_a_token_must_be_right(
    kubeconfig: Path, plugin: PluginDriver, tmp_path: Path
) -> None:
    """Nothing is made where there is no namespace; without the token nothing is answered, and it is not quoted."""
    elsewhere = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "a", "namespace": "nowhere"}}
    with pytest.raises(PluginError, match='namespaces "nowhere" not found'):
        plugin.create(SECRET, elsewhere)
    wrong = tmp_path / "kubeconfig"
    wrong.write_text(kubeconfig.read_text().replace(f"token: {TOKEN}", "token: wrong-canary"))
    with PluginDriver(PLUGIN, {"kubeconfig": str(wrong)}) as driver:
        with pytest.raises(PluginError, match="Unauthorized") as caught:
            driver.create(SECRET, elsewhere)
        assert "canary" not in str(caught.value)


def test_a_context_that_is_not_there_reaches_no_cluster(kubeconfig: Path) -> None:
    """The provider starts, and says so with the first resource, as the real one does."""
    settings = {"kubeconfig": str(kubeconfig), "context": "prod"}
    with PluginDriver(PLUGIN, settings) as driver, pytest.raises(PluginError, match="context 'prod' does not exist"):
        driver.read(SECRET, "default/a")


def test_applying_takes_away_what_one_no_longer_says(api: httpx.Client) -> None:
    """A field that its own manager leaves out goes; one of somebody else stays."""
    api.post(
        "/secrets", params={"fieldManager": "a"}, json={"metadata": {"name": "shared"}, "data": {"A": "", "B": ""}}
    )
    params, headers = {"fieldManager": "b"}, {"content-type": APPLY}
    for data in ({"C": "", "D": ""}, {"C": ""}):
        body = {"metadata": {"name": "shared"}, "data": data}
        api.patch("/secrets/shared", params=params, headers=headers, json=body).raise_for_status()
    assert set(api.get("/secrets/shared").json()["data"]) == {"A", "B", "C"}
