"""Reading a service's value from whichever store its reference names."""

import base64
import json
import logging
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import hvac
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from openrouter_provider.api.credentials import is_open_to_listeners
from openrouter_provider.api.errors import ConfigurationError
from openrouter_provider.stores.custody import held_now
from openrouter_provider.stores.extras import explaining_a_missing_extra
from openrouter_provider.stores.kubernetes.reading import VERSION_ANNOTATION, version_note
from openrouter_provider.stores.reading import READINGS, SecretUnreadable, read_key, read_stored, reading_of
from openrouter_provider.stores.vault.reading import split_path
from sandbox.environment import store_variables
from sandbox.gcp.app import make_app as make_gcp
from sandbox.kubernetes.app import MERGE
from sandbox.kubernetes.app import make_app as make_kubernetes
from sandbox.kubernetes.kubeconfig import TOKEN, write_kubeconfig
from sandbox.serving import AppServer
from sandbox.vault.app import make_app as make_vault

CANARY = "sk-or-v1-" + "c0ffee" * 10
VALUE = json.dumps({"OPENROUTER_API_KEY": CANARY})
GCP, VAULT = "gcp:projects/sandbox/secrets/checkout", "vault:secret/data/acme/dev/checkout/openrouter"
NO_SECRET = "kubernetes:default/nothing@sandbox"
KUBERNETES = "kubernetes:default/checkout@sandbox"


def point_at(monkeypatch: pytest.MonkeyPatch, store: str, url: str, folder: Path = Path()) -> dict[str, str]:
    """Set a store's variables for this test and return them."""
    variables = store_variables(store, url, folder)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    return variables


@pytest.fixture
def google(monkeypatch: pytest.MonkeyPatch) -> Iterator[httpx.Client]:
    """A Secret Manager with one secret, where the environment points to."""
    with AppServer(make_gcp()) as server:
        token = point_at(monkeypatch, "gcp", server.url)["GOOGLE_OAUTH_ACCESS_TOKEN"]
        headers = {"authorization": f"Bearer {token}"}
        with httpx.Client(base_url=f"{server.url}/v1/projects/sandbox", headers=headers) as client:
            client.post("/secrets", params={"secretId": "checkout"}, json={"replication": {"automatic": {}}})
            yield client


def test_an_answer_of_aws_is_not_logged(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    """A program that logs at DEBUG, AWS's library with it, does not log the value that was read."""

    async def answer(_request: Request) -> JSONResponse:
        return JSONResponse({"VersionId": "v1", "SecretString": VALUE})

    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "sandbox")
    with AppServer(Starlette(routes=[Route("/", answer, methods=["POST"])])) as server, caplog.at_level(logging.DEBUG):
        monkeypatch.setenv("AWS_ENDPOINT_URL", server.url)
        assert read_key("arn:aws:secretsmanager:us-east-1:123456789012:secret:checkout").get_secret_value() == CANARY
    assert any(record.name.startswith("botocore") for record in caplog.records)
    assert CANARY not in caplog.text


def add(google: httpx.Client, text: str) -> None:
    """Add a version to the secret."""
    payload = {"data": base64.b64encode(text.encode()).decode()}
    google.post("/secrets/checkout:addVersion", json={"payload": payload}).raise_for_status()


