"""What a service's settings must say in the other stack so that nothing of it changes: pure, over both configs.

A service is declared from its own settings, from what its stack gives to every service, and from names that come of
the stack's. What the other stack would give otherwise is written out with the service; what can't be is refused.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from pydantic.alias_generators import to_camel

from ...config.around import SETTINGS
from ...config.models import RotationConfig, ServiceConfig
from ...config.problems import StackConfigError
from ...config.services import merged
from ...config.source import RawConfig
from ...config.stack import StackConfig
from ...settings import PROJECT
from ...stores.catalog import STORES

STACKS_OWN = ("services", "servicesFrom", "workspaces", "guardrails", "byokKeys", *SETTINGS)
"""The project's settings that declare something; another stack that had them too would make it a second time."""

PREFIX = f"{PROJECT}:namePrefix"
ENVIRONMENT = "Environment"
_BY_NAME = {field.alias or to_camel(name): field for name, field in ServiceConfig.model_fields.items()}


@dataclass(frozen=True)
class Side:
    """One of the two stacks, by its config.

    Attributes:
        stack: its name.
        project: the project's name.
        raw: its settings.
        values: all of its config in the clear, by full name.
    """

    stack: str
    project: str
    raw: RawConfig
    values: Mapping[str, str] = field(repr=False)

    @cached_property
    def config(self) -> StackConfig:
        """Its checked config.

        Raises:
            StackConfigError: it is wrong.
        """
        return self.raw.parsed(self.short, self.project)

    @property
    def short(self) -> str:
        """The stack's name without its organisation."""
        return self.stack.rpartition("/")[2]

    @property
    def environment(self) -> str:
        """What its services' secrets are marked with."""
        return self.config.environment or self.short

    @property
    def defaults(self) -> Mapping[str, Any]:
        """What it gives to every service."""
        return _mapping(self.raw.settings.get("defaults"))

    @property
    def services(self) -> Mapping[str, Any]:
        """The services in its own file, as they stand there."""
        return _mapping(self.raw.settings.get("services"))

    def with_services(self, services: Mapping[str, Any]) -> "Side":
        """Return it with these services instead of those in its own file."""
        raw = RawConfig({**self.raw.settings, "services": dict(services)}, self.raw.files, self.raw.problems)
        return Side(self.stack, self.project, raw, self.values)


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def differing_settings(source: Side, target: Side, packages: Collection[str]) -> list[str]:
    """Return the settings that say where the services' keys and secrets are, and that the stacks don't share.

    Args:
        source: the stack that the services leave.
        target: the one that they go to.
        packages: the packages of the providers that their resources go through.
    """
    namespaces = {"openrouter", *packages}
    names = {name for side in (source, target) for name in side.values if name.partition(":")[0] in namespaces}
    return sorted(name for name in names if source.values.get(name) != target.values.get(name))


def refusals(source: Side, target: Side, services: Collection[str]) -> Iterator[str]:
    """Yield why services can't go, as far as their names and places tell."""
    if source.config.name_prefix != target.config.name_prefix:
        yield (
            f"every name of a key begins with namePrefix, and stack {target.stack} has another one: run "
            f"`pulumi config set --stack {target.stack} {PREFIX} {source.config.name_prefix}` while it has no services"
        )
    for name in services:
        path = source.config.paths.get(name)
        if path is None:
            yield f"stack {source.stack} has no service {name} in its config"
        elif ": " in path:
            yield f"{path} stands in a file of servicesFrom: put it into the stack's config, run `pulumi up`, move it"
        if name in target.config.paths:
            yield f"stack {target.stack} has a service {name} in its config: rename one of the two, or take it out"


def changes_for(source: Side, target: Side, service: str) -> dict[str, Any]:
    """Return what must be written out in a service's settings, so that it stays the same in the other stack."""
    wish, own = _mapping(source.services.get(service)), source.config.services[service]
    here, there = merged(source.defaults, wish), merged(target.defaults, wish)
    names = [name for name in {**here, **there} if here.get(name) != there.get(name)]
    changes = {name: _said(name, here) for name in names}
    if isinstance(here.get("rotation"), Mapping) and "rotation" in changes:
        rotation = own.rotation or RotationConfig()
        changes["rotation"] = rotation.model_dump(by_alias=True)
    if source.environment != target.environment:
        if isinstance(here.get("readers"), Mapping):
            changes["readers"] = list(own.readers)
        mark = _environment_mark(own.store, source.environment)
        changes["tags"] = {**mark, **_mapping(here.get("tags"))}
        if changes["tags"] == merged(target.defaults, wish).get("tags"):
            del changes["tags"]
    return changes


def _said(name: str, settings: Mapping[str, Any]) -> Any:
    """Return what a setting says; where nothing is said, what that means."""
    if name in settings:
        return settings[name]
    default = _BY_NAME[name].get_default(call_default_factory=True) if name in _BY_NAME else None
    return list(default) if isinstance(default, tuple) else default


def _environment_mark(store: str, environment: str) -> dict[str, str]:
    """Return the tag that a store puts on a secret for its environment, as the service itself can set it."""
    return dict([STORES[store].tag(ENVIRONMENT, environment)])


def changed_by(before: Side, after: Side, service: str) -> list[str]:
    """Return which settings would say something else of a service after the move."""
    one, other = before.config.services[service].model_dump(), after.config.services[service].model_dump()
    found = {to_camel(name) for name in one if name != "tags" and one[name] != other[name]}
    if _tags(before, service) != _tags(after, service):
        found.add("tags")
    if before.config.secret_name(service) != after.config.secret_name(service):
        found.add("secretName")
    if before.config.name_prefix != after.config.name_prefix:
        found.add("namePrefix")
    return sorted(found)


def _tags(side: Side, service: str) -> dict[str, str]:
    own = side.config.services[service]
    return {**_environment_mark(own.store, side.environment), **own.tags}


@dataclass(frozen=True)
class Settled:
    """What both configs say after a move.

    Attributes:
        source: the stack that the services left.
        target: the one that has them.
        changes: by service, what is written out with it.
    """

    source: Side
    target: Side
    changes: Mapping[str, Mapping[str, Any]]


def settle(source: Side, target: Side, services: Collection[str]) -> tuple[Settled | None, list[str]]:
    """Return what the configs say after the move, None where it is refused, and every reason why it is."""
    reasons = list(refusals(source, target, services))
    if reasons:
        return None, reasons
    changes = {name: changes_for(source, target, name) for name in services}
    arriving = {name: {**_mapping(source.services.get(name)), **changes[name]} for name in services}
    left = source.with_services({name: wish for name, wish in source.services.items() if name not in services})
    there = target.with_services({**target.services, **arriving})
    try:
        reasons = list(_changed(source, target, left, there, services))
    except StackConfigError as error:
        reasons = [f"afterwards a config would be wrong: {problem}" for problem in error.problems]
    return (None if reasons else Settled(left, there, changes)), reasons


def _changed(source: Side, target: Side, left: Side, there: Side, services: Collection[str]) -> Iterator[str]:
    pairs = [(source, there, name) for name in services]
    pairs += [(source, left, name) for name in left.config.services]
    pairs += [(target, there, name) for name in target.config.services]
    for before, after, name in pairs:
        for setting in changed_by(before, after, name):
            yield (
                f"services.{name}.{setting} would become another in stack {after.stack}, whose defaults add what a "
                "service can't take away: make both stacks' defaults alike, or write it out in each service"
            )
