"""What speaks for and against a key when recover decides about it; asked again just before a deletion."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from ...api.models import KeyRecord
from ..stack.holders import Ask, Look, Place, Question, look_into, reason_to_keep, strangers_among
from ..stack.orphans import Claim
from ..stack.pending import FORGOTTEN
from ..stack.siblings import OtherStacks
from .steps import Action, Step


@dataclass(frozen=True)
class Evidence:
    """What speaks for a key and against it.

    Attributes:
        stack: whose recovery it is.
        claim: what the stack calls its own.
        listed: the account's keys.
        others: the project's other stacks.
        places: every secret in which a key of them may be current.
        ask: reads one.
    """

    stack: str
    claim: Claim
    listed: Sequence[KeyRecord]
    others: OtherStacks
    places: Sequence[Place]
    ask: Ask = field(repr=False)

    def spared(self, steps: Sequence[Step]) -> list[Step]:
        """Return the steps; those that would delete a key that a secret may hold leave it, and say why."""
        deleting = [step for step in steps if step.action is Action.DELETE_KEY]
        looks = look_into(self.places, self.ask) if deleting else []
        records = {record.hash: record for record in self.listed}
        return [self._spared(step, records[step.target], looks) if step in deleting else step for step in steps]

    def spared_now(self, step: Step, record: KeyRecord) -> Step:
        """Return the step after another look into every secret.

        Args:
            step: deletes a key.
            record: the key as it is now.
        """
        return self._spared(step, record, look_into(self.places, self.ask))

    def _spared(self, step: Step, record: KeyRecord, looks: Sequence[Look]) -> Step:
        claim, name = self.claim, record.name
        question = Question(
            record,
            self.stack,
            step.operation.service,
            rotated=name in claim.drawn,
            orphan=step.operation.kind == FORGOTTEN,
        )
        strangers = strangers_among(self.listed, claim.known | self.others.hashes)
        reason = reason_to_keep(question, looks, strangers, self.others.doubt)
        return replace(step, action=Action.LEAVE, reason=reason) if reason else step
