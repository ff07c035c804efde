"""Says that OPENROUTER_KEYS_NOW is the clock: forgotten in a shell, it makes `up` rotate at the wrong time."""

import os
from collections.abc import Mapping

from .schedule import parse_instant
from .settings import NOW_VARIABLE


def notice(environment: Mapping[str, str] = os.environ) -> str | None:
    """Return the line that says which instant a run takes for now; None where it is the real one.

    >>> notice({"OPENROUTER_KEYS_NOW": "2027-03-01T00:00:00Z"})
    'OPENROUTER_KEYS_NOW is set: this run takes 2027-03-01T00:00:00Z for now; unset it when you no longer rehearse'
    """
    rehearsed = environment.get(NOW_VARIABLE)
    if not rehearsed:
        return None
    return f"{NOW_VARIABLE} is set: this run takes {_instant(rehearsed)} for now; unset it when you no longer rehearse"


def _instant(text: str) -> str:
    """Return the instant; what is none is not repeated, for whatever reads the clock refuses it by itself."""
    try:
        parse_instant(text)
    except ValueError:
        return "something that is no instant"
    return text.strip()
