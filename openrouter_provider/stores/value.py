"""What every store says of itself to the command line."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from pydantic import SecretStr

from ..api.credentials import is_loopback
from ..payload import key_in

Props = Mapping[str, Any]


class SecretUnreadable(Exception):
    """The secret's current value cannot be read, or holds no key; says why in one line without the value."""


@dataclass(frozen=True)
class StoredValue:
    """What a service would read; `key` is None where it holds none."""

    version_id: str
    key: SecretStr | None

    @classmethod
    def of(cls, version_id: str, text: str | None) -> "StoredValue":
        """Return the key in a secret's text, in either format, with its version."""
        key = key_in(text or "")
        return cls(version_id, SecretStr(key) if key else None)


@dataclass(frozen=True)
class StoreReading:
    """One store: how its secrets look in a stack's state, and how a value is read.

    Attributes:
        store: its name in the config.
        scheme: what a secret's reference begins with, before the first colon.
        secret: the type token of the secret.
        value: the type token of what holds the value; the secret's own in a store that knows no other.
        readers: the type token of who may read it.
        watched: the properties whose change behind Pulumi's back is drift, by type token.
        locate: the reference and the version, from the last known outputs of what holds the value.
        read: returns what a service would read now; SecretUnreadable says why it can't.
        permission: what whoever reads needs.
        heal: how a value edited by hand is undone, given the URN of what holds the value.
    """

    store: str
    scheme: str
    secret: str
    value: str
    readers: str
    watched: Mapping[str, tuple[str, ...]]
    locate: Callable[[Props], tuple[str, str]]
    read: Callable[[str], StoredValue]
    permission: str
    heal: Callable[[str], str]

    @property
    def kinds(self) -> tuple[str, ...]:
        """The store's type tokens, each once."""
        return tuple(dict.fromkeys((self.secret, self.value, self.readers)))


def is_open_to_listeners(url: str) -> bool:
    """Return whether what is sent to a URL could be read on its way: no HTTPS, and not on this machine."""
    parts = urlsplit(url)
    return parts.scheme != "https" and not is_loopback(parts.hostname or "")
