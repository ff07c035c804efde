"""What a secret store says of itself; pure, and without Pulumi."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError
from pydantic.alias_generators import to_camel

from .value import Access, StoreReading

if TYPE_CHECKING:
    from pulumi import Output, Resource

    from .declaration import Declare

ServiceSettings = Mapping[str, Any]
Problems = Iterator[tuple[str, str]]
"""ServiceSettings that are wrong, each with the fix."""


class StoreSettings(BaseModel):
    """What only one store has; unknown settings are errors, and no error quotes a value.

    A program gives them in snake_case, the config in camelCase.
    """

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        alias_generator=to_camel,
        populate_by_name=True,
        hide_input_in_errors=True,
        defer_build=True,
    )

    def __new__(cls, **given: Any) -> Self:
        """Refuse a program's wrong settings in words of ours; the config's are made without a call of this.

        Raises:
            ArgumentRefused: names the setting that isn't one, or the first that is wrong.
        """
        if given:
            cls._refuse(given)
        return super().__new__(cls)

    @classmethod
    def _refuse(cls, given: Mapping[str, Any]) -> None:
        from ..keys.nested import ArgumentRefused, name_problem  # noqa: PLC0415 - for programs, which load Pulumi anyway

        aliases = {str(field.alias) for field in cls.model_fields.values()}
        problem = name_problem([name for name in given if name not in aliases], (), [*cls.model_fields])
        if problem:
            raise ArgumentRefused(f"{cls.__name__} {problem} (docs/stores.md)")
        try:
            cls.model_validate(dict(given))
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            cause = first.get("ctx", {}).get("error") or first["msg"].replace("Input should be", "must be")
            wrong = ".".join(str(step) for step in first["loc"])
            raise ArgumentRefused(f"{cls.__name__} has a wrong `{wrong}`: it {cause} (docs/stores.md)") from None


ConfigLookup = Callable[[str], str | None]
"""Looks a full config key (`gcp:project`) up; None where it is not set."""


def no_reference(_name: str, _own: ServiceSettings, _config: ConfigLookup) -> str | None:
    """Return None: the store names a secret only once it exists."""
    return None


def no_access(_component: "Resource") -> "Output[Access] | None":
    """Return None: the store is reached by the environment's settings alone."""
    return None


def no_problems(_settings: ServiceSettings) -> Problems:
    """Yield nothing: the store takes whatever a service may wish."""
    yield from ()


def no_stack_problems(_config: ConfigLookup) -> Problems:
    """Yield nothing: the store works with whatever its provider's settings are."""
    yield from ()


def as_it_is(name: str, text: str) -> tuple[str, str]:
    """Return a tag unchanged: the store takes any."""
    return name, text


@dataclass(frozen=True)
class Store:
    """One store: what the program, the config and the command line know of it.

    Attributes:
        load: imports what a program needs of the store's packages, and returns what declares a secret.
        reading: its resources in a state, and how a service would read a value.
        package: the distribution that `reading` needs.
        settings: the section of a service's settings that bears its name; None where there is none.
        own: settings of a service outside such a section that only this store has.
        problems: yields what a service wishes of it that it has not, by the settings' names in the config.
        stack_problems: yields the settings of its provider in the stack's config with which it can't keep a key, by
            their full keys.
        secret_name: returns the default name of a secret in the characters that the store takes.
        tag: returns a standard tag, its name and its text, as the store writes it.
        apart: the setting of its own that tells two secrets of one name apart; empty where nothing does.
        readers: the setting that says who may read a secret; empty where there is none.
        readers_are: what that setting names; in its place, what decides.
        access: returns how the secrets of a component are reached, for the inputs of a resource; None for the
            environment's settings.
        reference: returns how `reading` finds a secret of a name before a state has it, given the store's own settings
            by their names in the config; None where it can't.
        copied: whether the External Secrets Operator can copy a secret from it into a cluster.
    """

    load: Callable[[], "Declare"]
    reading: StoreReading
    package: str
    settings: type[StoreSettings] | None = None
    own: tuple[str, ...] = ()
    problems: Callable[[ServiceSettings], Problems] = no_problems
    stack_problems: Callable[[ConfigLookup], Problems] = no_stack_problems
    secret_name: Callable[[str], str] = str
    tag: Callable[[str, str], tuple[str, str]] = as_it_is
    apart: str = ""
    readers: str = "readers"
    readers_are: str = "the roles"
    access: Callable[["Resource"], "Output[Access] | None"] = no_access
    reference: Callable[[str, ServiceSettings, ConfigLookup], str | None] = no_reference
    copied: bool = False

    @property
    def name(self) -> str:
        """Its name in the config, of its extra, and of Pulumi's package for it."""
        return self.reading.store

    @property
    def own_settings(self) -> tuple[str, ...]:
        """All settings of a service that only this store has."""
        return (*self.own, self.name) if self.settings else self.own

    def names_readers(self, settings: ServiceSettings) -> bool:
        """Return whether a service's settings say who may read its secret."""
        found: Any = settings
        for step in self.readers.split("."):
            found = found.get(step) if isinstance(found, Mapping) else None
        return bool(found)


def matching(pattern: re.Pattern[str], form: str) -> BeforeValidator:
    """Return a check of settings that are left out or of this form."""

    def check(value: object) -> object:
        if value is not None and not (isinstance(value, str) and pattern.fullmatch(value)):
            raise ValueError(form)
        return value

    return BeforeValidator(check)


def reader_problems(settings: ServiceSettings, pattern: re.Pattern[str], form: str) -> Problems:
    """Yield the readers that are not of this form."""
    readers = settings.get("readers")
    if not isinstance(readers, Sequence) or isinstance(readers, str):
        return
    for number, reader in enumerate(readers):
        if not isinstance(reader, str) or not pattern.fullmatch(reader):
            yield f"readers.{number}", form
