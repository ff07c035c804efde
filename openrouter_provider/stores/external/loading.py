"""Loads what declares an ExternalSecret, in programs that want one: Pulumi's package for Kubernetes is an extra."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from ..extras import explaining_a_missing_extra
from ..secret_args import SecretArgs
from .place import CLUSTER

if TYPE_CHECKING:
    from pulumi import CustomResource, ResourceOptions

    from ..declaration import StoredSecret

DeclareCopy = Callable[[str, SecretArgs, "StoredSecret", "ResourceOptions"], "CustomResource"]
"""Declares the copy of a stored secret under a logical name."""


def load_external(wish: SecretArgs) -> DeclareCopy | None:
    """Return what declares a secret's copy; None where none is wanted.

    Raises:
        ConfigurationError: the extra is not installed; has the command that installs it.
    """
    if wish.external_secret is None:
        return None
    with explaining_a_missing_extra(CLUSTER):
        from .declare import declare_external  # noqa: PLC0415 - an extra
    return partial(declare_external, wish.external_secret)
