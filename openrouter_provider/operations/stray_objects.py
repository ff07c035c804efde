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
from .orphans import Claim, drawn_for
from .pending import BYOK_TYPE, FORGOTTEN, GUARDRAIL_TYPE, PendingOperation
from .recovery_plan import Action, Step, adopt_command
from .stray_keys import Records

NOT_LISTED = (400, 401, 403, 404)
Listed = GuardrailRecord | ByokRecord


@dataclass(frozen=True)
class Stray:
    """One of them, and what uses it, in a few words; empty where nothing is known to."""

    record: Listed
    use: str = ""


def find_stray_objects(
    open_client: Callable[[], ManagementClient],
    workspaces: Collection[str | None],
    is_stray: Callable[[Listed], bool],
) -> list[Stray]:
    """Return the stray ones in these workspaces, with what uses each.

    Args:
        open_client: opens the API.
        workspaces: where to look.
        is_stray: decides of each.
    """
    with open_client() as client:
        listed = {record.id: record for workspace in workspaces for record in _listed(client, workspace)}
        return [
            Stray(record, use_of_guardrail(client, record.id) if isinstance(record, GuardrailRecord) else "")
            for record in listed.values()
            if is_stray(record)
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


def is_unknown(record: Listed, claim: Claim, ids: Collection[str], names: Collection[str]) -> bool:
    """Return whether an object is named as the stack draws its names, and nothing knows it.

    Args:
        record: the object.
        claim: what the stack calls its own.
        ids: those that a state of the project knows, or that were decided about.
        names: those that another stack of the project is making.
    """
    name = record.name or ""
    return record.id not in ids and name not in names and _drawn_for(name, claim) is not None


def _drawn_for(name: str, claim: Claim) -> str | None:
    found = (drawn_for(name, prefix) for prefix in sorted(claim.prefixes))
    return next(filter(None, found), None)


def stray_object_steps(strays: Sequence[Stray], records: Records, doubt: str = "") -> list[Step]:
    """Return what is to be done about each.

    A guardrail that is assigned to nobody is deleted if the note of its creation says that it is this project's. A
    BYOK key is left: any request of its workspace may use it, and nothing shows whether somebody keeps it on purpose.

    Args:
        strays: what find_stray_objects returned.
        records: what tells whose they are.
        doubt: which of the project's stacks could not be read; empty where all could.
    """
    return [_step(stray, records, doubt) for stray in strays]


def _step(stray: Stray, records: Records, doubt: str) -> Step:
    record, name = stray.record, stray.record.name or ""
    kind = GUARDRAIL_TYPE if isinstance(record, GuardrailRecord) else BYOK_TYPE
    operation = PendingOperation(FORGOTTEN, f"::{_drawn_for(name, records.claim)}", kind, {"name": name})
    note = records.note_of(name)
    lost = note is not None and not note.is_going_on
    if lost and not stray.use and not doubt and kind == GUARDRAIL_TYPE:
        reason = "its creation was noted in this folder and never answered; it is assigned to nobody"
        return Step(operation, Action.DELETE_OBJECT, reason, record.id)
    why = stray.use or doubt or ("it may be used" if lost else "nothing proves that this stack made it")
    reason = f"no state knows it, but {why}: delete it on OpenRouter, or {adopt_command(operation, record.id)}"
    return Step(operation, Action.LEAVE, reason, record.id)
