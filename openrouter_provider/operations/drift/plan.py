"""A read-only refresh preview: what Pulumi's state, the world and the program say of each resource."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pulumi.automation import CommandError, Stack
from pulumi.automation.events import EngineEvent, StepEventMetadata, StepEventStateMetadata

from ...api.errors import ConfigurationError
from ...api.scrub import scrub
from ...keys import tokens
from ...stores.external.place import EXTERNAL_SECRET_TYPE
from ...stores.reading import AWS, READINGS
from ...stores.value import Properties
from ..stack.opening import UnselectingWorkspace
from ..stack.stacks import last_line, plainly

API_KEY = tokens.API_KEY
SUPERSEDED_KEYS = tokens.SUPERSEDED_KEYS
SECRET, SECRET_VERSION, SECRET_POLICY = AWS.secret, AWS.value, AWS.readers
GUARDRAIL = tokens.GUARDRAIL
ASSIGNMENT = tokens.GUARDRAIL_ASSIGNMENT
WORKSPACE = tokens.WORKSPACE
BUDGET = tokens.WORKSPACE_BUDGET
BYOK_KEY = tokens.BYOK_KEY
BESIDE = (GUARDRAIL, ASSIGNMENT, WORKSPACE, BUDGET, BYOK_KEY, *tokens.AROUND)
"""What lives beside the services' keys and secrets."""
SERVICE = tokens.SERVICE_KEY
"""The component around a service's resources: in the state as soon as a run has begun to make them."""
COPY = EXTERNAL_SECRET_TYPE
"""What copies a service's secret into a cluster, beside the store."""
_OF_STORES = tuple(kind for reading in READINGS for kind in reading.kinds)
KINDS = (SERVICE, API_KEY, SUPERSEDED_KEYS, COPY, *BESIDE, *_OF_STORES)


@dataclass(frozen=True)
class PlannedResource:
    """One resource as three sides know it; secret values in it are Pulumi's mask.

    Attributes:
        urn: its name in the state.
        kind: one of KINDS.
        service: the service it belongs to.
        state: its last known outputs; None where the state has none.
        actual: its outputs after the refresh; None where it is gone.
        wanted: the program's inputs; None where the program doesn't declare it.
        operation: what `pulumi up` would do after the refresh: same, update, create, replace, delete.
        differing: the properties for which it would do that, where the provider names them.
        provider: the provider's reference in the state.
    """

    urn: str
    kind: str
    service: str
    state: Properties | None = None
    actual: Properties | None = None
    wanted: Properties | None = None
    operation: str = "same"
    differing: tuple[str, ...] = ()
    provider: str = ""


class PreviewFailed(ConfigurationError):
    """The preview did not come to its end; says why.

    Attributes:
        resources: what it said before.
    """

    def __init__(self, why: str, resources: Sequence[PlannedResource] = ()) -> None:
        super().__init__(why)
        self.resources = tuple(resources)


def preview(
    workspace: UnselectingWorkspace, stack: str, program: Callable[[], None] | None = None
) -> list[PlannedResource]:
    """Return what a refresh preview says of the stack's resources; neither state nor selection is written.

    Args:
        workspace: the project's.
        stack: its name.
        program: runs the project's program in this process; by default Pulumi starts one of its own.

    Raises:
        PreviewFailed: there is no such stack, or the preview broke off; has what was said before.
    """
    events: list[EngineEvent] = []
    try:
        chosen = Stack.select(stack, workspace)
        chosen.preview(refresh=True, on_event=events.append, suppress_progress=True, program=program)
    except CommandError as error:
        why = f"stack {stack}: {_reason(events) or last_line(error)}"
        raise PreviewFailed(why, planned_resources(events)) from None
    except RuntimeError as error:
        why = f"stack {stack}: the preview ended early: {scrub(str(error))}"
        raise PreviewFailed(why, planned_resources(events)) from None
    return planned_resources(events)


def _reason(events: Iterable[EngineEvent]) -> str:
    """Return what the failed preview's first error says."""
    diagnostics = (event.diagnostic_event for event in events)
    errors = [found.message for found in diagnostics if found and found.severity == "error"]
    return scrub(plainly(errors[0]), length=400) if errors else ""


def planned_resources(events: Iterable[EngineEvent]) -> list[PlannedResource]:
    """Return the resources that a preview's events name, in the order of their first appearance.

    The result of a refresh step carries the state and the world; the steps after it carry the program's wish.
    """
    found: dict[str, PlannedResource] = {}
    for event in events:
        done, begun = event.res_outputs_event, event.resource_pre_event
        if done and done.metadata.op == "refresh":
            _note(found, done.metadata, _refreshed)
        elif begun and begun.metadata.op not in ("refresh", "read", "delete-replaced", "replace"):
            _note(found, begun.metadata, _planned)
    return list(found.values())


def _note(found: dict[str, PlannedResource], step: StepEventMetadata, take: Any) -> None:
    kind = kind_of(step.type)
    if kind is None or (step.old and step.old.delete):
        return  # Other resources, and what an interrupted replacement left to delete.
    known = found.get(step.urn) or PlannedResource(step.urn, kind, step.urn.rpartition("::")[2])
    found[step.urn] = take(replace(known, provider=step.provider or known.provider), step)


def kind_of(type_: str) -> str | None:
    """Return which of KINDS a type token names; None for none of them."""
    return next((kind for kind in KINDS if type_.endswith(kind)), None)


def _refreshed(known: PlannedResource, step: StepEventMetadata) -> PlannedResource:
    return replace(known, state=_outputs(step.old), actual=_outputs(step.new))


def _planned(known: PlannedResource, step: StepEventMetadata) -> PlannedResource:
    operation = str(getattr(step.op, "value", step.op)).replace("create-replacement", "replace")
    wanted = step.new.inputs if step.new and operation != "delete" else None
    # No refresh tells of a component.
    state = _outputs(step.old) if known.kind == SERVICE else known.state
    return replace(known, state=state, wanted=wanted, operation=operation, differing=tuple(step.diffs or ()))


def _outputs(state: StepEventStateMetadata | None) -> Properties | None:
    return None if state is None else (state.outputs or {})


def by_service(resources: Iterable[PlannedResource]) -> list[tuple[str, dict[str, PlannedResource]]]:
    """Return the services' names, each with its resources by kind.

    Two services may have one name where they are in different places; what lives beside the services is left out.
    """
    found: dict[tuple[str, str], dict[str, PlannedResource]] = {}
    for resource in resources:
        if resource.kind not in BESIDE:
            found.setdefault(_place(resource), {})[resource.kind] = resource
    return [(name, parts) for (_, name), parts in found.items()]


def _place(resource: PlannedResource) -> tuple[str, str]:
    """Return the types of what a service's resources are in, and its name."""
    types = resource.urn.rpartition("::")[0].rpartition("::")[2]
    return types if resource.kind == SERVICE else types.rpartition("$")[0], resource.service
