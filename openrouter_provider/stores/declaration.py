"""What a secret store does for ServiceKey: hold the value that a service reads, and say when it has changed."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from pulumi import CustomResource, Output, Resource, ResourceOptions

from .catalog import STORES
from .extras import explaining_a_missing_extra
from .secret_args import SecretArgs

REPLACEABLE = ResourceOptions(protect=False)
"""For what a rotation or another guardrail replaces: Pulumi refuses to replace a protected resource."""


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

    store: str
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
        self, name: str, wish: SecretArgs, value: Output[str], key: Resource, opts: ResourceOptions
    ) -> StoredSecret:
        """Return the secret.

        Whoever reads it finds the old value until the new one is stored whole, and its `version` is known only
        after that: superseded keys wait for it.

        Args:
            name: the logical name of every resource.
            wish: how the key is stored.
            value: the text to store, in the format of the wish.
            key: what must outlive the secret: deletion runs against dependencies.
            opts: the options of every resource.
        """


def load_store(store: str) -> Declare:
    """Return the store's `declare`.

    Raises:
        ConfigurationError: the store's extra is not installed; has the command that installs it.
    """
    with explaining_a_missing_extra(store):
        return STORES[store].load()
