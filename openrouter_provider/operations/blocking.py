"""Which of the limits on a key refuses its requests first, and when it lets them through again."""

from collections.abc import Iterable
from dataclasses import dataclass

from ..api.models import KeyBudget
from ..api.money import usd
from ..keys.schedule import format_instant

KEY_LIMIT = "key limit"
_SCOPES = {
    "key_limit": KEY_LIMIT,
    "api_key": "guardrail",
    "member": "member's guardrail",
    "workspace_default_key": "workspace's default guardrail",
    "workspace_default_member": "workspace's default guardrail for members",
}


@dataclass(frozen=True)
class Blocking:
    """One limit on a key.

    Attributes:
        what: which one, for people: `key limit`, `guardrail cheap`, `monthly workspace budget`.
        remaining_usd: what may be spent until it refuses requests.
        resets_at: when it begins anew, in ISO 8601 and UTC; None is never.
    """

    what: str
    remaining_usd: float
    resets_at: str | None = None


def of_budget(budget: KeyBudget) -> Blocking:
    """Return a budget as the API tells a key of it."""
    resets_at = format_instant(budget.resets_at) if budget.resets_at else None
    what = _SCOPES.get(budget.scope, budget.scope)
    if budget.scope == "workspace":
        what = workspace_budget(budget.reset_interval)
    return Blocking(what, budget.remaining_usd, resets_at)


def workspace_budget(interval: str | None) -> str:
    """Return what a workspace's budget is called."""
    return f"{interval or 'lifetime'} workspace budget"


def first_of(limits: Iterable[Blocking]) -> Blocking | None:
    """Return the limit that blocks first: the first one that is spent already, otherwise the one with the least left.

    Args:
        limits: in the order in which the API checks them.
    """
    every = list(limits)
    spent = next((limit for limit in every if limit.remaining_usd <= 0), None)
    return spent or min(every, key=lambda limit: limit.remaining_usd, default=None)


def blocking_text(limit: Blocking | None) -> str:
    """Return in words what blocks first; a dash where nothing limits the key.

    >>> blocking_text(Blocking("key limit", 1.4, "2027-03-01T00:00:00Z"))
    'key limit: $1.40 left until 2027-03-01'
    >>> blocking_text(Blocking("guardrail cheap", 0.0))
    'guardrail cheap: used up, never resets'
    """
    if limit is None:
        return "-"
    left = f"{usd(limit.remaining_usd)} left" if limit.remaining_usd > 0 else "used up"
    return f"{limit.what}: {left}" + (f" until {limit.resets_at[:10]}" if limit.resets_at else ", never resets")


def blocking_name(limit: Blocking | None) -> str:
    """Return the same for where the key's own limit stands beside it: of that its name and its reset are enough.

    >>> blocking_name(Blocking("key limit", 1.4, "2027-03-01T00:00:00Z"))
    'key limit, resets 2027-03-01'
    """
    if limit is None or limit.what != KEY_LIMIT:
        return blocking_text(limit)
    return f"{KEY_LIMIT}, " + (f"resets {limit.resets_at[:10]}" if limit.resets_at else "never resets")
