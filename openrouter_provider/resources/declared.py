"""What all resources but the keys share on the program's side: declaring one, and reading one."""

import threading
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar, Self

import pulumi
from pulumi import Input, Output, ResourceHook, ResourceHookArgs, ResourceHookBinding, ResourceOptions
from pulumi.dynamic import Resource
from pulumi.resource_hooks import ResourceHookOptions

from ..host.registration import without_source_positions
from ..keys.fields import Props
from .record import RecordProvider
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

    @classmethod
    def loosened(cls, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterable[str]:
        """Return the same of a change that no program made: what a rotation brings is one of those here."""
        return cls.widenings(before, after)

    @without_source_positions()
    def _declare(self, resource_name: str, props: Props, opts: ResourceOptions | None) -> None:
        kind = self.provider_class
        outputs = [*(field.name for field in kind.fields), *kind.decided, *kind.remembered]
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


WORTH_SAYING = 10
"""So few changes are within any account's limit."""
_API_KEY, _SUPERSEDED = "ApiKey", "SupersededKeys"


def calls_of(kind: str, before: Mapping[str, Any] | None, after: Mapping[str, Any]) -> int:
    """Return how many changing calls a creation or an update makes, as far as a preview knows.

    Args:
        kind: the last part of the resource's type.
        before: its inputs until now; None for one that is made.
        after: its inputs.
    """
    if kind == _SUPERSEDED:
        known = {entry.get("hash"): entry.get("state") for entry in _entries(before or {})}
        return sum(known.get(entry.get("hash")) != entry.get("state") for entry in _entries(after))
    if kind == _API_KEY and before is None:
        return 1 + (after.get("disabled") is True)
    # A successor's predecessor is bounded by SupersededKeys, which doesn't know its hash before there is one.
    return 2 if kind == _API_KEY and (before or {}).get("generation") != after.get("generation") else 1


def _entries(inputs: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    entries = inputs.get("keys")
    return [entry for entry in entries if isinstance(entry, Mapping)] if isinstance(entries, list) else []


class _Plan:
    """Counts what a preview plans."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.calls = 0
        self._binding: ResourceHookBinding | None = None

    def binding(self) -> ResourceHookBinding | None:
        """Return the hooks that count a resource's changes; None outside a preview, where nothing is to be said."""
        if not pulumi.runtime.is_dry_run():
            return None
        if self._binding is None:
            options = ResourceHookOptions(on_dry_run=True, ignore_errors=True)
            hook = ResourceHook("count-changes-ahead", self.note, options)
            self._binding = ResourceHookBinding(before_create=[hook], before_update=[hook])
        return self._binding

    def note(self, change: ResourceHookArgs) -> None:
        """Count one resource's."""
        kind = change.type.rpartition(":")[2]
        calls = calls_of(kind, change.old_inputs, change.new_inputs or {})
        with self._lock:
            self.calls += calls


_plan = _Plan()


def counted() -> ResourceHookBinding | None:
    """Return the hooks that count a resource's changes in a preview; None in an update."""
    return _plan.binding()


def say_how_many(registered: Iterable[Output[Any]]) -> None:
    """Say in a preview, once all of these are planned, how many changes of the account it plans; a few go unsaid."""
    if not pulumi.runtime.is_dry_run():
        return

    def say(_planned: Any) -> None:
        if _plan.calls >= WORTH_SAYING:
            pulumi.log.info(
                f"about {_plan.calls} calls that change the OpenRouter account are ahead, deletions aside; each "
                "account has a daily limit of them, and a run that meets it stops and goes on the next day "
                "(docs/operations.md#daily-limits)"
            )

    Output.all(*registered).apply(say)
