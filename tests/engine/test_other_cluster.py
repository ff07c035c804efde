"""A run whose kubeconfig means another cluster by the same context, through the real engine."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from sandbox.kubernetes.app import make_app
from sandbox.kubernetes.kubeconfig import write_kubeconfig
from sandbox.lifecycle import Sandbox
from sandbox.serving import AppServer
from tests.engine.schedule import ROTATING, START, after
from tests.engine.test_stores import PROVIDERS, Stores
from tests.harness import Stack, open_stack


@pytest.fixture
def other(tmp_path: Path) -> Iterator[str]:
    """A kubeconfig of another cluster, with the sandbox's context and token."""
    with AppServer(make_app()) as server:
        write_kubeconfig(tmp_path / "other", server.url)
        yield str(tmp_path / "other")


def test_a_run_that_would_go_to_another_cluster_changes_nothing(sandbox: Sandbox, tmp_path: Path, other: str) -> None:
    """Not even where a rotation is due: it is refused with the fix, a removal leaves the key, and ours goes on."""
    for store in ("gcp", "vault", "kubernetes"):
        sandbox.open_store(store)
    stack: Stack = replace(open_stack(tmp_path / "project", sandbox), providers=PROVIDERS, now=START)
    stack.configure({"api": ROTATING | {"store": "kubernetes", "kubernetes": {"namespace": "default"}}})
    stack.up()
    stores, (key,) = Stores(stack), stack.control.keys()
    ours = stack.environment["KUBECONFIG"]

    stack.now = after(91)
    stack.environment["KUBECONFIG"] = other
    refused = stack.up(check=False)
    assert (refused.code != 0, "nothing was changed; set KUBECONFIG" in refused.output) == (True, True), refused
    assert [each["hash"] for each in stack.control.keys()] == [key["hash"]]
    assert stack.accepted(stores.text("api"))

    stack.environment["KUBECONFIG"] = ours
    stack.up("--refresh")
    assert len(stack.control.keys()) == 2
    assert not stack.drifted()

    stack.environment["KUBECONFIG"] = other
    removed = stack.run("pulumi", "destroy", "--yes", "--skip-preview", "--stack", stack.name, check=False)
    assert (removed.code != 0, "stored in the cluster at" in removed.output) == (True, True), removed
    assert stack.accepted(stores.text("api"))
