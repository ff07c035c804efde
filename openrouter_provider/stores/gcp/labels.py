"""How Google spells what other stores call tags."""

import re


def label_name(tag: str) -> str:
    """Return a tag's name as a label's: `ManagedBy` becomes `managed-by`."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "-", tag).lower()


def label_value(text: str) -> str:
    """Return a text as a label's value, with what labels can't hold replaced by a dash."""
    return re.sub(r"[^a-z0-9_-]", "-", text.lower())[:63]
