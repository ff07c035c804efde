"""What a service spent: the sum over the key it has and all that it had."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from ...api.models import KeyRecord
from ...keys.spent import WINDOWS
from ..stack.past_keys import PastKeys
from ..stack.stacks import DeployedService

_DECIMALS = 9


@dataclass(frozen=True)
class Sums:
    """What all keys of a service spent, in USD; None where nothing is known of any.

    Attributes:
        today_usd: this UTC day.
        week_usd: this UTC week.
        month_usd: this UTC month.
        total_usd: in total.
        superseded_keys: how many superseded keys are in the sums.
        deleted_keys: how many deleted keys are in the sums.
        uncounted_keys: how many keys are not, since nobody knows what they spent.
        earlier_usd: what all keys but the current one spent in total.
    """

    today_usd: float | None = None
    week_usd: float | None = None
    month_usd: float | None = None
    total_usd: float | None = None
    superseded_keys: int = 0
    deleted_keys: int = 0
    uncounted_keys: int = 0
    earlier_usd: float | None = None


def sums_of(
    service: DeployedService, records: Mapping[str, KeyRecord], past: Mapping[str, PastKeys], now: datetime
) -> Sums:
    """Return what the service's keys spent: its current key, its superseded ones, and those that are deleted.

    Args:
        service: as deployed.
        records: the keys that the account has, by hash.
        past: what the state knows of each service's past keys; of a service that is absent, nothing is asked.
        now: decides which windows have passed.
    """
    before = past.get(service.name)
    known = before or PastKeys()
    current = records.get(service.key_hash)
    superseded = [records[hash_] for hash_ in known.superseded if hash_ in records]
    alive = [*superseded, *([current] if current else [])]
    deleted = known.spent
    untold = known.untold(service.generation) if before else 0
    counts = {
        "superseded_keys": len(superseded),
        "deleted_keys": deleted.keys,
        "uncounted_keys": untold + len(known.superseded) - len(superseded) + (current is None),
    }
    if not alive and not deleted.keys:
        return Sums(**counts)
    today, week, month = (
        _sum((float(getattr(key, f"usage_{window}")) for key in alive), deleted.within(window, now))
        for window in WINDOWS
    )
    total, earlier = (_sum((key.usage for key in keys), deleted.total) for keys in (alive, superseded))
    return Sums(today, week, month, total, **counts, earlier_usd=earlier)


def _sum(amounts: Iterable[float], more: float) -> float:
    return round(sum(amounts) + more, _DECIMALS)
