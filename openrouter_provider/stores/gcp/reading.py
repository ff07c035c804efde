"""Google's Secret Manager: a service reads the newest version, by the alias `latest`."""

import base64
import os
from http import HTTPStatus
from typing import Any

from ...api.credentials import is_open_to_listeners
from ...api.scrub import printable
from ..extras import explaining_a_missing_extra, load
from ..value import ENVIRONMENTS_ACCESS, Access, Existing, Properties, SecretUnreadable, StoredValue, StoreReading

SCHEME = "gcp"
ENDPOINT_VARIABLE = "GOOGLE_SECRET_MANAGER_CUSTOM_ENDPOINT"
TOKEN_VARIABLE = "GOOGLE_OAUTH_ACCESS_TOKEN"  # noqa: S105 - a variable's name
ENDPOINT = "https://secretmanager.googleapis.com/v1"
SCOPE = "https://www.googleapis.com/auth/cloud-platform"
TIMEOUT_SECONDS = 10
_OF_EVERY_SECRET = frozenset({401, 502, 503, 504})
"""Answers about whoever asks, and of a gateway."""


def read(reference: str, access: Access = ENVIRONMENTS_ACCESS) -> StoredValue:
    """Return the secret's latest version.

    Credentials are Google's application default ones, unless GOOGLE_OAUTH_ACCESS_TOKEN has a token, as for the Pulumi
    provider. GOOGLE_SECRET_MANAGER_CUSTOM_ENDPOINT replaces the endpoint, as for it.

    Raises:
        ConfigurationError: the extra is not installed.
        SecretUnreadable: Google refused, could not be asked, or the secret is gone.
    """
    del access  # The reference names the project, and credentials are the environment's.
    answer = _answer(f"{reference.removeprefix(f'{SCHEME}:')}/versions/latest:access")
    try:
        found = answer.json()
        if answer.status_code == HTTPStatus.OK:
            text = base64.b64decode(found["payload"]["data"]).decode(errors="replace")
            return StoredValue.of(str(found["name"]).rpartition("/")[2], text)
        why = str(found["error"]["status"])  # Google's words are not repeated.
    except (KeyError, TypeError, ValueError):
        why = f"an answer of another form, HTTP {answer.status_code}"
    gone, away = answer.status_code == HTTPStatus.NOT_FOUND, answer.status_code in _OF_EVERY_SECRET
    raise SecretUnreadable(f"Google refused AccessSecretVersion: {printable(why, length=80)}", gone=gone, away=away)


def _answer(path: str) -> Any:
    """Return Google's answer to a GET, whatever its status."""
    with explaining_a_missing_extra("gcp"):
        load("requests", "google.auth.transport.requests", "google.oauth2.credentials")
        from google.auth.exceptions import GoogleAuthError  # noqa: PLC0415 - an extra
        from requests.exceptions import RequestException  # noqa: PLC0415 - an extra

    url = f"{_endpoint()}/{path}"
    try:
        with _session() as session:
            return session.get(url, timeout=TIMEOUT_SECONDS, allow_redirects=False)
    except (GoogleAuthError, RequestException) as error:
        raise SecretUnreadable(f"Google could not be asked: {type(error).__name__}", away=True) from None


def _endpoint() -> str:
    endpoint = os.environ.get(ENDPOINT_VARIABLE) or ENDPOINT
    if is_open_to_listeners(endpoint):
        raise SecretUnreadable(f"{ENDPOINT_VARIABLE} is not HTTPS: the key would travel in the clear")
    return endpoint.rstrip("/")


def _session() -> Any:
    """Return an HTTP session with credentials.

    Google's library for Secret Manager is not used: it brings protocol descriptions of its own beside those in
    Pulumi's package, and a process that loads the same one from both fails.
    """
    import google.auth  # noqa: PLC0415 - an extra
    from google.auth.transport.requests import AuthorizedSession  # noqa: PLC0415 - an extra
    from google.oauth2.credentials import Credentials  # noqa: PLC0415 - an extra

    token = os.environ.get(TOKEN_VARIABLE)
    credentials: Any = Credentials(token) if token else google.auth.default(scopes=[SCOPE])[0]  # type: ignore[no-untyped-call]  # google-auth has no types
    return AuthorizedSession(credentials)  # type: ignore[no-untyped-call]  # it has no types


def _locate(version: Properties) -> tuple[str, str]:
    return f"{SCHEME}:{version['secret']}", str(version["version"])


def _reference(secret: Properties, access: Access) -> str:
    project = secret.get("project") or access.get("project") or os.environ.get("GOOGLE_PROJECT")
    name = secret.get("name") or (project and f"projects/{project}/secrets/{secret.get('secretId')}")
    return f"{SCHEME}:{name}" if name else ""


def existing(reference: str, access: Access = ENVIRONMENTS_ACCESS) -> Existing | None:
    """Return the secret of that name; None where there is none.

    Raises:
        ConfigurationError: the extra is not installed.
        SecretUnreadable: Google refused, or could not be asked.
    """
    del access  # The reference names the project, and credentials are the environment's.
    name = reference.removeprefix(f"{SCHEME}:")
    status = _answer(name).status_code
    if status not in (HTTPStatus.OK, HTTPStatus.NOT_FOUND):
        raise SecretUnreadable(f"Google refused GetSecret: HTTP {status}")
    return Existing(name) if status == HTTPStatus.OK else None


READING = StoreReading(
    store="gcp",
    scheme=SCHEME,
    secret="gcp:secretmanager/secret:Secret",  # noqa: S106 - a type token
    value="gcp:secretmanager/secretVersion:SecretVersion",
    readers="gcp:secretmanager/secretIamBinding:SecretIamBinding",
    watched={
        "gcp:secretmanager/secret:Secret": ("labels", "versionDestroyTtl"),
        "gcp:secretmanager/secretVersion:SecretVersion": ("enabled",),
        "gcp:secretmanager/secretIamBinding:SecretIamBinding": ("members",),
    },
    locate=_locate,
    read=read,
    permission="roles/secretmanager.secretAccessor on the secret",
    heal=lambda urn: f"`pulumi up --replace '{urn}'` stores Pulumi's value as the newest version",
    reference=_reference,
    existing=existing,
)