@pytest.fixture
def vault(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The KV engine of a Vault, where the environment points to."""
    with AppServer(make_vault()) as server:
        variables = point_at(monkeypatch, "vault", server.url)
        yield hvac.Client(variables["VAULT_ADDR"], variables["VAULT_TOKEN"]).secrets.kv.v2


def test_google_s_latest_version_is_read(google: httpx.Client) -> None:
    """The value is the newest version's, in either format, and its number says which that is."""
    add(google, "older")
    add(google, VALUE)
    stored = read_stored(GCP)
    assert stored.version_id == "2"
    assert stored.key is not None
    assert stored.key.get_secret_value() == CANARY
    assert CANARY not in repr(stored)


def test_google_s_refusals_are_one_line(google: httpx.Client) -> None:
    """A secret that is gone, a disabled latest version and a wrong token say why, without the value."""
    add(google, VALUE)
    google.post("/secrets/checkout/versions/1:disable").raise_for_status()
    with pytest.raises(SecretUnreadable, match="AccessSecretVersion: FAILED_PRECONDITION"):
        read_stored(GCP)
    with pytest.raises(SecretUnreadable, match="AccessSecretVersion: NOT_FOUND"):
        read_stored("gcp:projects/sandbox/secrets/nowhere")


def test_vault_s_newest_version_is_read(vault: Any) -> None:
    """The value is the newest version's fields, and its number says which that is."""
    vault.create_or_update_secret("acme/dev/checkout/openrouter", {"OPENROUTER_API_KEY": "older"})
    vault.create_or_update_secret("acme/dev/checkout/openrouter", json.loads(VALUE))
    stored = read_stored(VAULT)
    assert stored.version_id == "2"
    assert read_key(VAULT).get_secret_value() == CANARY


def test_a_deleted_version_in_vault_is_another_one_without_a_key(vault: Any) -> None:
    """A soft deletion is an edit: its version is no version that Pulumi wrote, and it holds no key."""
    vault.create_or_update_secret("acme/dev/checkout/openrouter", json.loads(VALUE))
    vault.delete_latest_version_of_secret("acme/dev/checkout/openrouter")
    stored = read_stored(VAULT)
    assert (stored.version_id, stored.key) == ("1 (deleted)", None)
    with pytest.raises(SecretUnreadable, match="holds no OPENROUTER_API_KEY"):
        read_key(VAULT)


@pytest.mark.usefixtures("vault")
def test_vault_s_refusals_are_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """A path that is gone and a wrong token say why."""
    with pytest.raises(SecretUnreadable, match="nothing at its path"):
        read_stored(VAULT)
    monkeypatch.setenv("VAULT_TOKEN", "wrong")
    with pytest.raises(SecretUnreadable, match="refused to read it: Forbidden"):
        read_stored(VAULT)


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[httpx.Client]:
    """A cluster with one Secret, where the environment points to."""
    with AppServer(make_kubernetes()) as server:
        write_kubeconfig(Path(point_at(monkeypatch, "kubernetes", server.url, tmp_path)["KUBECONFIG"]), server.url)
        url = f"{server.url}/api/v1/namespaces/default/secrets"
        with httpx.Client(headers={"authorization": f"Bearer {TOKEN}", "content-type": MERGE}) as client:
            body = {"metadata": {"name": "checkout"}, "stringData": json.loads(VALUE)}
            client.post(url, json=body).raise_for_status()
            client.base_url = httpx.URL(url)
            yield client


def test_a_secret_s_data_is_read_and_its_version_is_the_data_s(
    cluster: httpx.Client, caplog: pytest.LogCaptureFixture
) -> None:
    """Another label is the same version, other data is another one where nothing is noted, and no log has the value."""
    with caplog.at_level(logging.DEBUG):
        first = read_stored(KUBERNETES)
    assert first.key is not None
    assert first.key.get_secret_value() == CANARY
    assert not {CANARY, base64.b64encode(CANARY.encode()).decode()} & set(caplog.text.split())
    assert CANARY not in caplog.text + repr(first)
    cluster.patch("/checkout", json={"metadata": {"labels": {"by": "a-controller"}}}).raise_for_status()
    assert read_stored(KUBERNETES).version_id == first.version_id
    cluster.patch("/checkout", json={"data": {"MORE": ""}}).raise_for_status()
    assert read_stored(KUBERNETES).version_id != first.version_id
    cluster.patch("/checkout", json={"data": None}).raise_for_status()
    assert read_stored(KUBERNETES).key is None


def test_only_what_pulumi_wrote_has_a_part_in_the_version(cluster: httpx.Client) -> None:
    """A variable that somebody added changes nothing; one of those that the annotation names does, also by its loss."""
    data = {"OPENROUTER_API_KEY": CANARY, "OPENROUTER_APP_TITLE": "Shop"}
    note = {"metadata": {"annotations": {VERSION_ANNOTATION: version_note(data)}}}
    written = {name: base64.b64encode(text.encode()).decode() for name, text in data.items()}
    cluster.patch("/checkout", json={**note, "data": written | {"MORE": ""}}).raise_for_status()
    assert read_stored(KUBERNETES).version_id == version_note(data).split()[0]
    cluster.patch("/checkout", json={"data": {"OPENROUTER_APP_TITLE": None}}).raise_for_status()
    assert read_stored(KUBERNETES).version_id != version_note(data).split()[0]


def test_kubernetes_refusals_are_one_line_and_only_one_of_them_means_gone(
    cluster: httpx.Client, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """That there is no such Secret is believed of the cluster that is noted, and of nothing else."""
    noted = reading_of(KUBERNETES).here({"kubernetes:context": "sandbox"}.get)
    assert held_now(reading_of(KUBERNETES), NO_SECRET, noted).is_nothing
    assert "doesn't note which cluster" in held_now(reading_of(KUBERNETES), NO_SECRET).problem
    other = held_now(reading_of(KUBERNETES), NO_SECRET, {**noted, "server": "https://elsewhere:6443"})
    assert "stored in the cluster at https://elsewhere:6443" in other.problem
    unknown = held_now(reading_of(KUBERNETES), "kubernetes:default/checkout@prod")
    assert "no context prod" in unknown.problem
    assert "names no context" in held_now(reading_of(KUBERNETES), "kubernetes:default/checkout").problem
    write_kubeconfig(tmp_path / "wrong", str(cluster.base_url.copy_with(path="/")), "wrong-canary")
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "wrong"))
    refused = held_now(reading_of(KUBERNETES), KUBERNETES)
    assert refused.problem == "Kubernetes refused to read it: Unauthorized, HTTP 401"


