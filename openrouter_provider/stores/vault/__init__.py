"""HashiCorp Vault, KV version 2."""

import re
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from ..contract import ConfigLookup, Problems, ServiceSettings, Store, StoreSettings, matching
from .reading import READING

if TYPE_CHECKING:
    from pulumi import Output, Resource

    from ..declaration import Declare
    from ..value import Access

DEFAULT_MOUNT = "secret"
_MOUNT = re.compile(r"[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)*")
_POLICY = re.compile(r"[a-z0-9_.-]{1,128}")
_SECRET = re.compile(r"[^/]+(/[^/]+)*")

Mount = Annotated[str, matching(_MOUNT, "must be the path of a KV version 2 engine, like secret")]
PolicyName = Annotated[str | None, matching(_POLICY, "must be at most 128 of the characters a-z 0-9 _ . -")]


class VaultSettings(StoreSettings):
    """What only Vault has."""

    mount: Mount = Field(default=DEFAULT_MOUNT, description="the path of the KV version 2 engine")
    policy: PolicyName = Field(default=None, description="declare a policy of this name that may read the secret")


def _load() -> "Declare":
    from .declare import declare  # noqa: PLC0415 - an extra

    return declare


def _access(component: "Resource") -> "Output[Access] | None":
    from .own_provider import program_access  # noqa: PLC0415 - for programs only

    return program_access(component)


def _problems(settings: ServiceSettings) -> Problems:
    if settings.get("readers"):
        fix = "name a policy in vault.policy, and give that policy to the service's role"
        yield "readers", f"have no meaning in store vault, where roles hold policies: {fix}"
    if settings.get("format") == "plain":
        yield "format", "must be json in store vault, which holds fields: the key's field is OPENROUTER_API_KEY"
    name = settings.get("secretName")
    if isinstance(name, str) and not _SECRET.fullmatch(name):
        yield "secretName", "must be a path without empty parts in store vault, like acme/checkout/openrouter"


def _reference(name: str, own: ServiceSettings, _config: ConfigLookup) -> str:
    return f"{READING.scheme}:{own.get('mount') or DEFAULT_MOUNT}/data/{name}"


STORE = Store(
    load=_load,
    reading=READING,
    package="hvac",
    settings=VaultSettings,
    problems=_problems,
    readers="vault.policy",
    readers_are="the policy",
    access=_access,
    reference=_reference,
    copied=True,
)
