"""What is wrong in a service's wish for its store, now and where an argument is known only later."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, replace
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

from pulumi import RunError
from pydantic.alias_generators import to_camel

from ..api.errors import ConfigurationError
from ..api.scrub import printable
from ..keys.credential_checks import HOLDS_KEY, places_of_keys
from ..keys.known import at, is_late, known_then
from .catalog import STORES
from .contract import ConfigLookup, StoreSettings
from .external.place import SETTING as EXTERNAL
from .external.place import ExternalSecretSettings, external_problems
from .kubernetes import unsettled_cluster

if TYPE_CHECKING:
    from .secret_args import SecretArgs

    StoreName = str
else:
    StoreName = Literal[tuple(STORES)]

DEFAULT_STORE = "aws"
_OBJECTS = ("store_settings", "external_secret")
"""The arguments that have settings of their own."""


class SecretArgsRefused(ConfigurationError, RunError):
    """A service's wish contradicts its store or holds a key; Pulumi shows its message without a traceback."""


def default_secret_name(store: str, prefix: str, service: str) -> str:
    """Return the name of a service's secret where none is set, in the characters that the store takes."""
    return STORES[store].secret_name(f"{prefix}/{service}/openrouter")


def store_defaults(defaults: Mapping[str, Any], store: object) -> dict[str, Any]:
    """Return the stack's defaults without the settings that only other stores have."""
    store = store or DEFAULT_STORE
    foreign = {name for other in _others(store) for name in STORES[other].own_settings}
    if isinstance(store, str) and store in STORES and not STORES[store].copied:
        foreign.add(EXTERNAL)
    return {name: value for name, value in defaults.items() if name not in foreign}


def store_problems(settings: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield what a service's settings have that its store has not, or spells otherwise: the setting, and the fix.

    Args:
        settings: the service's settings by their names in the config; those that are missing or None are not set.
    """
    store = settings.get("store") or DEFAULT_STORE
    if not isinstance(store, str) or store not in STORES:
        return  # Reported of the setting itself.
    for other in _others(store):
        for name in STORES[other].own_settings:
            if settings.get(name) not in (None, {}):
                yield name, f"is a setting of store {other}, and this service's store is {store}: take it out"
    yield from STORES[store].problems(settings)
    yield from external_problems(settings, STORES[store])


def stack_problems(stores: Iterable[str], config: ConfigLookup, *, copied: bool = False) -> Iterator[tuple[str, str]]:
    """Yield the settings of the stores' providers with which they can't keep a key: the full key, and the fix.

    Args:
        stores: their names.
        config: looks a setting up.
        copied: whether a secret is copied into a cluster as well.
    """
    for store in dict.fromkeys(stores):
        yield from STORES[store].stack_problems(config)
    if copied:
        yield from unsettled_cluster(config)


def refuse_stack_settings(store: str, config: ConfigLookup) -> None:
    """Refuse settings of a store's provider, in the stack's config, with which it can't keep a key.

    Raises:
        SecretArgsRefused: names every setting that is wrong, on a line of its own.
    """
    _refuse(stack_problems([store], config), store)


def refuse_settings_of_copies(config: ConfigLookup) -> None:
    """Refuse settings of the Kubernetes provider that leave it open in which cluster a copy would be made.

    Raises:
        SecretArgsRefused: names every setting that is wrong, on a line of its own.
    """
    _refuse(unsettled_cluster(config), "external-secrets")


def _refuse(found: Iterator[tuple[str, str]], section: str) -> None:
    problems = [f"{key} {what} (docs/stores.md#{section})" for key, what in found]
    if problems:
        raise SecretArgsRefused("\n".join(problems))


def _others(store: object) -> list[str]:
    return [name for name in STORES if name != store]


def refuse_contradictions(wish: "SecretArgs", beside: Mapping[str, Any] | None = None) -> None:
    """Refuse a wish that its store can't fulfil, or that has a key where it would be stored and shown.

    What is known only later is left out here: see `checked_later`.

    Args:
        wish: how the key is stored.
        beside: what else the program gave, by name, without what is a secret.

    Raises:
        SecretArgsRefused: names every setting that is wrong, on a line of its own.
    """
    given = {each.name: getattr(wish, each.name) for each in fields(wish) if each.name not in _OBJECTS}
    settings = {to_camel(name): None if _is_late_itself(value) else value for name, value in given.items()}
    settings |= _sections(wish)
    named = name_of(wish)
    problems = [
        f"{named}: {path} {what}" for path, what in store_problems(settings) if not _is_late_itself(at(settings, path))
    ]
    problems += [f"{named}: {path} {what}" for path, what in _misplaced_keys({**(beside or {}), **given}, wish)]
    if wish.store not in STORES:
        problems.append(f"{named}: store must be one of {', '.join(STORES)}")
    if not isinstance(wish.store_settings, StoreSettings | None):
        problems.append(f"{named}: store_settings must be a store's settings, like GcpSettings, and no output")
    if not isinstance(wish.external_secret, ExternalSecretSettings | None):
        problems.append(f"{named}: external_secret must be ExternalSecretSettings, and no output")
    if problems:
        raise SecretArgsRefused("\n".join(problems))


def checked_later(wish: "SecretArgs") -> "SecretArgs":
    """Return the wish with each argument that is known only later refused then, before a resource gets it."""
    given: dict[str, Any] = {each.name: getattr(wish, each.name) for each in fields(wish)}
    late = {name: value for name, value in given.items() if is_late(value)}
    none: dict[str, Any] = dict.fromkeys(late)
    plain = replace(wish, **none)
    checked: dict[str, Any] = {name: known_then(value, partial(_checked, plain, name)) for name, value in late.items()}
    return replace(wish, **checked)


def _checked(plain: "SecretArgs", name: str, value: Any) -> Any:
    refuse_contradictions(replace(plain, **{name: value}))
    if name == "readers" and not value:
        raise SecretArgsRefused(f"{name_of(plain)}: readers came as an empty list: leave them out, or name one")
    return value


def name_of(wish: "SecretArgs") -> str:
    """Return what messages call a service: its secret's name, where that is known."""
    return printable(wish.secret_name) if isinstance(wish.secret_name, str) else "a secret"


def _is_late_itself(value: object) -> bool:
    return is_late(value) and not isinstance(value, Mapping | list | tuple)


def _misplaced_keys(given: Mapping[str, Any], wish: "SecretArgs") -> Iterator[tuple[str, str]]:
    objects = {name: getattr(wish, name) for name in _OBJECTS}
    own = {name: each.model_dump() if isinstance(each, StoreSettings) else each for name, each in objects.items()}
    for steps in places_of_keys({**given, **own}):
        yield printable(".".join(steps)), HOLDS_KEY


def _sections(wish: "SecretArgs") -> dict[str, Any]:
    """Return what only one store has under that store's name, and what a copy of the secret has."""
    own, copy = wish.store_settings, wish.external_secret
    given = own.model_dump(by_alias=True, exclude_defaults=True) if isinstance(own, StoreSettings) else {}
    of_store = {name: given for name, store in STORES.items() if store.settings and isinstance(own, store.settings)}
    return {**of_store, EXTERNAL: copy.model_dump(by_alias=True) if isinstance(copy, StoreSettings) else None}
