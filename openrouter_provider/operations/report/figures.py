"""What each service spent of its limit, and when its key is next rotated."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from ...api.client import ManagementClient
from ...api.errors import AuthenticationError, NotFound, PermissionDenied
from ...api.models import KeyRecord
from ...keys.schedule import format_instant, parse_instant
from ..stack.deployment import key_records
from ..stack.stacks import DeployedService, DeployedStack

HIGH_PERCENT = 80.0
FULL_PERCENT = 100.0


class Level(StrEnum):
    """How much of its limit a service has spent, or that it has no key to spend with."""

    OK = "ok"
    HIGH = "high"
    FULL = "used up"
    UNLIMITED = "no limit"
    EXPIRED = "expired"
    GONE = "gone"


@dataclass(frozen=True)
class ServiceUsage:
    """One service's row; amounts in USD, instants as ISO 8601 in UTC, None where there is nothing to say.

    Attributes:
        service: its name.
        key_hash: its key.
        key_name: the key's name on OpenRouter.
        level: how much of the limit is spent; `expired` where the key's time is over, `gone` where the account has no
            such key.
        disabled: whether the key is switched off.
        today_usd: spent this UTC day.
        week_usd: spent this UTC week.
        month_usd: spent this UTC month.
        total_usd: spent in total.
        limit_usd: the limit.
        spent_usd: what counts against the limit now.
        remaining_usd: what is left of it.
        percent: spent_usd of limit_usd.
        limit_reset: daily, weekly, monthly or None.
        created_at: when the key was made.
        age_days: whole days since then.
        generation: which key of the service this is.
        rotated_at: when its generation began.
        next_rotation_at: when the next one is due.
        expires_at: when the key stops working.
        last_used_at: when it was last used, where the API tells.
    """

    service: str
    key_hash: str
    key_name: str
    level: Level
    disabled: bool = False
    today_usd: float | None = None
    week_usd: float | None = None
    month_usd: float | None = None
    total_usd: float | None = None
    limit_usd: float | None = None
    spent_usd: float | None = None
    remaining_usd: float | None = None
    percent: float | None = None
    limit_reset: str | None = None
    created_at: str | None = None
    age_days: int | None = None
    generation: int = 1
    rotated_at: str | None = None
    next_rotation_at: str | None = None
    expires_at: str | None = None
    last_used_at: str | None = None


@dataclass(frozen=True)
class AccountCredits:
    """What the account bought, used and has left, in USD."""

    bought_usd: float
    used_usd: float
    left_usd: float


@dataclass(frozen=True)
class UsageReport:
    """A stack's report.

    Attributes:
        stack: its name.
        at: when it was made.
        credits: the account's; None where the credential may not ask.
        services: a row for each, by name.
    """

    stack: str
    at: str
    credits: AccountCredits | None
    services: tuple[ServiceUsage, ...]


def compile_report(stack: DeployedStack, client: ManagementClient, now: datetime) -> UsageReport:
    """Return the stack's report from one listing of the account's keys and its credits.

    Raises:
        OpenRouterError: the API did not answer.
    """
    records = key_records(client, [service.key_hash for service in stack.services])
    rows = tuple(service_usage(service, records.get(service.key_hash), now) for service in stack.services)
    return UsageReport(stack.name, format_instant(now), account_credits(client), rows)


def account_credits(client: ManagementClient) -> AccountCredits | None:
    """Return the account's credits, None where the credential may not ask for them."""
    try:
        found = client.get_credits()
    except (AuthenticationError, NotFound, PermissionDenied):
        return None
    return AccountCredits(found.total_credits, found.total_usage, round(found.total_credits - found.total_usage, 9))


def service_usage(service: DeployedService, record: KeyRecord | None, now: datetime) -> ServiceUsage:
    """Return a service's row.

    Args:
        service: as deployed.
        record: its key as the API has it; None where the account has no such key.
        now: the instant that ages are counted to.
    """
    if record is None:
        return ServiceUsage(
            service.name,
            service.key_hash,
            service.key_name,
            Level.GONE,
            generation=service.generation,
            rotated_at=service.rotated_at,
            next_rotation_at=service.next_rotation_at,
        )
    spent = spent_usd(record)
    percent = percent_spent(spent, record.limit)
    return ServiceUsage(
        service=service.name,
        key_hash=service.key_hash,
        key_name=record.name,
        level=Level.EXPIRED if record.expires_at and record.expires_at <= now else level(percent),
        disabled=record.disabled,
        today_usd=record.usage_daily,
        week_usd=record.usage_weekly,
        month_usd=record.usage_monthly,
        total_usd=record.usage,
        limit_usd=record.limit,
        spent_usd=spent,
        remaining_usd=None if record.limit is None else round(record.limit - (spent or 0.0), 9),
        percent=percent,
        limit_reset=record.limit_reset,
        created_at=format_instant(record.created_at),
        age_days=max(now - record.created_at, timedelta(0)).days,
        generation=service.generation,
        rotated_at=service.rotated_at,
        next_rotation_at=service.next_rotation_at,
        expires_at=_text(record.expires_at),
        last_used_at=_text(getattr(record, "last_used_at", None)),
    )


def spent_usd(record: KeyRecord) -> float | None:
    """Return what counts against the key's limit now, None without a limit.

    The API's own `limit_remaining` decides, since it knows what external usage counts; where it is absent, the
    counters of the period do.
    """
    if record.limit is None:
        return None
    if record.limit_remaining is not None:
        return round(record.limit - record.limit_remaining, 9)
    counter = {None: "usage", "daily": "usage_daily", "weekly": "usage_weekly", "monthly": "usage_monthly"}
    name = counter.get(record.limit_reset, "usage")
    byok = getattr(record, f"byok_{name}") if record.include_byok_in_limit else 0.0
    return round(float(getattr(record, name)) + byok, 9)


def percent_spent(spent: float | None, limit: float | None) -> float | None:
    """Return how much of a limit is spent, to a tenth of a percent; a limit of 0 counts as spent."""
    if spent is None or limit is None:
        return None
    return round(100.0 * spent / limit, 1) if limit > 0 else FULL_PERCENT


def level(percent: float | None) -> Level:
    """Return what a percentage means: high from 80 on, used up from 100 on."""
    if percent is None:
        return Level.UNLIMITED
    if percent >= FULL_PERCENT:
        return Level.FULL
    return Level.HIGH if percent >= HIGH_PERCENT else Level.OK


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


def attention(services: Sequence[ServiceUsage]) -> list[ServiceUsage]:
    """Return the services to look at first: without a key that works, then by how much of the limit is spent."""
    keyless = (Level.GONE, Level.EXPIRED)
    pressing = [usage for usage in services if usage.level in (*keyless, Level.FULL, Level.HIGH)]
    return sorted(pressing, key=lambda usage: (usage.level not in keyless, -(usage.percent or 0.0), usage.service))


def _text(instant: datetime | None) -> str | None:
    return format_instant(instant) if instant else None
