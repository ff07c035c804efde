"""A recovery's steps as a table."""

from collections.abc import Sequence

from ..tables import BAD, PLAIN, Column, Listing, Row
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
