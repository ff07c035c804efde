"""What becomes of both stacks' config files when services move."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from ...api.errors import ConfigurationError
from ...config.source import value_of
from ...settings import PROJECT
from .same_meaning import PREFIX, STACKS_OWN, Side
from .stack_file import (
    SERVICES,
    entries_of,
    holds_ciphertext,
    recrypted,
    section_of,
    services_of,
    settings_of,
    with_services,
    with_settings,
    without_services,
)

Encrypt = Callable[[str], Any]


@dataclass(frozen=True)
class StackFile:
    """A stack's config file.

    Attributes:
        name: of the file.
        text: what stands in it; None where there is none.
    """

    name: str
    text: str | None = field(repr=False)

    @property
    def settings(self) -> dict[str, Any]:
        """Its settings by full name."""
        found = settings_of(self.text, self.name)
        return {name if ":" in name else f"{PROJECT}:{name}": value for name, value in found.items()}

    @property
    def has_services(self) -> bool:
        """Whether any service stands in it."""
        return bool(self.settings.get(SERVICES))


def check_services(file: StackFile, services: Collection[str]) -> None:
    """Refuse services that don't stand in the file itself.

    Raises:
        ConfigurationError: names them, and the fix.
    """
    settings = settings_of(file.text, file.name)
    whole = settings.get(section_of(settings))
    if isinstance(whole, Mapping) and set(whole) == {"secure"}:
        raise ConfigurationError(f"{file.name}: its services are encrypted as a whole: encrypt single values in it")
    missing = [name for name in services if name not in services_of(settings)]
    if missing:
        raise ConfigurationError(f"{file.name} has no settings of {', '.join(missing)}: put them there, or --project")


def shared_settings(source: StackFile, target: StackFile, side: Side, encrypt: Encrypt) -> dict[str, Any]:
    """Return what a stack without services gets of the settings of the stack that its services come from.

    Args:
        source: the file that has them.
        target: the file of the empty stack; what it has already counts.
        side: the stack they come from.
        encrypt: encrypts a text for the empty stack.
    """
    own = {f"{PROJECT}:{name}" for name in STACKS_OWN}
    there = target.settings
    found = {
        name: recrypted(value, _plain(value, side.values.get(name)), encrypt)
        for name, value in source.settings.items()
        if name not in there and name not in own
    }
    return found if PREFIX in there else {**found, PREFIX: side.config.name_prefix}


def _plain(value: Any, text: str | None) -> Any:
    is_text = isinstance(value, str) or (isinstance(value, Mapping) and set(value) == {"secure"})
    return text if is_text else value_of(text)


def changed_files(
    source: StackFile, target: StackFile, side: Side, changes: Mapping[str, Mapping[str, Any]], encrypt: Encrypt
) -> tuple[str, str]:
    """Return the texts of both files after the move.

    Args:
        source: the file that the services stand in.
        target: the file that they go into.
        side: the stack that they leave.
        changes: by service, what is written out with it.
        encrypt: encrypts a text for the other stack.
    """
    text = source.text or ""
    here = services_of(settings_of(text, source.name))
    full = {
        name: {**_encrypted_anew(here[name], side.services.get(name), encrypt), **changes[name]} for name in changes
    }
    arrived = with_services(target.text or "", target.name, entries_of(text, source.name, full))
    return without_services(text, source.name, list(changes)), arrived


def _encrypted_anew(wish: Any, plain: Any, encrypt: Encrypt) -> dict[str, Any]:
    settings = wish if isinstance(wish, Mapping) else {}
    clear = plain if isinstance(plain, Mapping) else {}
    return {
        name: recrypted(value, clear.get(name), encrypt) for name, value in settings.items() if holds_ciphertext(value)
    }


def with_shared(target: StackFile, settings: Mapping[str, Any]) -> StackFile:
    """Return a file that has these settings as well."""
    return StackFile(target.name, with_settings(target.text or "", target.name, settings)) if settings else target
