"""One service on a schedule, and the instants of its tests."""

from datetime import timedelta
from typing import Any

from openrouter_provider.keys.schedule import format_instant, parse_instant

START = "2027-01-01T00:00:00Z"
ROTATING: dict[str, Any] = {"limit": 5, "rotation": {"every": "90d", "overlap": "7d", "stagger": False}}


def after(days: float) -> str:
    """Return the instant so many days after the start."""
    return format_instant(parse_instant(START) + timedelta(days=days))
