"""What each service spent, of which limit, and when its key is next rotated: the report's rows and sums."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from ..blocking import Blocking
from .limits import FULL_PERCENT, percent_spent

HIGH_PERCENT = 80.0


class Level(StrEnum):
    """How much of its limit a service has spent, or that it has no key to spend with."""

    OK = "ok"
    HIGH = "high"
    FULL = "used up"
    UNLIMITED = "unlimited"
    EXPIRED = "expired"
    GONE = "gone"


@dataclass(frozen=True)
class ServiceUsage:
    """One service's row; amounts in USD, instants as ISO 8601 in UTC, None where there is nothing to say.

    What was spent is the sum over all keys that the service has and had; what counts against the limit is the current
    key's alone.

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
        superseded_keys: how many superseded keys are in the sums.
        deleted_keys: how many deleted keys are in the sums.
        uncounted_keys: of how many keys nobody knows what they spent; the sums are at least what stands there.
        earlier_usd: what all keys but the current one spent in total.
        blocks_first: which limit refuses the key's requests first, and when that resets.
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
    superseded_keys: int = 0
    deleted_keys: int = 0
    uncounted_keys: int = 0
    earlier_usd: float | None = None
    blocks_first: Blocking | None = None


@dataclass(frozen=True)
class AccountCredits:
    """What the account bought, used and has left, in USD."""

    bought_usd: float
    used_usd: float
    left_usd: float


@dataclass(frozen=True)
class Totals:
    """The sums over all services, in USD.

    Attributes:
        today_usd: spent this UTC day.
        week_usd: spent this UTC week.
        month_usd: spent this UTC month.
        total_usd: spent in total.
        uncounted_keys: how many keys are missing in the sums.
        budget_usd: what all keys may spend in a month, by the config; None for no budget.
        budget_percent: month_usd of budget_usd.
    """

    today_usd: float
    week_usd: float
    month_usd: float
    total_usd: float
    uncounted_keys: int
    budget_usd: float | None = None
    budget_percent: float | None = None


@dataclass(frozen=True)
class UsageReport:
    """A stack's report.

    Attributes:
        stack: its name.
        at: when it was made.
        credits: the account's; None where the credential may not ask.
        services: a row for each, the one that spent most this month first.
        budget_usd: what all keys may spend in a month, by the config; None for no budget.
        totals: the sums over all services.
    """

    stack: str
    at: str
    credits: AccountCredits | None
    services: tuple[ServiceUsage, ...]
    budget_usd: float | None = None
    totals: Totals = field(init=False)

    def __post_init__(self) -> None:
        """Order the rows and sum them up."""
        object.__setattr__(self, "services", tuple(by_money(self.services)))
        object.__setattr__(self, "totals", totals(self.services, self.budget_usd))


def by_money(services: Sequence[ServiceUsage]) -> list[ServiceUsage]:
    """Return the services by the money at stake: what each spent this month, then in total, then by name."""
    return sorted(services, key=lambda usage: (-(usage.month_usd or 0.0), -(usage.total_usd or 0.0), usage.service))


def totals(services: Sequence[ServiceUsage], budget_usd: float | None = None) -> Totals:
    """Return the sums over the services; what is not known of one counts as nothing, and its keys as uncounted."""
    names = ("today_usd", "week_usd", "month_usd", "total_usd")
    sums = {name: round(sum(getattr(usage, name) or 0.0 for usage in services), 9) for name in names}
    uncounted = sum(usage.uncounted_keys for usage in services)
    share = percent_spent(sums["month_usd"], budget_usd)
    return Totals(**sums, uncounted_keys=uncounted, budget_usd=budget_usd, budget_percent=share)


def level(percent: float | None) -> Level:
    """Return what a percentage means: high from 80 on, used up from 100 on."""
    if percent is None:
        return Level.UNLIMITED
    if percent >= FULL_PERCENT:
        return Level.FULL
    return Level.HIGH if percent >= HIGH_PERCENT else Level.OK


def attention(services: Sequence[ServiceUsage]) -> list[ServiceUsage]:
    """Return the services to look at first: without a key that works, then by how much of the limit is spent."""
    keyless = (Level.GONE, Level.EXPIRED)
    pressing = [usage for usage in services if usage.level in (*keyless, Level.FULL, Level.HIGH)]
    return sorted(pressing, key=lambda usage: (usage.level not in keyless, -(usage.percent or 0.0), usage.service))
