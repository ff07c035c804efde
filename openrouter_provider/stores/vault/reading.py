"""HashiCorp Vault, KV version 2: a service reads the newest version of a path."""

import json
import os
from typing import Any

from ...api.credentials import is_open_to_listeners
from ..extras import explaining_a_missing_extra, load
from ..value import ENVIRONMENTS_ACCESS, Access, Existing, Properties, SecretUnreadable, StoredValue, StoreReading

SCHEME = "vault"
ADDRESS_VARIABLE = "VAULT_ADDR"
TIMEOUT_SECONDS = 10


def read(reference: str, access: Access = ENVIRONMENTS_ACCESS) -> StoredValue:
    """Return the path's newest version; the address and the token are the environment's, as for Vault's own tools.

    Raises:
        ConfigurationError: the extra is not installed.
        SecretUnreadable: Vault refused, could not be asked, or the path is gone.
    """
    del access  # Address and token are the environment's.
    with explaining_a_missing_extra("vault"):
        load("hvac", "requests")
        from hvac.exceptions import BadGateway, InvalidPath, VaultDown, VaultError  # noqa: PLC0415 - an extra
        from requests.exceptions import RequestException  # noqa: PLC0415 - an extra

    mount, path = split_path(reference.removeprefix(f"{SCHEME}:"))
    try:
        kv = open_client().secrets.kv.v2
        answer = kv.read_secret_version(path, mount_point=mount, raise_on_deleted_version=False)
    except InvalidPath:
        raise SecretUnreadable("Vault has nothing at its path", gone=True) from None
    except VaultError as error:
        away = isinstance(error, BadGateway | VaultDown)
        raise SecretUnreadable(f"Vault refused to read it: {type(error).__name__}", away=away) from None
    except RequestException as error:
        raise SecretUnreadable(f"Vault could not be asked: {type(error).__name__}", away=True) from None
    return _stored(answer["data"])


def _stored(found: Properties) -> StoredValue:
    version = str(found["metadata"]["version"])
    if found["data"] is None:
        return StoredValue(f"{version} (deleted)", None)
    return StoredValue.of(version, json.dumps(found["data"]))


def open_client(address: str | None = None, token: str | None = None) -> Any:
    """Return a client of Vault.

    Args:
        address: its address; None for the environment's.
        token: a token; None for the environment's, or the one that `vault login` left.

    Raises:
        SecretUnreadable: no address, or one that would send the token in the clear.
    """
    import hvac  # noqa: PLC0415 - an extra

    address = address or os.environ.get(ADDRESS_VARIABLE)
    if not address:
        raise SecretUnreadable(f"{ADDRESS_VARIABLE} is not set: set it to Vault's address, and VAULT_TOKEN")
    if is_open_to_listeners(address):
        raise SecretUnreadable(f"{ADDRESS_VARIABLE} is not HTTPS: the token and the key would travel in the clear")
    namespace = os.environ.get("VAULT_NAMESPACE")
    return hvac.Client(address, token, namespace=namespace, timeout=TIMEOUT_SECONDS, strict_http=True)


def split_path(path: str) -> tuple[str, str]:
    """Return mount and path of a KV version 2 API path; a mount may have several parts."""
    mount, _, rest = path.partition("/data/")
    return mount, rest


def _locate(secret: Properties) -> tuple[str, str]:
    return f"{SCHEME}:{secret['path']}", str((secret.get("metadata") or {}).get("version"))


def _reference(secret: Properties, _access: Access) -> str:
    path = secret.get("path") or f"{secret.get('mount')}/data/{secret.get('name')}"
    return f"{SCHEME}:{path}"


def existing(reference: str, access: Access = ENVIRONMENTS_ACCESS) -> Existing | None:
    """Return what gives a path that has a value up; None where it has none.

    Raises:
        SecretUnreadable: Vault refused, or could not be asked.
    """
    try:
        stored = read(reference, access)
    except SecretUnreadable as error:
        if error.gone:
            return None
        raise
    if stored.key is None and "deleted" in stored.version_id:
        return None
    mount, path = split_path(reference.removeprefix(f"{SCHEME}:"))
    return Existing(give_up=f"vault kv metadata delete -mount={mount} {path}")


READING = StoreReading(
    store="vault",
    scheme=SCHEME,
    secret="vault:kv/secretV2:SecretV2",  # noqa: S106 - a type token
    value="vault:kv/secretV2:SecretV2",
    readers="vault:index/policy:Policy",
    watched={"vault:kv/secretV2:SecretV2": ("customMetadata",), "vault:index/policy:Policy": ("policy",)},
    locate=_locate,
    read=read,
    permission="the capability read on the path's data",
    heal=lambda _urn: "`pulumi up --refresh` writes Pulumi's value as the newest version",
    reference=_reference,
    existing=existing,
)
