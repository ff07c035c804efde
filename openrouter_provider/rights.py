"""What a service's key may do, and a warning in the preview where a change lets it do more."""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import pulumi
from pulumi import ResourceHook, ResourceHookArgs, ResourceHookBinding
from pulumi.resource_hooks import ResourceHookOptions

from .resources.fields import Props, present
from .schedule import parse_instant

HOOK_NAME = "warn-of-wider-rights"
_RESETS = (None, "monthly", "weekly", "daily")
"""From the one that allows the least spending to the one that allows the most."""


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
    old, new = before.get("limit"), after.get("limit")
    if old is not None and new is None:
        yield f"limit of {old:g} USD removed"
    elif old is not None and new is not None and new > old:
        yield f"limit raised from {old:g} to {new:g} USD"
    if new is not None and _frequency(after) > _frequency(before):
        yield f"limit resets {after['limitReset']} instead of {before.get('limitReset') or 'never'}"
    if before.get("includeByokInLimit") and not after.get("includeByokInLimit"):
        yield "usage through your own provider keys no longer counts"


def _frequency(rights: Mapping[str, Any]) -> int:
    reset = rights.get("limitReset")
    return _RESETS.index(reset) if reset in _RESETS else 0


def _validity(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    if before.get("disabled") and not after.get("disabled"):
        yield "enabled again"
    old, new = before.get("expiresAt"), after.get("expiresAt")
    if old and not new:
        yield f"expiry of {old} removed"
    elif old and new and parse_instant(new) > parse_instant(old):
        yield f"expiry moved from {old} to {new}"


def _access(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    for reader in sorted({*(after.get("readers") or ())} - {*(before.get("readers") or ())}):
        yield f"reader added: {reader}"
    if before.get("guardrail") and not after.get("guardrail"):
        yield "guardrail removed"


def rights(**granted: Any) -> Props:
    """Return a service's rights as the inputs of its component: only what is limited or granted."""
    return {name: value for name, value in present(granted).items() if value is not False and value != []}


@cache
def warn_of_wider_rights() -> ResourceHookBinding:
    """Return the binding that makes a preview and an up warn, once a service, of each change that widens its rights."""
    options = ResourceHookOptions(on_dry_run=True, ignore_errors=True)
    return ResourceHookBinding(before_update=[ResourceHook(HOOK_NAME, _warn, options)])


def _warn(change: ResourceHookArgs) -> None:
    wider = widenings(change.old_inputs or {}, change.new_inputs or {})
    if wider:
        pulumi.log.warn(f"{change.name}: the change widens what the key may do: {'; '.join(wider)}")
