"""What every store says of itself to the command line."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from pydantic import SecretStr

from .payload import key_in

Properties = Mapping[str, Any]


Access = Mapping[str, str]
"""How a resource's own provider reaches its store, by that provider's setting names (`region`, `profile`, …)."""

ENVIRONMENTS_ACCESS: Access = {}
"""A store is reached by the environment's region and credentials, as by the store's own tools."""
ATTEMPTS = "attempts"
"""In an access: how often the store is tried, where that is not left to its library."""

FROM, ENVIRONMENT = "addressFrom", "environment"
"""In an access whose address is the environment's, since its provider has none of its own."""


def quickly(access: Access = ENVIRONMENTS_ACCESS) -> Access:
    """Return an access that gives up within seconds, for a person who waits for an answer."""
    return {**access, ATTEMPTS: "2"}


def settings_of(resources: Iterable[Properties], reference: str) -> Properties:
    """Return the own settings of a provider, from an exported state; none where it is not in it.

    Args:
        resources: the state's.
        reference: what a resource calls its provider: `<urn>::<id>`.
    """
    found = (each for each in resources if f"{each.get('urn')}::{each.get('id')}" == reference)
    settings: Properties = next(found, {}).get("inputs") or {}
    return settings


class SecretUnreadable(Exception):
    """The secret's current value cannot be read, or holds no key; says why in one line without the value.

    Attributes:
        gone: whether the store says that there is no such secret, or that it is being deleted: then it holds no key.
        away: whether the store answers nobody, or not whoever asks: then it is so of every secret.
    """

    def __init__(self, why: str, *, gone: bool = False, away: bool = False) -> None:
        super().__init__(why)
        self.gone = gone
        self.away = away


class ReadsValue(Protocol):
    """Reads what a service would read now."""

    def __call__(self, reference: str, access: Access = ENVIRONMENTS_ACCESS) -> "StoredValue":
        """Return the secret's current version.

        Args:
            reference: names the secret, beginning with the store's scheme.
            access: how the secret's own provider reaches the store; what it leaves out is the environment's.

        Raises:
            SecretUnreadable: the store refused, could not be asked, or the secret is gone.
        """


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


def no_keys(access: Access, _config: Callable[[str], str | None]) -> Access:
    """Return an access as it is: the store's provider has no keys of its own in the config."""
    return access


def the_only_one(_access: Access) -> str:
    """Return a name that all accesses share: a reference of the store means one secret, however it is reached."""
    return "the only one"


def nowhere(_looked_up: Callable[[str], Any]) -> Access:
    """Return nothing: the settings say nothing that tells one secret from another."""
    return ENVIRONMENTS_ACCESS


@dataclass(frozen=True)
class Existing:
    """A secret that a store has, whatever a state says.

    Attributes:
        id: what `pulumi import` calls it; empty where the store's package can't import one.
        restore: the command that takes back its deletion; empty where it is not being deleted.
        give_up: the command that deletes it for good; empty where nothing should.
    """

    id: str = ""
    restore: str = ""
    give_up: str = ""


def nothing_exists(_reference: str, _access: Access = ENVIRONMENTS_ACCESS) -> Existing | None:
    """Return None: the store has no secrets that outlive their state."""
    return None


def no_reference(_secret: Properties, _access: Access) -> str:
    """Return nothing: what the store calls a secret can't be told from what the program wishes."""
    return ""


def no_revision(_secret: Properties) -> object:
    """Return None: every write changes the version too."""
    return None


def name_in(secret: Properties) -> str:
    """Return the property `name`."""
    return str(secret.get("name"))


@dataclass(frozen=True)
class StoreReading:
    """One store: how its secrets look in a stack's state, and how a value is read.

    Attributes:
        store: its name in the config.
        scheme: what a secret's reference begins with, before the first colon.
        secret: the type token of the secret.
        value: the type token of what holds the value; the secret's own in a store that knows no other.
        readers: the type token of who may read it; empty in a store that has no such resource.
        watched: the properties whose change behind Pulumi's back is drift, by type token; `metadata.labels` is a part.
        locate: the reference and the version, from the last known outputs of what holds the value.
        read: returns what a service would read now; SecretUnreadable says why it can't.
        permission: what whoever reads needs.
        with_keys: adds to an access what no state has, the provider's own keys, given what looks a config key up.
        heal: how a value edited by hand is undone, given the URN of what holds the value.
        reference: what `read` calls a secret, from its inputs or its outputs; empty where they don't tell.
        existing: returns the secret of a reference, None where there is none; SecretUnreadable says why it can't.
        written_over: whether a creation of what holds the value may be done twice, with the same outcome.
        revision: what else changes when somebody writes to what holds the value, from its outputs.
        named: the secret's name, from its outputs.
        home: in which of several stores of this kind the secrets of an access are, in words; empty where nobody noted
            it. An answer is proof only from the store that a secret was written to.
        here: the access of the stack's default provider in this run, given what looks a config key up.
        reached: the access by a provider's own settings, given what returns one of them.
        homeless: what to say where nobody noted it.
        strict: whether a run that goes to another store than the noted one is refused. Then a proof moves the note,
            whoever names the store; elsewhere the environment alone doesn't.
    """

    store: str
    scheme: str
    secret: str
    value: str
    readers: str
    watched: Mapping[str, tuple[str, ...]]
    locate: Callable[[Properties], tuple[str, str]]
    read: ReadsValue
    permission: str
    heal: Callable[[str], str]
    with_keys: Callable[[Access, Callable[[str], str | None]], Access] = no_keys
    reference: Callable[[Properties, Access], str] = no_reference
    existing: Callable[[str, Access], Existing | None] = nothing_exists
    written_over: bool = True
    revision: Callable[[Properties], object] = no_revision
    named: Callable[[Properties], str] = name_in
    home: Callable[[Access], str] = the_only_one
    here: Callable[[Callable[[str], str | None]], Access] = nowhere
    reached: Callable[[Callable[[str], Any]], Access] = nowhere
    homeless: str = ""
    strict: bool = False

    @property
    def kinds(self) -> tuple[str, ...]:
        """The store's type tokens, each once."""
        return tuple(dict.fromkeys(kind for kind in (self.secret, self.value, self.readers) if kind))

    @property
    def repeatable(self) -> tuple[str, ...]:
        """The type tokens of what an interrupted run may make again."""
        return tuple(kind for kind in (self.written_over and self.value, self.readers) if kind)
