"""A kubeconfig's exec plugin is run as kubectl runs it, and asked again only when its answer has expired."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from openrouter_provider.stores.kubernetes.exec_plugin import Credential, credential_of
from openrouter_provider.stores.kubernetes.kubeconfig import KubeconfigEntry, Target
from openrouter_provider.stores.value import SecretUnreadable

CANARY = "canary-1c96"


class Plugin:
    """A plugin that notes each run."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.runs = folder / "runs"

    def answering(self, answer: str, **settings: Any) -> dict[str, Any]:
        """Write a plugin with this answer, and return its section of a kubeconfig."""
        note = 'printf \'%s|%s|%s\\n\' "$1" "$REGION" "$KUBERNETES_EXEC_INFO"'
        script = self.folder / "sign-in"
        script.write_text(f"#!/bin/sh\n{note} >> {self.runs}\ncat <<'END'\n{answer}\nEND\n")
        script.chmod(0o700)
        return {"command": "./sign-in", "apiVersion": "client.authentication.k8s.io/v1", **settings}

    def ask(self, section: dict[str, Any]) -> Credential:
        """Return the credential for a cluster."""
        cluster = KubeconfigEntry({"server": "https://a", "certificate-authority-data": "cGVt"})
        return credential_of(Target(cluster, KubeconfigEntry({"exec": section}, self.folder)), section)

    def noted(self) -> list[str]:
        """Return what each run was given."""
        return self.runs.read_text().splitlines()


@pytest.fixture
def plugin(tmp_path: Path) -> Plugin:
    """A plugin in the kubeconfig's folder."""
    return Plugin(tmp_path)


def status(**given: Any) -> str:
    """Return a plugin's answer."""
    return json.dumps({"kind": "ExecCredential", "status": given})


def in_minutes(count: int) -> str:
    """Return an instant as a plugin writes it."""
    return (datetime.now(UTC) + timedelta(minutes=count)).strftime("%Y-%m-%dT%H:%M:%SZ")


def test_it_is_given_what_kubectl_gives(plugin: Plugin) -> None:
    """Arguments, its own variables, and the question; a path starts at the kubeconfig's folder."""
    given = {"args": ["get-token"], "env": [{"name": "REGION", "value": "eu"}], "provideClusterInfo": True}
    assert plugin.ask(plugin.answering(status(token="t"), **given)).token == "t"
    (run,) = plugin.noted()
    argument, region, question = run.split("|")
    assert (argument, region) == ("get-token", "eu")
    assert json.loads(question) == {
        "apiVersion": "client.authentication.k8s.io/v1",
        "kind": "ExecCredential",
        "spec": {
            "interactive": False,
            "cluster": {"server": "https://a", "certificate-authority-data": "cGVt"},
        },
    }


@pytest.mark.parametrize(("minutes", "runs"), [(None, 1), (10, 1), (0, 2)])
def test_an_answer_holds_until_it_expires(plugin: Plugin, minutes: int | None, runs: int) -> None:
    """Two hundred secrets are not two hundred runs; what is about to expire is asked for again."""
    ends = {} if minutes is None else {"expirationTimestamp": in_minutes(minutes)}
    section = plugin.answering(status(token="t", **ends))
    for _ in range(2):
        plugin.ask(section)
    assert len(plugin.noted()) == runs


def test_it_may_answer_a_certificate(plugin: Plugin) -> None:
    """Then there may be no token."""
    answer = status(clientCertificateData="certificate", clientKeyData=CANARY)
    credential = plugin.ask(plugin.answering(answer))
    assert (credential.token, credential.certificate) == ("", (b"certificate", CANARY.encode()))
    assert CANARY not in repr(credential)


@pytest.mark.parametrize("answer", [CANARY, json.dumps({"status": None, "x": CANARY}), status(other=CANARY)])
def test_an_answer_without_a_credential_is_one_line_without_its_words(plugin: Plugin, answer: str) -> None:
    """Whatever a plugin prints is not quoted, and the Secret counts as unreadable."""
    with pytest.raises(SecretUnreadable, match="exec plugin sign-in gave no credential") as caught:
        plugin.ask(plugin.answering(answer))
    assert CANARY not in str(caught.value)
    assert not caught.value.gone


@pytest.mark.parametrize(
    ("command", "args", "why"),
    [
        ("sh", ["-c", f"echo {CANARY} >&2; exit 3"], "exit code 3"),
        ("./none", [], "FileNotFoundError"),
        ("sh", 5, "TypeError"),
    ],
)
def test_a_plugin_that_fails_is_named(plugin: Plugin, command: str, args: Any, why: str) -> None:
    """The line says which plugin, and how it ended."""
    with pytest.raises(SecretUnreadable, match=why) as caught:
        plugin.ask({"command": command, "args": args})
    assert CANARY not in str(caught.value)
