"""Who is under which guardrail; a key or a member is under one at most."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True)
class Assignment:
    """That a key, named by its hash, or a member, named by the user id, is under a guardrail."""

    guardrail_id: str
    subject: str
    assigned_by: str
    created_at: datetime
    id: str = field(default_factory=lambda: str(uuid.uuid4()))


class Assignments:
    """The assignments of all keys, or of all members."""

    def __init__(self) -> None:
        self._by_subject: dict[str, Assignment] = {}

    def all(self, guardrail_id: str | None = None) -> list[Assignment]:
        """Return every assignment, or those to one guardrail, in the order they were made."""
        return [a for a in self._by_subject.values() if guardrail_id in {None, a.guardrail_id}]

    def guardrail_of(self, subject: str) -> str | None:
        """Return the id of the guardrail that somebody is under."""
        assignment = self._by_subject.get(subject)
        return assignment.guardrail_id if assignment else None

    def assign(self, guardrail_id: str, subjects: Iterable[str], by: str, now: datetime) -> int:
        """Put each under a guardrail in place of any other; return how many weren't under it before."""
        new = [subject for subject in dict.fromkeys(subjects) if self.guardrail_of(subject) != guardrail_id]
        for subject in new:
            self._by_subject.pop(subject, None)
            self._by_subject[subject] = Assignment(guardrail_id, subject, by, now)
        return len(new)

    def unassign(self, guardrail_id: str, subjects: Iterable[str]) -> int:
        """Release each from a guardrail; return how many were under it."""
        gone = [subject for subject in dict.fromkeys(subjects) if self.guardrail_of(subject) == guardrail_id]
        for subject in gone:
            del self._by_subject[subject]
        return len(gone)

    def forget_guardrail(self, guardrail_id: str) -> None:
        """Release everybody from a guardrail that is gone."""
        self.unassign(guardrail_id, list(self._by_subject))
