"""What a secret store does for ServiceKey: hold the value that a service reads, and say when it has changed.

A store is a module of this package with a function `declare`. A new one also gets a module in `reading`, its settings
and checks in `config`, and an extra of its name in pyproject.toml.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Protocol, cast

from pulumi import CustomResource, Output, Resource, ResourceOptions

from ..service_key_args import ServiceKeyArgs
from .config import StoreName
from .extras import explaining_a_missing_extra


@dataclass(frozen=True)
class StoredSecret:
    """A service's secret as a store declared it.

    Attributes:
        store: the store's name.
        secret: the container.
        value: what holds the current value; the container itself in a store that knows no other.
        readers: who may read it; None where the store's own access rules decide.
        reference: names the secret to the command line, beginning with the store's scheme.
        name: the secret's name.
        version: changes with the stored value, once the store has it.
    """

    store: StoreName
    secret: CustomResource
    value: CustomResource
    readers: CustomResource | None
    reference: Output[str]
    name: Output[str]
    version: Output[str]

    def exports(self) -> Mapping[str, Output[str] | str]:
        """Return where the stack's output says the secret is; AWS's own names are older than the other stores."""
        if self.store == "aws":
            return {"secretArn": self.reference, "secretName": self.name}
        return {"store": self.store, "secretReference": self.reference, "secretName": self.name}


class Declare(Protocol):
    """Declares a service's secret in one store."""

    def __call__(
        self, name: str, args: ServiceKeyArgs, value: Output[str], key: Resource, opts: ResourceOptions
    ) -> StoredSecret:
        """Return the secret.

        Whoever reads it finds the old value until the new one is stored whole, and its `version` is known only
        after that: superseded keys wait for it.

        Args:
            name: the logical name of every resource.
            args: the service's wish.
            value: the text to store, in the format of the wish.
            key: what must outlive the secret: deletion runs against dependencies.
            opts: the options of every resource.
        """


def load_store(store: StoreName) -> Declare:
    """Return the store's `declare`.

    Raises:
        ConfigurationError: the store's extra is not installed; has the command that installs it.
    """
    with explaining_a_missing_extra(store):
        module = import_module(f"{__package__}.{store}")
    return cast("Declare", module.declare)
