"""What a change of what surrounds keys lets them do more, and the warning of it in the preview."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any

import pulumi
from pulumi import ResourceHook, ResourceHookArgs, ResourceHookBinding
from pulumi.resource_hooks import ResourceHookOptions

from ..api.money import usd
from ..keys.allowed.prices import dollars
from ..keys.fields import has_unknown, present
from ..keys.known import known_then
from ..keys.schedule import parse_instant, same_instant
from ..stores.value import Properties

SHOWN = 10
"""So many names of a list are told; a list that was derived from prices has hundreds."""

Widenings = Callable[[Properties, Properties], Iterable[str]]
"""From the inputs before and after a change: in words, every way in which it allows more."""

_RESETS = (None, "monthly", "weekly", "daily")
"""From the one that allows the least spending to the one that allows the most."""


@cache
def hook_that_warns(name: str, what: str, widenings: Widenings) -> ResourceHookBinding:
    """Return the binding that makes a preview and an up warn, once a resource, of each change that allows more.

    The same one each time, since a program may register a name only once.

    Args:
        name: the hook's.
        what: what the change widens.
        widenings: says how, from the inputs before and after.
    """

    def warn(change: ResourceHookArgs) -> None:
        wider = list(widenings(change.old_inputs or {}, _known(change.new_inputs or {}, change.old_inputs or {})))
        if wider:
            pulumi.log.warn(f"{change.name}: the change widens {what}: {'; '.join(wider)}")

    options = ResourceHookOptions(on_dry_run=True, ignore_errors=True)
    return ResourceHookBinding(before_update=[ResourceHook(name, warn, options)])


def _known(after: Properties, before: Properties) -> Properties:
    """Return the inputs with what a preview doesn't know yet taken as unchanged."""
    return {name: before.get(name) if has_unknown(value) else value for name, value in after.items()}


def higher_limit(old: float | None, new: float | None) -> Iterator[str]:
    """Yield how a limit in USD grew; None is no limit."""
    if old is not None and new is None:
        yield f"limit of {usd(old)} removed"
    elif old is not None and new is not None and new > old:
        yield f"limit raised from {usd(old)} to {usd(new)}"


def sooner_reset(old: str | None, new: str | None) -> Iterator[str]:
    """Yield that a limit resets more often; None is never."""
    if _frequency(new) > _frequency(old):
        yield f"limit resets {new} instead of {old or 'never'}"


def _frequency(reset: str | None) -> int:
    return _RESETS.index(reset) if reset in _RESETS else 0


def uncounted_byok(old: object, new: object) -> Iterator[str]:
    """Yield that usage through provider keys counts no longer; a wish that says nothing leaves it as it is."""
    if old and new is False:
        yield "usage through your own provider keys no longer counts"


def longer_list(what: str, old: Sequence[str] | None, new: Sequence[str] | None) -> Iterator[str]:
    """Yield what an allow list allows beyond the one before; None allows everything."""
    if old is not None and new is None:
        yield f"no list of allowed {what} any more"
    elif old is not None and new is not None and (added := sorted({*new} - {*old})):
        more = f" and {len(added) - SHOWN} more" if len(added) > SHOWN else ""
        yield f"{what} allowed: {', '.join(added[:SHOWN])}{more}"


def shorter_list(
    what: str, old: Sequence[str] | None, new: Sequence[str] | None, how: str = "ignored"
) -> Iterator[str]:
    """Yield what a list of what may not be used has no longer."""
    if gone := sorted({*(old or ())} - {*(new or ())}):
        yield f"{what} no longer {how}: {', '.join(gone)}"


def higher_price(old: Mapping[str, float] | None, new: Mapping[str, float] | None) -> Iterator[str]:
    """Yield how a ceiling of what a million tokens may cost grew; a part that is missing is none."""
    for part, most in sorted((old or {}).items()):
        now = (new or {}).get(part)
        if now is None:
            yield f"maxPrice of {dollars(most)} for {part} tokens removed"
        elif now > most:
            yield f"maxPrice for {part} tokens raised from {dollars(most)} to {dollars(now)}"


def of_guardrail(before: Properties, after: Properties) -> Iterator[str]:
    """Yield how a guardrail's change lets the keys under it do more."""

    def pair(name: str) -> tuple[Any, Any]:
        return before.get(name), after.get(name)

    yield from higher_limit(*pair("limit_usd"))
    if None not in pair("limit_usd"):
        yield from sooner_reset(*pair("reset_interval"))
    yield from uncounted_byok(*pair("include_byok_in_budgets"))
    yield from higher_price(*pair("max_price"))
    for what in ("models", "providers"):
        yield from longer_list(what, *pair(f"allowed_{what}"))
        yield from shorter_list(what, *pair(f"ignored_{what}"))
    yield from longer_list("data regions", *pair("allowed_data_regions"))
    for name in sorted({*before, *after}):
        yield from _looser_rule(name, *pair(name))


