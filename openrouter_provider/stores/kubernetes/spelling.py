"""How Kubernetes spells names, labels and their values."""

import re
from typing import Annotated

from ..contract import matching

LONGEST_NAME, LONGEST_LABEL = 253, 63
_PART = r"[a-z0-9]([a-z0-9-]*[a-z0-9])?"
_NAMESPACE = re.compile(rf"(?=.{{1,63}}\Z){_PART}")
_LABEL = re.compile(rf"({_PART}(\.{_PART})*/)?[A-Za-z0-9]([A-Za-z0-9_.-]{{0,61}}[A-Za-z0-9])?")
_LABEL_VALUE = re.compile(r"([A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?)?")
OBJECT_NAME = re.compile(rf"(?=.{{1,{LONGEST_NAME}}}\Z){_PART}(\.{_PART})*")

Namespace = Annotated[str | None, matching(_NAMESPACE, "must be a namespace's name: at most 63 of a-z 0-9 -")]
ObjectName = Annotated[str | None, matching(OBJECT_NAME, f"must be a name: at most {LONGEST_NAME} of a-z 0-9 - .")]


def is_label_name(name: object) -> bool:
    """Return whether labels and annotations may be called so."""
    return bool(_LABEL.fullmatch(str(name)))


def is_label_value(value: object) -> bool:
    """Return whether a label may have this value."""
    return bool(_LABEL_VALUE.fullmatch(str(value)))


def label_value(text: str) -> str:
    """Return a text as a label's value, with what labels can't hold replaced by a dash."""
    return re.sub(r"^[^A-Za-z0-9]+|[^A-Za-z0-9]+$", "", re.sub(r"[^A-Za-z0-9_.-]", "-", text)[:LONGEST_LABEL])


def secret_name(name: str) -> str:
    """Return what a secret of another store's name is called in a namespace.

    >>> secret_name("acme/prod/Checkout/openrouter")
    'acme-prod-checkout-openrouter'
    """
    return re.sub(r"[^a-z0-9-]", "-", name.lower()).strip("-")
