"""What limits a service's key beside its own limit, as far as the management key can see it."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from ...api.client import ManagementClient
from ...api.errors import ResponseError
from ...api.guardrails import GuardrailRecord
from ...api.models import KeyRecord
from ...api.workspaces import BudgetRecord
from ...keys.schedule import format_instant
from ...keys.spent import WINDOWS, window_end
from ..blocking import KEY_LIMIT, Blocking, first_of, workspace_budget

FULL_PERCENT = 100.0
_REFUSED = (400, 401, 403, 404)
Found = TypeVar("Found")


@dataclass(frozen=True)
class SpentBudget:
    """A workspace's budget, and what its keys have spent of it."""

    budget: BudgetRecord
    spent_usd: float


@dataclass(frozen=True)
class OuterLimits:
    """What limits keys from outside.

    Attributes:
        guardrails: the guardrail with a limit that a key is assigned to, by the key's hash.
        budgets: the budgets of each workspace that was looked at, by its id.
    """

    guardrails: Mapping[str, GuardrailRecord] = field(default_factory=dict)
    budgets: Mapping[str, Sequence[SpentBudget]] = field(default_factory=dict)


def look_around(client: ManagementClient, records: Iterable[KeyRecord]) -> OuterLimits:
    """Return what limits these keys from outside; what the credential may not see, or the account lacks, is left out.

    It costs two calls a workspace, one a guardrail with a limit, and a listing of each workspace that has a budget.
    """
    workspaces = sorted({record.workspace_id or "" for record in records})
    limited = [rail for each in workspaces for rail in _guardrails(client, each) if rail.limit_usd is not None]
    assigned = {
        assignment.key_hash: rail
        for rail in limited
        for assignment in _seen(lambda rail=rail: client.list_key_assignments(rail.id))  # type: ignore[misc]
    }
    return OuterLimits(assigned, {each: _budgets(client, each) for each in workspaces if each})


def _guardrails(client: ManagementClient, workspace_id: str) -> list[GuardrailRecord]:
    return _seen(lambda: client.list_guardrails(workspace_id=workspace_id or None))


def _budgets(client: ManagementClient, workspace_id: str) -> list[SpentBudget]:
    budgets = _seen(lambda: client.list_budgets(workspace_id))
    keys = _seen(lambda: client.list_keys(workspace_id=workspace_id)) if budgets else []
    return [
        SpentBudget(each, sum(counted(key, each.reset_interval, byok=each.include_byok_in_budgets) for key in keys))
        for each in budgets
    ]


def _seen(look: Callable[[], list[Found]]) -> list[Found]:
    """Return what a listing shows, nothing where it is refused: a report does not fail for what is beside the keys."""
    try:
        return look()
    except ResponseError as error:
        if error.status not in _REFUSED:
            raise
        return []


def blocks_first(record: KeyRecord, around: OuterLimits, now: datetime) -> Blocking | None:
    """Return which limit refuses the key's requests first, None where nothing limits it."""
    return first_of(_layers(record, around, now))


def _layers(record: KeyRecord, around: OuterLimits, now: datetime) -> Iterator[Blocking]:
    """Yield the limits on a key in the order in which OpenRouter checks them."""
    rail = around.guardrails.get(record.hash)
    if rail is not None and rail.limit_usd is not None:
        spent = counted(record, rail.reset_interval, byok=rail.include_byok_in_budgets)
        yield _layer(f"guardrail {rail.name}", rail.limit_usd - spent, rail.reset_interval, now)
    for each in around.budgets.get(record.workspace_id or "", ()):
        interval = each.budget.reset_interval
        yield _layer(workspace_budget(interval), each.budget.limit_usd - each.spent_usd, interval, now)
    spent_of_limit = spent_usd(record)
    if record.limit is not None and spent_of_limit is not None:
        yield _layer(KEY_LIMIT, record.limit - spent_of_limit, record.limit_reset, now)


def _layer(what: str, remaining: float, interval: str | None, now: datetime) -> Blocking:
    ends = next((window_end(window, now) for window in WINDOWS if window == interval), None)
    return Blocking(what, round(remaining, 9), format_instant(ends) if ends else None)


def counted(record: KeyRecord, window: str | None, *, byok: bool) -> float:
    """Return what a key spent in the window of a limit, in total where that never resets."""
    name = f"usage_{window}" if window in WINDOWS else "usage"
    return round(float(getattr(record, name)) + (float(getattr(record, f"byok_{name}")) if byok else 0.0), 9)


def spent_usd(record: KeyRecord) -> float | None:
    """Return what counts against the key's limit now, None without a limit.

    The API's own `limit_remaining` decides, since it knows what external usage counts; where it is absent, the
    counters of the period do.
    """
    if record.limit is None:
        return None
    if record.limit_remaining is not None:
        return round(record.limit - record.limit_remaining, 9)
    return counted(record, record.limit_reset, byok=record.include_byok_in_limit)


def percent_spent(spent: float | None, limit: float | None) -> float | None:
    """Return how much of a limit is spent, to a tenth of a percent; a limit of 0 counts as spent."""
    if spent is None or limit is None:
        return None
    return round(100.0 * spent / limit, 1) if limit > 0 else FULL_PERCENT
