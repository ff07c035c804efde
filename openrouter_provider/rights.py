"""What a service's key may do, and a warning in the preview where a change lets it do more."""

from collections.abc import Iterator, Mapping
from typing import Any

from pulumi import ResourceHookBinding

from .resources.fields import Props, present
from .resources.widening import higher_limit, hook_that_warns, sooner_reset
from .schedule import parse_instant, same_instant

HOOK_NAME = "warn-of-wider-rights"


def widenings(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """Return, in words, every way in which the rights after are wider than those before.

    >>> widenings({"limit": 10, "limitReset": "daily"}, {"limit": 50, "limitReset": "monthly"})
    ['limit raised from 10 to 50 USD']

    Args:
        before: a service's rights as `rights` returned them; an absent one is not granted or not limited.
        after: the same of the program's new wish.
    """
    if not before:  # A state from before rights were recorded says nothing of what they were.
        return []
    return [*_spending(before, after), *_validity(before, after), *_access(before, after)]


def _spending(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    limits = before.get("limit"), after.get("limit")
    yield from higher_limit(*limits)
    if None not in limits:
        yield from sooner_reset(before.get("limitReset"), after.get("limitReset"))
    if before.get("includeByokInLimit") and not after.get("includeByokInLimit"):
        yield "usage through your own provider keys no longer counts"


def _validity(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    if before.get("disabled") and not after.get("disabled"):
        yield "enabled again"
    old, new = before.get("expiresAt"), after.get("expiresAt")
    if old and not new:
        yield f"expiry of {old} removed"
    elif old and new and parse_instant(new) > parse_instant(old) and not same_instant(new, old):
        yield f"expiry moved from {old} to {new}"


def _access(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    for reader in sorted({*(after.get("readers") or ())} - {*(before.get("readers") or ())}):
        yield f"reader added: {reader}"
    if before.get("guardrail") and not after.get("guardrail"):
        yield "guardrail removed"


def rights(**granted: Any) -> Props:
    """Return a service's rights as the inputs of its component: only what is limited or granted."""
    return {name: value for name, value in present(granted).items() if value is not False and value != []}


def warn_of_wider_rights() -> ResourceHookBinding:
    """Return the binding that makes a preview and an up warn, once a service, of each change that widens its rights."""
    return hook_that_warns(HOOK_NAME, "what the key may do", widenings)