def test_a_page_of_a_gateway_does_not_say_that_a_secret_is_gone(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A 404 that is none of Kubernetes' leaves open whether the Secret holds the key."""
    with AppServer(Starlette()) as server:
        write_kubeconfig(Path(point_at(monkeypatch, "kubernetes", server.url, tmp_path)["KUBECONFIG"]), server.url)
        held = held_now(reading_of(KUBERNETES), KUBERNETES)
    assert held.problem == "Kubernetes refused to read it: an answer of another form, HTTP 404"


@pytest.mark.usefixtures("cluster")
def test_a_secret_that_is_there_can_be_imported() -> None:
    """What drift names is the id that `pulumi import` takes."""
    noted = reading_of(KUBERNETES).here({"kubernetes:context": "sandbox"}.get)
    found = reading_of(KUBERNETES).existing(KUBERNETES, noted)
    assert found is not None
    assert found.id == "default/checkout"
    assert reading_of(KUBERNETES).existing(NO_SECRET, noted) is None


@pytest.mark.parametrize(
    ("reference", "variable"), [(GCP, "GOOGLE_SECRET_MANAGER_CUSTOM_ENDPOINT"), (VAULT, "VAULT_ADDR")]
)
def test_an_unencrypted_way_is_refused(monkeypatch: pytest.MonkeyPatch, reference: str, variable: str) -> None:
    """A token and a key travel by HTTPS, or not at all off this machine."""
    monkeypatch.setenv(variable, "http://store.example.com")
    with pytest.raises(SecretUnreadable, match=f"{variable} is not HTTPS"):
        read_stored(reference)


def test_a_store_that_does_not_answer_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody listening is a reason, and no traceback."""
    for store, reference in (("gcp", GCP), ("vault", VAULT)):
        point_at(monkeypatch, store, "http://127.0.0.1:9")
        with pytest.raises(SecretUnreadable, match="could not be asked"):
            read_stored(reference)


def test_a_cluster_that_does_not_answer_is_one_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nobody listening is a reason, and no proof that the Secret is gone."""
    path = Path(point_at(monkeypatch, "kubernetes", "", tmp_path)["KUBECONFIG"])
    write_kubeconfig(path, "http://127.0.0.1:9")
    assert held_now(reading_of(KUBERNETES), KUBERNETES).problem == "Kubernetes could not be asked: ConnectError"


def test_an_address_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without Vault's address the variable to set is named."""
    monkeypatch.delenv("VAULT_ADDR", raising=False)
    with pytest.raises(SecretUnreadable, match="VAULT_ADDR is not set"):
        read_stored(VAULT)


@pytest.mark.parametrize(
    ("reference", "missing", "extra"), [(GCP, "google.auth.exceptions", "gcp"), (VAULT, "hvac.exceptions", "vault")]
)
def test_a_missing_extra_is_one_line_with_the_fix(
    monkeypatch: pytest.MonkeyPatch, reference: str, missing: str, extra: str
) -> None:
    """Whoever never installed the store's packages is told how."""
    monkeypatch.setitem(sys.modules, missing, None)
    with pytest.raises(ConfigurationError) as caught:
        read_stored(reference)
    assert f"pip install 'openrouter-keys[{extra}]'" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_another_failure_to_import_is_not_hidden() -> None:
    """Only a package that is not there is an extra that is missing."""
    with pytest.raises(ImportError, match="broken"), explaining_a_missing_extra("gcp"):
        raise ImportError("broken")


def test_a_reference_of_an_unknown_store_says_so() -> None:
    """A stack that a newer version deployed is no reason for a traceback."""
    with pytest.raises(SecretUnreadable, match=r"only aws, gcp, vault, kubernetes"):
        reading_of("azure:vault/secret")


def test_every_store_has_a_scheme_of_its_own() -> None:
    """References tell the stores apart."""
    assert len({reading.scheme for reading in READINGS}) == len(READINGS)


@pytest.mark.parametrize(
    ("url", "is_open"),
    [("https://a.example", False), ("http://a.example", True), ("http://127.0.0.1:1", False), ("a.example", True)],
)
def test_who_could_listen(url: str, is_open: bool) -> None:
    """HTTPS and this machine are closed to others, everything else is not."""
    assert is_open_to_listeners(url) is is_open


def test_a_mount_may_have_several_parts() -> None:
    """A path of the API is split where the engine's data begins."""
    assert split_path("kv/team/data/acme/dev") == ("kv/team", "acme/dev")
