"""A recovery's steps as a table, and for a program."""

from collections.abc import Iterable, Sequence
from typing import Any

from ...api.scrub import printable
from ..tables import BAD, PLAIN, TEXT_LENGTH, Column, Listing, Row
from .prepared import Applied, Recovery
from .steps import Action, Step

_TABLE = (
    Column("resource", least=28),
    Column("interrupted while", rank=3),
    Column("name", rank=1, least=20),
    Column("found", rank=2, least=16),
    Column("action"),
    Column("why", is_text=True),
)


def steps_table(stack: str, what: str, steps: Sequence[Step]) -> Listing:
    """Return a row a step.

    Args:
        stack: the stack's name.
        what: what they are about.
        steps: the steps.
    """
    return Listing(f"stack {stack}: {what}", _TABLE, list(map(_row, steps)), key=("about", what))


def _row(step: Step) -> Row:
    operation, style = step.operation, BAD if step.action is Action.LEAVE else PLAIN
    kind = f"{operation.type.rpartition(':')[2]} {operation.service}"
    found = step.target.rpartition(":")[2] if step.target.startswith("arn:") else step.target
    cells = (kind, operation.kind, operation.physical_name or "-", found or "-", step.action.value, step.reason)
    return Row(cells, {"action": style, "why": style})


def as_object(recovery: Recovery, applied: Applied | None) -> dict[str, Any]:
    """Return a recovery for a program.

    Args:
        recovery: what is to be done.
        applied: what was done; None where nothing was.
    """
    lock = {"holder": printable(recovery.lock.holder)} if recovery.lock else None
    decided = applied or recovery
    return {
        "stack": recovery.stack,
        "lock": lock,
        "applied": applied is not None,
        "steps": _objects(decided.steps),
        "orphans": _objects(decided.orphans),
        "backup": str(applied.backup) if applied and applied.backup else None,
    }


def _objects(steps: Iterable[Step]) -> list[dict[str, str | None]]:
    return [
        {
            "resource": printable(step.operation.urn.rpartition("::")[2]),
            "type": step.operation.type,
            "interrupted": step.operation.kind,
            "name": printable(step.operation.physical_name or "") or None,
            "found": printable(step.target) or None,
            "action": step.action.value,
            "why": printable(step.reason, length=TEXT_LENGTH),
        }
        for step in steps
    ]
