"""A kubeconfig's exec plugin, which signs in to a cloud's clusters: run as kubectl runs it.

https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins
"""

import json
import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Lock
from typing import Any

from ..value import SecretUnreadable
from .kubeconfig import KubeconfigEntry, Target

PATIENCE_SECONDS = 60
MARGIN = timedelta(minutes=1)
_CLUSTER_FIELDS = ("server", "tls-server-name", "insecure-skip-tls-verify", "certificate-authority-data", "proxy-url")


@dataclass(frozen=True)
class Credential:
    """As whom a cluster is asked.

    Attributes:
        token: a bearer token; empty where there is none.
        certificate: the client's certificate and key, as PEM.
        expires_at: None where the plugin doesn't say.
    """

    token: str = field(default="", repr=False)
    certificate: tuple[bytes, bytes] | None = field(default=None, repr=False)
    expires_at: datetime | None = None


_KEPT: dict[str, Credential] = {}
_RUNNING = Lock()


def credential_of(target: Target, plugin: Mapping[str, Any]) -> Credential:
    """Return what the plugin answers, or answered while that still holds: it may take seconds, and calls its cloud.

    Raises:
        SecretUnreadable: it isn't there, failed, or answered no credential; its own words are not repeated.
    """
    asked = json.dumps([target.cluster.values, plugin, str(target.user.folder)], sort_keys=True, default=str)
    with _RUNNING:
        kept = _KEPT.get(asked)
        if kept is None or (kept.expires_at and kept.expires_at - MARGIN <= datetime.now(UTC)):
            kept = _KEPT[asked] = _run(target, KubeconfigEntry(plugin, target.user.folder))
        return kept


def _run(target: Target, plugin: KubeconfigEntry) -> Credential:
    name = Path(plugin.text("command")).name or "without a command"
    try:
        return _credential(json.loads(_output(target, plugin))["status"])
    except subprocess.CalledProcessError as error:
        why = f"exit code {error.returncode}"
    except (OSError, subprocess.TimeoutExpired, LookupError, TypeError, ValueError) as error:
        why = type(error).__name__
    raise SecretUnreadable(f"the kubeconfig's exec plugin {name} gave no credential: {why}; try kubectl with it")


def _output(target: Target, plugin: KubeconfigEntry) -> bytes:
    command = [_executable(plugin), *map(str, plugin.values.get("args") or ())]
    given = {str(each["name"]): str(each["value"]) for each in plugin.values.get("env") or ()}
    environment = {**os.environ, **given, "KUBERNETES_EXEC_INFO": json.dumps(_question(target, plugin))}
    ran = subprocess.run(
        command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, check=True, timeout=PATIENCE_SECONDS
    )
    return ran.stdout


def _executable(plugin: KubeconfigEntry) -> str:
    """Return the command; one with a slash is a path, relative to the kubeconfig."""
    command = plugin.text("command")
    return str(plugin.folder / command) if os.sep in command else command


def _question(target: Target, plugin: KubeconfigEntry) -> dict[str, Any]:
    spec: dict[str, Any] = {"interactive": False}
    if plugin.values.get("provideClusterInfo"):
        spec["cluster"] = {
            name: target.cluster.values[name] for name in _CLUSTER_FIELDS if name in target.cluster.values
        }
    return {"apiVersion": plugin.text("apiVersion"), "kind": "ExecCredential", "spec": spec}


def _credential(status: Mapping[str, Any]) -> Credential:
    """Return a status as a credential; LookupError or TypeError where it is none."""
    known = {"token": "", "clientCertificateData": "", "clientKeyData": "", "expirationTimestamp": "", **status}
    pair = str(known["clientCertificateData"]).encode(), str(known["clientKeyData"]).encode()
    if not known["token"] and not all(pair):
        raise LookupError
    ends = known["expirationTimestamp"]
    return Credential(str(known["token"]), pair if all(pair) else None, datetime.fromisoformat(ends) if ends else None)
