"""Drift of what lives beside the services' keys: guardrails and whom they bind, workspaces, budgets, provider keys."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ...keys.fields import Field, has_unknown, is_undeclared
from ...keys.tokens import own_type
from ...resources.around import kinds
from ...resources.byok_key import HASHES, ByokKeyProvider
from ...resources.declared import RecordResource
from ...resources.guardrail import GuardrailProvider
from ...resources.guardrail_assignment import KEYS, MEMBERS, GuardrailAssignmentProvider
from ...resources.widening import of_budget, of_byok_key, of_guardrail, of_workspace
from ...resources.workspace import WorkspaceProvider
from ...resources.workspace_budget import WorkspaceBudgetProvider
from ...stores.value import Properties
from .findings import DEPLOY, REFRESH, Change, Finding, Sides, Subject, difference, known
from .plan import ASSIGNMENT, BUDGET, BYOK_KEY, GUARDRAIL, WORKSPACE, PlannedResource

_WORDS = ("name", "description")


def unbound(before: Properties, after: Properties) -> Iterator[str]:
    """Yield that a guardrail binds fewer than it did."""
    for name in (KEYS, MEMBERS):
        if set(before.get(name) or ()) - set(after.get(name) or ()):
            yield f"{name} no longer bound"


def let_in(before: Properties, after: Properties) -> Iterator[str]:
    """Yield how more may use a provider key; a hash that somebody else added counts, as no rotation is going on."""
    yield from of_byok_key(before, after)
    if before.get(HASHES) is not None and set(after.get(HASHES) or ()) - set(before[HASHES]):
        yield "more keys may use it"


@dataclass(frozen=True)
class Kind:
    """One kind of object.

    Attributes:
        label: what findings call it.
        fields: its managed properties.
        loosened: yields in which ways a change lets more be done.
        written: those of its properties whose value nobody is shown: somebody put in another one where they changed.
    """

    label: str
    fields: tuple[Field, ...]
    loosened: Callable[[Mapping[str, Any], Mapping[str, Any]], Iterable[str]]
    written: tuple[str, ...] = ()

    @classmethod
    def of(cls, resource: type[RecordResource]) -> "Kind":
        """Return what a resource itself says of its kind."""
        provider = resource.provider_class
        return cls(provider.what, provider.fields, resource.loosened, provider.written)


OBJECTS: Mapping[str, Kind] = {
    GUARDRAIL: Kind("guardrail", GuardrailProvider.fields, of_guardrail),
    ASSIGNMENT: Kind("guardrail assignment", GuardrailAssignmentProvider.fields, unbound),
    WORKSPACE: Kind("workspace", WorkspaceProvider.fields, of_workspace),
    BUDGET: Kind("budget", WorkspaceBudgetProvider.fields, of_budget),
    BYOK_KEY: Kind("provider key", ByokKeyProvider.fields, let_in, ByokKeyProvider.written),
    **{own_type(kind.__name__): Kind.of(kind) for kind in kinds()},
}


def object_findings(stack: str, resources: Iterable[PlannedResource]) -> Iterator[Finding]:
    """Yield the findings of a preview about objects beside the services' keys.

    Args:
        stack: its name.
        resources: what the preview says.
    """
    for resource in resources:
        kind = OBJECTS.get(resource.kind)
        if kind:
            yield from _findings(Subject(stack, resource.service), kind, resource)


def _findings(subject: Subject, kind: Kind, resource: PlannedResource) -> Iterator[Finding]:
    state, actual = resource.state, resource.actual
    if state is None:
        yield subject.finding(Change.NOT_DEPLOYED, kind.label, "declared", "not deployed", DEPLOY)
    elif actual is None:
        heal = f"`{REFRESH}` makes it again" if resource.wanted is not None else REFRESH
        yield subject.finding(Change.OBJECT_DELETED, kind.label, str(state.get("name") or "there"), None, heal)
    elif resource.operation == "delete":
        yield subject.finding(Change.NOT_DEPLOYED, kind.label, "not declared", "deployed", DEPLOY)
    else:
        found = list(_changed(subject, kind, resource, state, actual))
        yield from found
        if not found and _is_pending(resource):
            yield subject.finding(Change.NOT_DEPLOYED, kind.label, "the program's", "the deployed one", DEPLOY)


def _changed(
    subject: Subject, kind: Kind, resource: PlannedResource, state: Properties, actual: Properties
) -> Iterator[Finding]:
    wanted = state if resource.wanted is None else known(resource.wanted, state)
    for field in kind.fields:
        if is_undeclared(field, wanted):
            continue
        change = change_of_object(kind, field.name, state, actual)
        sides = Sides.of(field.name, state, actual, wanted, field.alike)
        yield from difference(subject, f"{kind.label}.{field.name}", sides, change, REFRESH)


def change_of_object(kind: Kind, name: str, state: Properties, actual: Properties) -> Change:
    """Return what it means that this property is in the world no longer what it is in the state."""
    if name in kind.written:
        return Change.VENDORS_KEY_REPLACED if kind.label == "provider key" else Change.CREDENTIALS_REPLACED
    if any(kind.loosened(state, {**state, name: actual.get(name)})):
        return Change.OBJECT_LOOSENED
    return Change.OBJECT_REWORDED if name in _WORDS else Change.OBJECT_CHANGED


def _is_pending(resource: PlannedResource) -> bool:
    """Return whether the program changed what no side shows, such as a provider key's value."""
    return resource.operation in ("update", "replace") and not any(map(has_unknown, (resource.wanted or {}).values()))
