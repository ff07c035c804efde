"""Which cluster a kubeconfig's context means, as far as the kubeconfig tells."""

import base64
from typing import Any

import pytest

from openrouter_provider.stores.kubernetes.cluster import cluster_of, here, home
from openrouter_provider.stores.kubernetes.kubeconfig import KubeconfigEntry, Target

OURS, OTHERS = (base64.b64encode(f"certificate of {name}\n".encode()).decode() for name in ("ours", "others"))


def cluster(server: str, authority: str = "") -> str:
    """Return which cluster a context means."""
    values: dict[str, Any] = {"server": server, **({"certificate-authority-data": authority} if authority else {})}
    return home(cluster_of(Target(KubeconfigEntry(values), KubeconfigEntry())))


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (("https://a:6443", OURS), ("https://b:6443", OURS), True),
        (("https://127.0.0.1:6443", OURS), ("https://127.0.0.1:6443", OTHERS), False),
        (("https://A:6443/",), ("https://a:6443",), True),
        (("https://a:6443",), ("https://b:6443",), False),
        (("https://a:6443", OURS), ("https://a:6443",), False),
    ],
)
def test_an_authority_tells_clusters_apart(one: tuple[str, ...], other: tuple[str, ...], same: bool) -> None:
    """Whatever the address is; the address counts where the kubeconfig names no authority."""
    assert (cluster(*one) == cluster(*other)) is same


def test_a_context_that_is_nowhere_is_no_cluster() -> None:
    """Then nobody is asked, and nothing is noted."""
    assert here({"kubernetes:context": "gone"}.get, {"KUBECONFIG": "/nowhere"}) == {}
    assert home({}) == ""
