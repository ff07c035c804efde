"""How a cluster's API is reached: by checked HTTPS, with a token or the client's own certificate."""

import base64
import json
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from ipaddress import ip_address
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from openrouter_provider.stores.kubernetes.connecting import extensions_of, open_client
from openrouter_provider.stores.kubernetes.kubeconfig import KubeconfigEntry, Target
from openrouter_provider.stores.value import SecretUnreadable


@dataclass
class Signed:
    """A certificate with its key, as PEM."""

    certificate: bytes
    key: bytes


class Authority:
    """A certificate authority of the test's own."""

    def __init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self.certificate = self._sign("authority", self._key, authority=True)

    def issue(self, name: str, *names: x509.GeneralName) -> Signed:
        """Return a certificate for a name."""
        key = ec.generate_private_key(ec.SECP256R1())
        unlocked = serialization.NoEncryption()
        pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, unlocked)
        return Signed(self._sign(name, key, *names), pem)

    def _sign(
        self, name: str, key: ec.EllipticCurvePrivateKey, *names: x509.GeneralName, authority: bool = False
    ) -> bytes:
        now = datetime.now(UTC)
        subject, issuer = (x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, of)]) for of in (name, "authority"))
        builder = x509.CertificateBuilder(issuer, subject, key.public_key(), x509.random_serial_number())
        builder = builder.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
        builder = builder.add_extension(x509.BasicConstraints(authority, None), critical=True)
        if names:
            builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
        signed = builder.sign(self._key, hashes.SHA256())
        return signed.public_bytes(serialization.Encoding.PEM)


class Answering(BaseHTTPRequestHandler):
    """Says who asked, and with which token."""

    def do_GET(self) -> None:
        """Answer."""
        shown: Any = self.connection.getpeercert() or {}
        asked = {"subject": shown.get("subject"), "authorization": self.headers.get("authorization")}
        body = json.dumps(asked).encode()
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing: the base would write to stderr."""


@pytest.fixture(scope="module")
def authority() -> Authority:
    """Make one for the module."""
    return Authority()


@pytest.fixture(scope="module")
def server(authority: Authority, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve HTTPS for 127.0.0.1 and the name `cluster`, with any client's certificate of the authority, or none."""
    folder = tmp_path_factory.mktemp("tls")
    signed = authority.issue("server", x509.IPAddress(ip_address("127.0.0.1")))
    for name, content in (("ca", authority.certificate), ("cert", signed.certificate), ("key", signed.key)):
        (folder / name).write_bytes(content)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=folder / "ca")
    context.verify_mode = ssl.CERT_OPTIONAL
    context.load_cert_chain(folder / "cert", folder / "key")
    httpd = HTTPServer(("127.0.0.1", 0), Answering)
    httpd.socket = context.wrap_socket(httpd.socket, server_side=True)
    thread = Thread(target=httpd.serve_forever, daemon=True)
    thread.start()
    yield f"https://127.0.0.1:{httpd.server_address[1]}"
    httpd.shutdown()
    httpd.server_close()


def encoded(pem: bytes) -> str:
    """Return what a kubeconfig has in its `-data` settings."""
    return base64.b64encode(pem).decode()


def ask(cluster: dict[str, Any], user: dict[str, Any]) -> Any:
    """Return what the server says of who asked it."""
    target = Target(KubeconfigEntry(cluster), KubeconfigEntry(user))
    with open_client(target) as client:
        return client.get("/", extensions=extensions_of(target)).json()


def test_a_client_s_certificate_is_shown(authority: Authority, server: str) -> None:
    """A user with a certificate and key signs in by them, and sends no token."""
    own = authority.issue("ci")
    user = {"client-certificate-data": encoded(own.certificate), "client-key-data": encoded(own.key)}
    said = ask({"server": server, "certificate-authority-data": encoded(authority.certificate)}, user)
    assert said == {"subject": [[["commonName", "ci"]]], "authorization": None}


def test_a_token_is_sent_and_its_file_counts_first(authority: Authority, server: str, tmp_path: Path) -> None:
    """A file is read anew for each question, since its token is renewed."""
    cluster = {"server": server, "certificate-authority-data": encoded(authority.certificate)}
    assert ask(cluster, {"token": "written"})["authorization"] == "Bearer written"
    (tmp_path / "token").write_text("of a file\n")
    user = {"token": "written", "tokenFile": str(tmp_path / "token")}
    assert ask(cluster, user)["authorization"] == "Bearer of a file"


def test_a_server_that_the_authority_does_not_know_gets_nothing(server: str) -> None:
    """Another authority's server is not asked."""
    cluster = {"server": server, "certificate-authority-data": encoded(Authority().certificate)}
    with pytest.raises(Exception, match="CERTIFICATE_VERIFY_FAILED"):
        ask(cluster, {"token": "a"})


def test_a_server_s_certificate_may_be_for_another_name(authority: Authority, server: str) -> None:
    """The name that the kubeconfig gives is the one that is checked."""
    cluster = {"server": server, "certificate-authority-data": encoded(authority.certificate)}
    with pytest.raises(Exception, match="Hostname mismatch"):
        ask({**cluster, "tls-server-name": "elsewhere"}, {})


@pytest.mark.parametrize(
    "cluster",
    [{"server": "http://cluster.example.com"}, {"server": "https://a", "insecure-skip-tls-verify": True}],
)
def test_an_unchecked_way_is_refused(cluster: dict[str, Any]) -> None:
    """A token and a key travel by HTTPS whose server is checked, or not at all off this machine."""
    with pytest.raises(SecretUnreadable, match="not checked HTTPS"):
        ask(cluster, {"token": "a"})


@pytest.mark.parametrize(
    ("cluster", "user"),
    [
        ({"certificate-authority-data": encoded(b"no pem")}, {}),
        ({}, {"client-certificate-data": encoded(b"no pem"), "client-key-data": encoded(b"canary")}),
    ],
)
def test_certificates_that_are_none_are_one_line(cluster: dict[str, Any], user: dict[str, Any]) -> None:
    """The line says which settings, and nothing of what they hold."""
    with pytest.raises(SecretUnreadable, match="certificates can't be used") as caught:
        ask({"server": "https://a", **cluster}, user)
    assert "canary" not in str(caught.value)
