"""HashiCorp Vault, KV version 2: a service reads the newest version of a path."""

import json
import os
from typing import Any

from ...api.credentials import is_open_to_listeners
from ..extras import explaining_a_missing_extra, load
from ..value import ENVIRONMENTS_ACCESS, Access, Existing, Properties, SecretUnreadable, StoredValue, StoreReading
from .access import (
    ADDRESS,
    ADDRESS_VARIABLE,
    NAMESPACE,
    NAMESPACE_VARIABLE,
    NOT_NOTED,
    SECRET_TYPE,
    TOKEN,
    access_from,
    here,
    home,
    is_environments,
    normal,
    target_of,
    with_config,
)

SCHEME = "vault"
TIMEOUT_SECONDS = 10


def read(reference: str, access: Access = ENVIRONMENTS_ACCESS) -> StoredValue:
    """Return the path's newest version, from the Vault that it was stored in where the access has that.

    Without, it is the environment's Vault that is asked; that it has nothing there is no proof then.

    Raises:
        ConfigurationError: the extra is not installed.
        SecretUnreadable: Vault refused, could not be asked, or the path is gone; or this run reaches another Vault.
    """
    with explaining_a_missing_extra("vault"):
        load("hvac", "requests")
        from hvac.exceptions import BadGateway, InvalidPath, VaultDown, VaultError  # noqa: PLC0415 - an extra
        from requests.exceptions import RequestException  # noqa: PLC0415 - an extra

    mount, path = split_path(reference.removeprefix(f"{SCHEME}:"))
    try:
        kv = open_client(access).secrets.kv.v2
        answer = kv.read_secret_version(path, mount_point=mount, raise_on_deleted_version=False)
    except InvalidPath:
        raise _nothing_there(access) from None
    except VaultError as error:
        away = isinstance(error, BadGateway | VaultDown)
        raise SecretUnreadable(f"Vault refused to read it: {type(error).__name__}", away=away) from None
    except RequestException as error:
        raise SecretUnreadable(f"Vault could not be asked: {type(error).__name__}", away=True) from None
    return _stored(answer["data"])


def _nothing_there(access: Access) -> SecretUnreadable:
    if home(access):
        return SecretUnreadable(f"Vault at {home(access)} has nothing at its path", gone=True)
    return SecretUnreadable(f"Vault at {normal(target_of(access))} has nothing at its path, and {NOT_NOTED}")


def _stored(found: Properties) -> StoredValue:
    version = str(found["metadata"]["version"])
    if found["data"] is None:
        return StoredValue(f"{version} (deleted)", None)
    return StoredValue.of(version, json.dumps(found["data"]))


def open_client(access: Access) -> Any:
    """Return a client of Vault.

    Args:
        access: its address, namespace and token, as far as they are not the environment's; without a token there
            either, it is the one that `vault login` left.

    Raises:
        SecretUnreadable: no address, another one than the secret's, or one that would send the token in the clear.
    """
    import hvac  # noqa: PLC0415 - an extra

    address = target_of(access)
    if is_open_to_listeners(address):
        setting = ADDRESS_VARIABLE if is_environments(access) else "vault:address"
        raise SecretUnreadable(f"{setting} is not HTTPS: the token and the key would travel in the clear")
    namespace = access.get(NAMESPACE) if access.get(ADDRESS) else os.environ.get(NAMESPACE_VARIABLE)
    return hvac.Client(address, access.get(TOKEN), namespace=namespace, timeout=TIMEOUT_SECONDS, strict_http=True)


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
    secret=SECRET_TYPE,
    value=SECRET_TYPE,
    readers="vault:index/policy:Policy",
    watched={SECRET_TYPE: ("customMetadata",), "vault:index/policy:Policy": ("policy",)},
    locate=_locate,
    read=read,
    permission="the capability read on the path's data",
    heal=lambda _urn: "`pulumi up --refresh` writes Pulumi's value as the newest version",
    reference=_reference,
    existing=existing,
    with_keys=with_config,
    home=home,
    here=here,
    reached=access_from,
    homeless=NOT_NOTED,
)
