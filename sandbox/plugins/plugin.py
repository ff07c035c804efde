"""One stand-in: which package it serves, its resource types, its configuration and its functions."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import Any

from sandbox.plugins.cloud import Cloud, CloudError
from sandbox.plugins.resource_type import Problem, ResourceType
from sandbox.plugins.schema import input_names
from sandbox.plugins.wire import UNKNOWN, Properties

Function = Callable[[Any, Properties], Properties]
_OF_THE_ENGINE = frozenset({"version", "pluginDownloadURL"})


@dataclass(frozen=True)
class Plugin:
    """A provider, as far as the sandbox has it.

    Args:
        name: the provider's name in type tokens.
        title: what people call it.
        cloud: makes its hold on the cloud.
        arguments: the generated class that knows the provider's configuration.
        resource_types: what it manages.
        functions: what a program may call, by token.
        more_settings: configuration beside that of `arguments`.
        read_setting: turns a configured value into what the cloud works with.
    """

    name: str
    title: str
    cloud: Callable[[], Cloud]
    arguments: type
    resource_types: tuple[type[ResourceType[Any]], ...]
    functions: Mapping[str, Function] = field(default_factory=dict)
    more_settings: frozenset[str] = frozenset()
    read_setting: Callable[[object], object] = lambda value: value

    @property
    def version(self) -> str:
        """The version of the package that it stands in for."""
        return version(f"pulumi_{self.name}")

    def settings_problems(self, given: Properties) -> list[Problem]:
        """Return each configuration name that the real provider doesn't have either."""
        known = input_names(self.arguments) | _OF_THE_ENGINE | self.more_settings
        strangers = sorted(name for name in set(given) - known if not name.startswith("__"))
        return [Problem(name, f"the {self.title} provider has no configuration value {name!r}") for name in strangers]

    def settings(self, given: Properties) -> Properties:
        """Return the values that were given, ready for use."""
        return {name: self.read_setting(value) for name, value in given.items() if value not in (None, "", UNKNOWN)}

    def invoke(self, cloud: Cloud, token: str, arguments: Properties) -> Properties:
        """Return a function's result; CloudError for one that the sandbox doesn't have."""
        if token not in self.functions:
            known = ", ".join(sorted(self.functions)) or "none"
            raise CloudError(f"the sandbox's {self.title} plugin has no function {token}; it has {known}")
        return self.functions[token](cloud, arguments)

    def resource_type(self, urn: str, cloud: Cloud) -> ResourceType[Any]:
        """Return the type of the resource of that URN; CloudError for one that the sandbox doesn't have."""
        token = urn.split("::")[2].rsplit("$", 1)[-1]
        for kind in self.resource_types:
            if kind.token == token:
                return kind(cloud)
        known = ", ".join(kind.token for kind in self.resource_types)
        raise CloudError(f"the sandbox's {self.title} plugin has no resource {token}; it has {known}")
