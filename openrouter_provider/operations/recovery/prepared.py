"""What an interrupted run left, and what was done about it."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..stack.locks import Lock
from .evidence import Evidence
from .steps import DELETING, Action, Step, is_settled


@dataclass(frozen=True)
class Decided:
    """What is to be done, or was done.

    Attributes:
        steps: at least one for each pending operation.
        orphans: those for what neither the state nor a pending operation names.
    """

    steps: tuple[Step, ...]
    orphans: tuple[Step, ...]

    @property
    def left(self) -> list[Step]:
        """The steps that a person must decide."""
        return [step for step in (*self.steps, *self.orphans) if step.action is Action.LEAVE]


@dataclass(frozen=True)
class Recovery(Decided):
    """What an interrupted run left, and what is to be done about it.

    Attributes:
        stack: the stack's name.
        lock: who holds the stack, None where nobody does.
        exported: the state that the plan was made from.
        evidence: what else it was made from; asked again before a key is deleted.
    """

    stack: str
    lock: Lock | None
    exported: dict[str, Any]
    evidence: Evidence = field(repr=False)

    @property
    def has_work(self) -> bool:
        """Whether applying it would change anything."""
        deletes = any(step.action in DELETING for step in (*self.steps, *self.orphans))
        return deletes or (bool(self.steps) and is_settled(self.steps))


@dataclass(frozen=True)
class Applied(Decided):
    """What was done; a step that could not be done has become one for a person.

    Attributes:
        backup: where the state as it was is kept, None where the state was not touched.
    """

    backup: Path | None
