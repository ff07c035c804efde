"""A rotation as a line: where its start, the present and the next one lie."""

from dataclasses import dataclass
from datetime import datetime

from ...keys.schedule import parse_instant
from .figures import ServiceUsage


@dataclass(frozen=True)
class Timeline:
    """Where on a line from 0 to 1 a generation's start, the present and the next rotation lie."""

    start: float
    now: float
    due: float

    @property
    def overdue(self) -> bool:
        """Whether the rotation should have happened."""
        return self.now >= self.due


def timeline(usage: ServiceUsage, now: datetime) -> Timeline | None:
    """Return a service's rotation as fractions of the time shown, None where none is scheduled."""
    if usage.rotated_at is None or usage.next_rotation_at is None:
        return None
    start, due = parse_instant(usage.rotated_at), parse_instant(usage.next_rotation_at)
    first, last = min(start, now), max(due, now, start)
    length = (last - first).total_seconds() or 1.0
    return Timeline(*(round((moment - first).total_seconds() / length, 4) for moment in (start, now, due)))
