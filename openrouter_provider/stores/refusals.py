"""What is wrong in a service's wish for its store; pure, and without Pulumi."""

from collections.abc import Iterator, Mapping
from dataclasses import fields
from typing import TYPE_CHECKING, Any, Literal

from ..api.errors import ConfigurationError
from ..api.scrub import printable
from ..keys.credential_checks import HOLDS_KEY, places_of_keys
from .catalog import STORES

if TYPE_CHECKING:
    from ..program.args import ServiceKeyArgs

    StoreName = str
else:
    StoreName = Literal[tuple(STORES)]

DEFAULT_STORE = "aws"


def default_secret_name(store: str, prefix: str, service: str) -> str:
    """Return the name of a service's secret where none is set, in the characters that the store takes."""
    return STORES[store].secret_name(f"{prefix}/{service}/openrouter")


def store_defaults(defaults: Mapping[str, Any], store: object) -> dict[str, Any]:
    """Return the stack's defaults without the settings that only other stores have."""
    foreign = {name for other in _others(store or DEFAULT_STORE) for name in STORES[other].own_settings}
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


def _others(store: object) -> list[str]:
    return [name for name in STORES if name != store]


def refuse_contradictions(args: "ServiceKeyArgs") -> None:
    """Refuse a wish that its store can't fulfil, or that has a key where it would be stored and shown.

    Raises:
        ConfigurationError: names every setting that is wrong, on a line of its own.
    """
    settings = {
        "store": args.store,
        "secretName": args.secret_name,
        "readers": args.readers,
        "format": args.format,
        "kmsKeyId": args.kms_key_id,
        "recoveryWindowInDays": args.recovery_window_in_days,
        "tags": args.tags,
        **_section(args),
    }
    named = printable(args.secret_name)
    problems = [f"{named}: {name} {what}" for name, what in (*store_problems(settings), *_misplaced_keys(args))]
    if args.store not in STORES:
        problems.append(f"{named}: store must be one of {', '.join(STORES)}")
    if problems:
        raise ConfigurationError("\n".join(problems))


def _misplaced_keys(args: "ServiceKeyArgs") -> Iterator[tuple[str, str]]:
    given = {field.name: getattr(args, field.name) for field in fields(args) if field.name != "adopt_key"}
    own = args.store_settings.model_dump() if args.store_settings else {}
    for steps in places_of_keys({**given, "store_settings": own}):
        yield printable(".".join(steps)), HOLDS_KEY


def _section(args: "ServiceKeyArgs") -> dict[str, Any]:
    """Return what only one store has, under that store's name."""
    own = args.store_settings
    given = own.model_dump(by_alias=True, exclude_defaults=True) if own else {}
    return {name: given for name, store in STORES.items() if store.settings and isinstance(own, store.settings)}
