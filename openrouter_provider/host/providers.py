"""Which provider answers for a resource: a class of ours by the resource's type, anybody else's by what is pickled.

A class of ours is found without its pickle, which an imported resource does not have yet. Other dynamic resources
of the user's program go through this host as well, and are served as Pulumi's own host would serve them.
"""

import base64
import os
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from threading import Lock
from typing import Any

import dill  # type: ignore[import-untyped]  # it has no types
from pulumi.dynamic import Config, ConfigureRequest, ResourceProvider
from pulumi.dynamic.dynamic import serialize_provider
from pulumi.metadata import get_project
from pulumi.runtime import Settings, configure

from .modules import MODULES, RESOURCES

PROVIDER_KEY = "__provider"
"""The property in which a state names its provider."""
_TYPE = "pulumi-python:dynamic/openrouter:"


class UnknownProvider(Exception):
    """A resource of somebody else came without its provider."""


class Providers:
    """The providers of one process; each is made and configured once.

    Args:
        config: the stack's config, by full key.
    """

    def __init__(self, config: Mapping[str, Any]) -> None:
        self._config = dict(config)
        self._made: dict[str, ResourceProvider] = {}
        self._lock = Lock()

    def serving(self, urn: str, *properties: Mapping[str, Any]) -> ResourceProvider:
        """Return the provider of a resource.

        Args:
            urn: the resource's.
            properties: where it may name its provider, the likeliest first.

        Raises:
            UnknownProvider: it is not ours and names none.
        """
        own = own_class(urn)
        named = own or next((text for props in properties if (text := _pickle_in(props))), None)
        if named is None:
            raise UnknownProvider(f"{urn.rpartition('::')[2]}: a dynamic resource without its provider can't be served")
        with self._lock:
            if named not in self._made:
                self._made[named] = self._configured(_class_at(own)() if own else _unpickled(named))
            return self._made[named]

    def _configured(self, provider: ResourceProvider) -> ResourceProvider:
        name = os.environ.get("PULUMI_PROJECT", "project")
        configure(Settings(project=name, stack="stack", organization="organization"))
        provider.configure(ConfigureRequest(config=Config(raw_config=self._config, project_name=get_project())))
        return provider


def own_class(urn: str) -> str | None:
    """Return the full name of the provider class of ours that a URN's type names; None for anybody else's type."""
    kind = urn.split("::")[2].rpartition("$")[2] if urn.count("::") >= 3 else ""
    name = kind.removeprefix(_TYPE)
    return f"{RESOURCES}.{MODULES[name]}:{name}Provider" if kind.startswith(_TYPE) and name in MODULES else None


@cache
def pickled(own: str) -> str:
    """Return what a state has of a provider of ours, as the program writes it."""
    text: str = serialize_provider(_class_at(own)())
    return text


def _class_at(own: str) -> type[ResourceProvider]:
    module, _, name = own.partition(":")
    found: type[ResourceProvider] = getattr(import_module(module), name)
    return found


def _pickle_in(props: Mapping[str, Any]) -> str | None:
    text = props.get(PROVIDER_KEY)
    # A preview may not know it yet: then the state's is meant.
    return text if isinstance(text, str) and len(text) > 40 else None


def _unpickled(text: str) -> ResourceProvider:
    def load() -> ResourceProvider:
        provider: ResourceProvider = dill.loads(base64.b64decode(text))  # noqa: S301 - the user's own program wrote it
        return provider

    try:
        from pulumi.runtime._serialization import _deserialize  # noqa: PLC0415 - private, so it may be gone
    except ImportError:
        return load()  # A provider that holds secret outputs in itself can't be read without it.
    return _deserialize(load)
