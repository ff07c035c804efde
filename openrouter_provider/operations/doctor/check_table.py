"""Doctor's checks as a table."""

from collections.abc import Sequence

from ..tables import BAD, OK, WARNING, Column, Listing, Row
from .examination import Checked, Health

_TABLE = (
    Column("health"),
    Column("check", least=24),
    Column("found", is_text=True),
    Column("what to do", is_text=True, label="to do: "),
)
_STYLES = {Health.OK: OK, Health.NOTICE: WARNING, Health.FINDING: BAD}


def checks_table(stack: str | None, lines: Sequence[Checked]) -> Listing:
    """Return a row a check.

    Args:
        stack: the stack's name, where there are several.
        lines: what was found.
    """
    rows = [Row((each.verdict, each.name, each.text, each.fix), {"health": _STYLES[each.verdict]}) for each in lines]
    return Listing(f"stack {stack}" if stack else "", _TABLE, rows, key=("stack", stack) if stack else None)
