"""What an interrupted run left, and what was done about it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..stack.exported import Lock
from .evidence import Evidence
from .steps import DELETING, Action, Step, is_settled


@dataclass(frozen=True)
class Recovery:
    """What an interrupted run left, and what is to be done about it.

    Attributes:
        stack: the stack's name.
        steps: what is to be done, at least one step for each pending operation.
        orphans: what is to be done about what neither the state nor a pending operation names.
        lock: who holds the stack, None where nobody does.
        exported: the state that the plan was made from.
        evidence: what else it was made from; asked again before a key is deleted.
    """

    stack: str
    steps: tuple[Step, ...]
    orphans: tuple[Step, ...]
    lock: Lock | None
    exported: dict[str, Any]
    evidence: Evidence = field(repr=False)

    @property
    def left(self) -> list[Step]:
        """The steps that a person must decide."""
        return left_of([*self.steps, *self.orphans])

    @property
    def has_work(self) -> bool:
        """Whether applying it would change anything."""
        deletes = any(step.action in DELETING for step in (*self.steps, *self.orphans))
        return deletes or (bool(self.steps) and is_settled(self.steps))


@dataclass(frozen=True)
class Applied:
    """What was done.

    Attributes:
        steps: the plan's steps for pending operations; those that could not be done have become ones for a person.
        orphans: those for orphan keys, likewise.
        backup: where the state as it was is kept, None where the state was not touched.
    """

    steps: tuple[Step, ...]
    orphans: tuple[Step, ...]
    backup: Path | None

    @property
    def left(self) -> list[Step]:
        """The steps that a person must decide."""
        return left_of([*self.steps, *self.orphans])


def left_of(steps: Iterable[Step]) -> list[Step]:
    """Return the steps that a person must decide."""
    return [step for step in steps if step.action is Action.LEAVE]
