"""An HTTP client of a cluster's API, made from a kubeconfig's entries."""

import ssl
import tempfile
from pathlib import Path
from typing import Any

import httpx

from ...api.credentials import is_open_to_listeners
from ..value import SecretUnreadable
from .exec_plugin import Credential, credential_of
from .kubeconfig import Target

TIMEOUT_SECONDS = 10


def open_client(target: Target) -> httpx.Client:
    """Return a client whose addresses start at the cluster's API.

    Raises:
        SecretUnreadable: the kubeconfig can't be followed, or would send the token where others can read it.
    """
    cluster = target.cluster
    server = cluster.text("server").rstrip("/")
    if is_open_to_listeners(server) or cluster.values.get("insecure-skip-tls-verify"):
        raise SecretUnreadable("the kubeconfig's cluster is not checked HTTPS: the token and the key could be read")
    credential = _credential(target)
    return httpx.Client(
        base_url=server,
        headers={"authorization": f"Bearer {credential.token}"} if credential.token else {},
        verify=_tls(target, credential),
        proxy=cluster.text("proxy-url") or None,
        trust_env=server.startswith("https:"),
        timeout=TIMEOUT_SECONDS,
    )


def extensions_of(target: Target) -> dict[str, Any]:
    """Return what each request needs: the name that the server's certificate is for, where it is another."""
    name = target.cluster.text("tls-server-name")
    return {"sni_hostname": name} if name else {}


def _credential(target: Target) -> Credential:
    """Return what a user signs in with, in kubectl's order."""
    user = target.user
    plugin = user.values.get("exec")
    if isinstance(plugin, dict):
        return credential_of(target, plugin)
    certificate, key = user.content("client-certificate"), user.content("client-key")
    pair = (certificate, key) if certificate and key else None
    return Credential((user.content("tokenFile") or b"").decode().strip() or user.text("token"), pair)


def _tls(target: Target, credential: Credential) -> ssl.SSLContext:
    authority = target.cluster.content("certificate-authority")
    try:
        context = ssl.create_default_context(cadata=authority.decode() if authority else None)
        if credential.certificate:
            _present(context, *credential.certificate)
    except (ssl.SSLError, ValueError) as error:
        raise SecretUnreadable(f"the kubeconfig's certificates can't be used: {type(error).__name__}") from None
    return context


def _present(context: ssl.SSLContext, certificate: bytes, key: bytes) -> None:
    """Let the client show a certificate; Python takes it from files alone, which nobody else may read."""
    with tempfile.TemporaryDirectory() as folder:
        for name, content in (("certificate", certificate), ("key", key)):
            path = Path(folder, name)
            path.touch(mode=0o600)
            path.write_bytes(content)
        context.load_cert_chain(Path(folder, "certificate"), Path(folder, "key"))
