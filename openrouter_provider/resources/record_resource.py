"""What the resources without a life of their own share on the program's side: declaring one, and reading one."""

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar, Self

import pulumi
from pulumi import Input, ResourceHookBinding, ResourceOptions
from pulumi.dynamic import Resource

from .changes_ahead import counted
from .fields import Props
from .record import RecordProvider
from .registration import without_source_positions
from .widening import hook_that_warns


class RecordResource(Resource):
    """Base of the resources whose provider is a RecordProvider.

    Attributes:
        provider_class: its provider.
    """

    provider_class: ClassVar[type[RecordProvider]]

    @staticmethod
    def widenings(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterable[str]:
        """Return, in words, in which ways a change of the inputs lets more be done; of most resources none does."""
        del before, after
        return ()

    @without_source_positions()
    def _declare(self, resource_name: str, props: Props, opts: ResourceOptions | None) -> None:
        kind = self.provider_class
        outputs = [*(field.name for field in kind.fields), *kind.decided]
        secret = [field.name for field in kind.fields if field.secret]
        hidden = {name: pulumi.Output.secret(props[name]) for name in secret if props.get(name) is not None}
        ours = ResourceOptions(additional_secret_outputs=secret, hooks=_warning(type(self)))
        merged = ResourceOptions.merge(ResourceOptions.merge(opts, ours), ResourceOptions(hooks=counted()))
        super().__init__(kind(), resource_name, {**dict.fromkeys(outputs), **props, **hidden}, merged)

    @classmethod
    def get(cls, resource_name: str, id: Input[str], opts: ResourceOptions | None = None) -> Self:  # noqa: A002
        """Return an existing object, read and not owned: Pulumi never changes or deletes it.

        Args:
            resource_name: the resource's logical name in this program.
            id: the resource's id.
            opts: Pulumi's resource options.
        """
        found = cls.__new__(cls)
        found._declare(resource_name, {}, ResourceOptions.merge(opts, ResourceOptions(id=id)))
        return found


def _warning(kind: type[RecordResource]) -> ResourceHookBinding | None:
    """Return the hook of a kind of resource; None where no change of it widens anything."""
    if kind.widenings is RecordResource.widenings:
        return None
    return hook_that_warns(
        f"warn-of-wider-{kind.__name__}", f"what the {kind.provider_class.what} allows", kind.widenings
    )


def drawn_from(resource_name: str) -> str:
    """Return the prefix that a name is drawn from where the program gives neither name nor prefix."""
    return f"{pulumi.get_project()}/{pulumi.get_stack()}/{resource_name}"
