"""Which Vault a secret is in: the address and the namespace of the provider that writes it.

A path says nothing of that, and "nothing at this path", heard from another Vault, would let a key go that is in use. So
a state notes the Vault, and only that one's answers count. An address of the provider's own settings is where the
question goes. One that came from the environment is never gone to: it must be the environment's still, since a token
belongs to the address beside it.
"""

import os
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from ..value import ENVIRONMENT, FROM, Access, SecretUnreadable

SECRET_TYPE = "vault:kv/secretV2:SecretV2"  # noqa: S105 - a type token
ADDRESS_VARIABLE, NAMESPACE_VARIABLE = "VAULT_ADDR", "VAULT_NAMESPACE"
ADDRESS, NAMESPACE, TOKEN = "address", "namespace", "token"  # The provider's own names.
UNNOTED = "unnoted"
"""In an access to the config's Vault, of a secret that nobody knows to be there."""
NOT_NOTED = (
    "the state doesn't note which Vault it was stored in, so its answer is no proof: run `pulumi up` with the settings "
    "of the Vault that the service reads, which notes it (docs/errors.md#another-vault)"
)


def access_from(get: Callable[[str], Any]) -> Access:
    """Return what a provider's own settings say, given one by its name: no token, which a state would keep."""
    found = {name: get(name) for name in (ADDRESS, NAMESPACE)}
    return {name: value for name, value in found.items() if isinstance(value, str) and value}


def of_run(own: Access, environment: Mapping[str, str] = os.environ) -> Access:
    """Return the Vault that a provider with these settings goes to in this run.

    >>> of_run({}, {"VAULT_ADDR": "https://vault:8200"})
    {'address': 'https://vault:8200', 'addressFrom': 'environment'}
    """
    address, namespace = environment.get(ADDRESS_VARIABLE), environment.get(NAMESPACE_VARIABLE)
    given = {NAMESPACE: namespace} if namespace else {}
    where = {ADDRESS: address, FROM: ENVIRONMENT} if address else {}
    return {**given, **own} if ADDRESS in own else {**given, **where, **own}


def here(config: Callable[[str], str | None]) -> Access:
    """Return the Vault that the stack's default provider goes to in this run."""
    return of_run(access_from(lambda name: config(f"vault:{name}")))


def home(access: Access) -> str:
    """Return which Vault an access leads to, in words; empty where it doesn't say.

    >>> home({"address": "HTTPS://Vault:8200/", "namespace": "shop/"})
    'https://vault:8200 (namespace shop)'
    """
    return "" if UNNOTED in access else _spelled(access)


def _spelled(access: Access) -> str:
    address, namespace = access.get(ADDRESS), access.get(NAMESPACE, "").strip("/")
    return normal(address) + (f" (namespace {namespace})" if namespace else "") if address else ""


def normal(address: str) -> str:
    """Return an address in the one spelling by which two are compared, without a password in it."""
    parts = urlsplit(address.strip())
    host = parts.netloc.rpartition("@")[2].lower()
    return f"{parts.scheme.lower()}://{host}{parts.path.rstrip('/')}"


def with_config(access: Access, config: Callable[[str], str | None]) -> Access:
    """Return an access with what the stack's config has of it, and no state.

    That is the token, for the Vault of the stack's config alone; and where nobody noted a Vault, that Vault to ask.
    """
    own, token = here(config), config(f"vault:{TOKEN}")
    if not home(access) and not is_environments(own):
        access = {**own, UNNOTED: "true"}
    is_own = not access.get(ADDRESS) or _spelled(access) == _spelled(own)
    return {**access, TOKEN: token} if token and is_own else access


def is_environments(access: Access) -> bool:
    """Return whether the address is VAULT_ADDR's: the provider has none of its own."""
    return not access.get(ADDRESS) or access.get(FROM) == ENVIRONMENT


def target_of(access: Access, environment: Mapping[str, str] = os.environ) -> str:
    """Return the address to ask.

    Raises:
        SecretUnreadable: there is none, or the environment's is not the one that the secret was stored at.
    """
    noted, now = access.get(ADDRESS), environment.get(ADDRESS_VARIABLE)
    if noted and not is_environments(access):
        return noted
    if not now:
        known = normal(noted) if noted else "Vault's address"
        raise SecretUnreadable(f"{ADDRESS_VARIABLE} is not set: set it to {known}, and VAULT_TOKEN")
    if noted and normal(noted) != normal(now):
        raise SecretUnreadable(
            f"it was stored in the Vault at {normal(noted)}, and {ADDRESS_VARIABLE} is {normal(now)}, which was not "
            f"asked: set {ADDRESS_VARIABLE} and VAULT_TOKEN for the former; if the secrets moved, or both are one "
            "Vault, set vault:address and run `pulumi up` (docs/errors.md#another-vault)"
        )
    return now
