"""Keys that are the stack's by name and that no state knows: which of them it provably lost.

Pulumi forgets an operation that failed. Where the provider itself died, a failed creation may have made a key all
the same; and a killed rotation is forgotten by the next run, which may no longer want it.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace

from ...api.models import KeyRecord
from ...resources.creation_notes import CreationNote
from ..stack.history import UnfinishedRun
from ..stack.orphans import Claim
from ..stack.pending import FORGOTTEN, KEY_TYPE, PendingOperation
from .steps import Action, Step


@dataclass(frozen=True)
class Records:
    """What tells of a key that no state knows.

    Attributes:
        claim: what the stack calls its own.
        notes: the creations that a provider began in this folder and never saw answered.
        runs: the runs that did not succeed. They prove nothing; they are named to whoever has to decide.
    """

    claim: Claim
    notes: Sequence[CreationNote] = ()
    runs: Collection[UnfinishedRun] = field(default_factory=list)

    def note_of(self, name: str) -> CreationNote | None:
        """Return the note of a creation of exactly this name."""
        return next((note for note in self.notes if note.name == name), None)


def orphan_steps(records: Records, orphans: Sequence[KeyRecord], doubt: str = "") -> list[Step]:
    """Return what is to be done about each orphan key.

    One is deleted if it was never used and a record says that it is the stack's own: the note of a creation of exactly
    this name, or the seed in the state that a rotation draws this name from. A name and a time are no proof: another
    stack, elsewhere, may have the same prefix.

    Args:
        records: what tells of such keys.
        orphans: the stack's orphans.
        doubt: which of the project's stacks could not be read; empty where all could.
    """
    steps = [_step(records, orphan) for orphan in orphans]
    return [_doubted(step, doubt) if doubt and step.action is Action.LEAVE else step for step in steps]


def _doubted(step: Step, doubt: str) -> Step:
    return replace(step, reason=f"{step.reason}; {doubt}, and may know it")


def _step(records: Records, record: KeyRecord) -> Step:
    service = records.claim.service_of(record.name)
    operation = PendingOperation(FORGOTTEN, f"::{service}", KEY_TYPE, {"name": record.name})
    note = records.note_of(record.name)
    if not record.never_used:
        return Step(operation, Action.LEAVE, _used(record, service), record.hash)
    if note and note.is_going_on:
        reason = f"the provider that makes it still runs (process {note.pid}): wait for it, then recover again"
        return Step(operation, Action.LEAVE, reason, record.hash)
    if note:
        reason = "its creation was noted in this folder and never answered; its value was lost and it was never used"
        return Step(operation, Action.DELETE_KEY, reason, record.hash)
    if record.name in records.claim.drawn:
        reason = "its name is drawn from a seed in the state, no secret holds it, and it was never used"
        return Step(operation, Action.DELETE_KEY, reason, record.hash)
    return Step(operation, Action.LEAVE, _unproved(records, record), record.hash)


def _used(record: KeyRecord, service: str) -> str:
    adopt = f"`openrouter-keys adopt {record.hash} {service}`"
    return f"no state knows it, and it was used, so somebody has its value: delete it if it is nobody's, or {adopt}"


def _unproved(records: Records, record: KeyRecord) -> str:
    lost = any(run.may_have_made(record.created_at) for run in records.runs)
    when = "it was made while a run of this stack went on that did not succeed" if lost else "no failed run made it"
    return f"no state knows it and nothing proves whose it is ({when}): delete it if it is nobody's"
