"""In which cluster a key is kept: noted when it is made, and a context that means another cluster by now is refused."""

import base64
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from pulumi.dynamic import ResourceProvider

from openrouter_provider.resources.api_key import ApiKeyProvider
from openrouter_provider.resources.superseded_keys import SupersededKeysProvider
from openrouter_provider.stores.custody import KeyStillHeld, in_this_run
from sandbox.kubernetes.app import make_app
from sandbox.kubernetes.kubeconfig import TOKEN, write_kubeconfig
from sandbox.openrouter import Control
from sandbox.serving import AppServer

pytest_plugins = ("tests.unit.account_fixtures",)

Props = dict[str, Any]
KeysAt = Callable[[datetime], ApiKeyProvider]
SupersededAt = Callable[[datetime], SupersededKeysProvider]
Up = Callable[[ResourceProvider, Props, Props], Props]
NOW = datetime(2027, 1, 1, tzinfo=UTC)
PLACE = {"store": "kubernetes", "reference": "kubernetes:default/checkout@sandbox"}
WISH: Props = {"name_prefix": "acme/dev/checkout", "limit": 5, "stored_in": PLACE}


class Clusters:
    """Two clusters that two kubeconfigs call by one context, and which of the files is KUBECONFIG."""

    def __init__(self, ours: str, other: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.ours, self.other = ours, other
        self._files = {url: folder / f"kubeconfig-{number}" for number, url in enumerate((ours, other))}
        for url, path in self._files.items():
            write_kubeconfig(path, url)
        self._set = monkeypatch.setenv

    def go_to(self, url: str) -> None:
        """Let later runs go to one of them."""
        self._set("KUBECONFIG", str(self._files[url]))

    def store(self, url: str, key: str) -> None:
        """Write a key into a cluster, as Pulumi's provider does."""
        data = {"OPENROUTER_API_KEY": base64.b64encode(key.encode()).decode()}
        path = f"{url}/api/v1/namespaces/default/secrets"
        body = {"metadata": {"name": "checkout"}, "data": data}
        httpx.post(path, headers={"authorization": f"Bearer {TOKEN}"}, json=body).raise_for_status()


@pytest.fixture
def clusters(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Clusters]:
    """Two clusters, both empty; KUBECONFIG leads to ours."""
    with AppServer(make_app()) as ours, AppServer(make_app()) as other:
        both = Clusters(ours.url, other.url, tmp_path, monkeypatch)
        both.go_to(both.ours)
        yield both


def in_context(provider: Any) -> Any:
    """Return a provider whose stack's config names the context."""
    config = {"kubernetes:context": "sandbox"}.get
    provider.session = replace(provider.session, place_now=lambda place: in_this_run(place, config))
    return provider


@pytest.fixture
def key(clusters: Clusters, keys_at: KeysAt, up: Up) -> Props:
    """A key that was made and stored in ours."""
    state = up(in_context(keys_at(NOW)), {}, WISH)
    clusters.store(clusters.ours, state["outs"]["key"])
    return state


def noted(state: Props) -> Any:
    """Return the server that a resource's inputs note."""
    return (state["inputs"]["stored_in"].get("access") or {}).get("server")


def refused(provider: ResourceProvider, olds: Props, news: Props) -> str:
    """Return why a check refuses a wish, empty where it doesn't."""
    return " ".join(failure.reason for failure in provider.check(olds, news).failures)


def test_a_run_that_would_go_to_another_cluster_is_refused(
    key: Props, clusters: Clusters, keys_at: KeysAt, superseded_at: SupersededAt, up: Up
) -> None:
    """Before anything is changed, by the key and by what retires it, with both clusters named."""
    assert noted(key) == clusters.ours
    bookkeeping = {"service": "checkout", "superseded": [], "current": key["outs"]["hash"], "stored_in": PLACE}
    kept = up(in_context(superseded_at(NOW)), {}, bookkeeping)
    clusters.go_to(clusters.other)
    for provider, olds, news in (
        (keys_at(NOW), key["inputs"], WISH),
        (superseded_at(NOW), kept["inputs"], bookkeeping),
    ):
        why = refused(in_context(provider), olds, news)
        assert (clusters.ours in why, clusters.other in why, "KUBECONFIG" in why) == (True, True, True)


def test_a_key_is_not_deleted_on_another_cluster_s_word(
    key: Props, clusters: Clusters, keys_at: KeysAt, control: Control
) -> None:
    """That the other cluster has no such Secret says nothing of ours."""
    clusters.go_to(clusters.other)
    with pytest.raises(KeyStillHeld, match=f"stored in the cluster at {clusters.ours}"):
        in_context(keys_at(NOW)).delete(key["id"], {**key["outs"], "stored_in": key["inputs"]["stored_in"]})
    assert len(control.keys()) == 1


def test_a_cluster_that_holds_the_key_is_the_one(key: Props, clusters: Clusters, keys_at: KeysAt, up: Up) -> None:
    """One that answers at another address, or whose authority was renewed, is noted anew by that proof."""
    clusters.store(clusters.other, key["outs"]["key"])
    clusters.go_to(clusters.other)
    later = up(in_context(keys_at(NOW)), key, WISH)
    assert (later["did"], noted(later)) == ("same", clusters.other)


def test_a_state_that_notes_no_cluster_is_completed_on_proof(
    key: Props, clusters: Clusters, keys_at: KeysAt, up: Up, control: Control
) -> None:
    """Until then an empty cluster lets no key go; what holds the key is noted, without an update."""
    old = {**key, "inputs": {**key["inputs"], "stored_in": PLACE}, "outs": {**key["outs"], "stored_in": PLACE}}
    clusters.go_to(clusters.other)
    assert noted(up(in_context(keys_at(NOW)), old, WISH)) is None
    with pytest.raises(KeyStillHeld, match="doesn't note which cluster"):
        in_context(keys_at(NOW)).delete(old["id"], old["outs"])
    assert len(control.keys()) == 1
    clusters.go_to(clusters.ours)
    later = up(in_context(keys_at(NOW)), old, WISH)
    assert (later["did"], noted(later)) == ("same", clusters.ours)
