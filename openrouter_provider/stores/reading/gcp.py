"""Google's Secret Manager: a service reads the newest version, by the alias `latest`."""

import os
from typing import Any

from ..extras import explaining_a_missing_extra
from .base import Props, SecretUnreadable, StoredValue, StoreReading, is_open_to_listeners

SCHEME = "gcp"
ENDPOINT_VARIABLE = "GOOGLE_SECRET_MANAGER_CUSTOM_ENDPOINT"
TOKEN_VARIABLE = "GOOGLE_OAUTH_ACCESS_TOKEN"  # noqa: S105 - a variable's name
TIMEOUT_SECONDS = 10


def read(reference: str) -> StoredValue:
    """Return the secret's latest version.

    Credentials are Google's application default ones, unless GOOGLE_OAUTH_ACCESS_TOKEN has a token, as for the Pulumi
    provider. GOOGLE_SECRET_MANAGER_CUSTOM_ENDPOINT replaces the endpoint, as for it.

    Raises:
        ConfigurationError: the extra is not installed.
        SecretUnreadable: Google refused, could not be asked, or the secret is gone.
    """
    with explaining_a_missing_extra("gcp"):
        from google.api_core.exceptions import GoogleAPIError  # noqa: PLC0415 - an extra
        from google.auth.exceptions import GoogleAuthError  # noqa: PLC0415 - an extra
        from requests.exceptions import RequestException  # noqa: PLC0415 - an extra

    name = f"{reference.removeprefix(f'{SCHEME}:')}/versions/latest"
    try:
        with _client() as client:
            answer = client.access_secret_version(name=name, timeout=TIMEOUT_SECONDS)
    except GoogleAPIError as error:
        raise SecretUnreadable(f"Google refused AccessSecretVersion: {type(error).__name__}") from None
    except (GoogleAuthError, RequestException) as error:
        raise SecretUnreadable(f"Google could not be asked: {type(error).__name__}") from None
    return StoredValue.of(answer.name.rpartition("/")[2], answer.payload.data.decode(errors="replace"))


def _client() -> Any:
    from google.cloud.secretmanager_v1 import SecretManagerServiceClient  # noqa: PLC0415 - an extra
    from google.oauth2.credentials import Credentials  # noqa: PLC0415 - an extra

    token, endpoint = os.environ.get(TOKEN_VARIABLE), os.environ.get(ENDPOINT_VARIABLE)
    options: dict[str, Any] = {"transport": "rest"}
    if token:
        options["credentials"] = Credentials(token)  # type: ignore[no-untyped-call]  # it has no types
    if endpoint:
        if is_open_to_listeners(endpoint):
            raise SecretUnreadable(f"{ENDPOINT_VARIABLE} is not HTTPS: the key would travel in the clear")
        options["client_options"] = {"api_endpoint": endpoint.removesuffix("/").removesuffix("/v1")}
    return SecretManagerServiceClient(**options)


def _locate(version: Props) -> tuple[str, str]:
    return f"{SCHEME}:{version['secret']}", str(version["version"])


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
    heal=lambda urn: f"pulumi up --replace '{urn}' stores Pulumi's value as the newest version",
)
