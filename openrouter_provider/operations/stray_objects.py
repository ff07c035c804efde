"""Guardrails and BYOK keys under the stack's prefix that no state knows and no pending operation names.

Pulumi forgets a creation that failed because the provider itself died, whatever the creation had made by then.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from ..api.byok_models import ByokRecord
from ..api.client import ManagementClient
from ..api.errors import InvalidResponse, ResponseError
from ..api.guardrail_models import GuardrailRecord
from .lost_objects import use_of_guardrail
from .pending import (
    BYOK_TYPE,
    FORGOTTEN,
    GUARDRAIL_TYPE,
    Deployment,
    PendingOperation,
    pending_operations,
    workspaces_of,
)
from .recovery_plan import Action, Step, adopt_command
from .stray_keys import UnfinishedRun, drawn_for

NOT_LISTED = (400, 401, 403, 404)
Listed = GuardrailRecord | ByokRecord


@dataclass(frozen=True)
class Stray:
    """One of them, and what uses it, in a few words; empty where nothing is known to."""

    record: Listed
    use: str = ""


def find_stray_objects(open_client: Callable[[], ManagementClient], deployment: Deployment, prefix: str) -> list[Stray]:
    """Return them, in the default workspace and in those of the state.

    Args:
        open_client: opens the API.
        deployment: the exported state.
        prefix: the stack's name prefix without a trailing slash.
    """
    with open_client() as client:
        workspaces = (None, *sorted(workspaces_of(deployment)))
        listed = {record.id: record for workspace in workspaces for record in _listed(client, workspace)}
        found = unknown_objects(deployment, prefix, list(listed.values()))
        return [
            Stray(record, use_of_guardrail(client, record.id) if isinstance(record, GuardrailRecord) else "")
            for record in found
        ]


def _listed(client: ManagementClient, workspace_id: str | None) -> list[Listed]:
    """Return a workspace's guardrails and BYOK keys; what is gone or may not be listed has none to be found."""
    found: list[Listed] = []
    for listing in (client.list_guardrails, client.list_byok_keys):
        try:
            found += listing(workspace_id=workspace_id)
        except (ResponseError, InvalidResponse) as error:
            if error.status not in NOT_LISTED:
                raise
    return found


def unknown_objects(deployment: Deployment, prefix: str, listed: Sequence[Listed]) -> list[Listed]:
    """Return those named as this stack draws its names that nothing of it knows."""
    known = {str(resource.get("id")) for resource in deployment.get("resources") or []}
    noted = {operation.physical_name for operation in pending_operations(deployment)}
    return [
        record
        for record in listed
        if record.id not in known and record.name not in noted and drawn_for(record.name or "", prefix)
    ]


def stray_object_steps(strays: Sequence[Stray], prefix: str, runs: Collection[UnfinishedRun]) -> list[Step]:
    """Return what is to be done about each.

    A guardrail that is assigned to nobody is deleted if it was made while a run went on that did not succeed. A BYOK
    key is left: any request of its workspace may use it, and nothing shows whether somebody keeps it on purpose.

    Args:
        strays: what find_stray_objects returned.
        prefix: the stack's name prefix.
        runs: the runs of the stack that did not succeed.
    """
    return [_step(stray, prefix, runs) for stray in strays]


def _step(stray: Stray, prefix: str, runs: Collection[UnfinishedRun]) -> Step:
    record, name = stray.record, stray.record.name or ""
    kind = GUARDRAIL_TYPE if isinstance(record, GuardrailRecord) else BYOK_TYPE
    operation = PendingOperation(FORGOTTEN, f"::{drawn_for(name, prefix)}", kind, {"name": name})
    lost = any(run.may_have_made(record.created_at) for run in runs)
    if lost and not stray.use and kind == GUARDRAIL_TYPE:
        reason = "made by a run that did not succeed; it is assigned to nobody"
        return Step(operation, Action.DELETE_OBJECT, reason, record.id)
    doubt = stray.use or ("it may be used" if lost else "no unsuccessful run of this stack is known that made it")
    reason = f"no state knows it, but {doubt}: delete it on OpenRouter, or {adopt_command(operation, record.id)}"
    return Step(operation, Action.LEAVE, reason, record.id)