def _looser_rule(name: str, old: Any, new: Any) -> Iterator[str]:
    """Yield how a filter or a switch of a guardrail became looser."""
    if name.startswith("content_filter") and any(entry not in (new or ()) for entry in old or ()):
        yield f"{name} changed or removed"
    if name.startswith("enforce_zdr_") and old and new is False:
        yield f"zero data retention no longer enforced: {name.removeprefix('enforce_zdr_')}"
    if name.startswith("allow_safety_retention_") and old is False and new is not False:
        yield f"prompts may be kept to watch for abuse: {name.removeprefix('allow_safety_retention_')}"
    if name.startswith("enable_") and new and not old:
        yield f"enabled: {name.removeprefix('enable_').replace('_', ' ')}"


def of_budget(before: Properties, after: Properties) -> Iterator[str]:
    """Yield how a budget's change lets its workspace spend more."""
    yield from higher_limit(before.get("limit_usd"), after.get("limit_usd"))
    yield from uncounted_byok(before.get("include_byok_in_budgets"), after.get("include_byok_in_budgets"))


def of_byok_key(before: Properties, after: Properties) -> Iterator[str]:
    """Yield how a provider key's change lets more use it; another hash in its list is what each rotation brings."""
    if before.get("disabled") and not after.get("disabled"):
        yield "enabled again"
    yield from longer_list("models", before.get("allowed_models"), after.get("allowed_models"))
    yield from longer_list("members", before.get("allowed_user_ids"), after.get("allowed_user_ids"))
    if before.get("allowed_api_key_hashes") is not None and after.get("allowed_api_key_hashes") is None:
        yield "no list of allowed keys any more"
    yield from _shared_again(before, after)
    yield from _declared_for_more(before, after)


def _shared_again(before: Properties, after: Properties) -> Iterator[str]:
    """Yield that requests may leave the vendor's account for OpenRouter's; a wish that says nothing changes nothing."""
    for name, whose in (("is_required", "its models"), ("is_byok_only", "all models")):
        if before.get(name) and after.get(name) is False:
            yield f"OpenRouter's shared endpoints may serve {whose} again"


def _declared_for_more(before: Properties, after: Properties) -> Iterator[str]:
    zdr, region = (before.get("declared_zdr"), after.get("declared_zdr")), after.get("declared_region")
    if (zdr[1] and not zdr[0]) or (zdr[0] is False and zdr[1] is None):
        yield "requests that want zero data retention may use it"
    if region in ("europe", "us") and region != before.get("declared_region"):
        yield f"requests that arrive in {region} may use it"


_LOGGED = ("observability_io_logging", "observability_broadcast", "data_discount_logging")


def of_workspace(before: Properties, after: Properties) -> Iterator[str]:
    """Yield how a workspace's change lets its keys do more, or keeps or passes on more of its requests."""
    for what in _LOGGED:
        if after.get(f"is_{what}_enabled") and not before.get(f"is_{what}_enabled"):
            yield f"{what} switched on"
    yield from shorter_list(
        "server tools", before.get("disabled_server_tools"), after.get("disabled_server_tools"), "disabled"
    )
    logged = [side.get("io_logging_api_key_ids") for side in (before, after)]
    if logged[0] is not None and (logged[1] is None or {*logged[1]} - {*logged[0]}):
        yield "more keys are logged"


WIDENING_HOOK = "warn-of-wider-rights"


def widenings(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """Return, in words, every way in which the rights after are wider than those before.

    >>> widenings({"limit": 10, "limitReset": "daily"}, {"limit": 50, "limitReset": "monthly"})
    ['limit raised from $10.00 to $50.00']

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
    elif before.get("ownGuardrail") and not after.get("ownGuardrail"):
        yield "the guardrail for its models alone replaced by another one"


def rights(**granted: Any) -> Properties:
    """Return a service's rights as the inputs of its component: only what is limited or granted."""
    return present({name: known_then(value, _granted) for name, value in granted.items()})


def _granted(value: Any) -> Any:
    return None if value is False or value == [] else value


def warn_of_wider_rights() -> ResourceHookBinding:
    """Return the binding that makes a preview and an up warn, once a service, of each change that widens its rights."""
    return hook_that_warns(WIDENING_HOOK, "what the key may do", widenings)
