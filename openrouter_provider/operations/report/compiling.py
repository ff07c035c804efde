"""The report of a stack, made from its state and what its account says of the keys."""

from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from typing import Any

from ...api.client import ManagementClient
from ...api.errors import AuthenticationError, NotFound, PermissionDenied
from ...api.models import KeyRecord
from ...keys.schedule import format_instant
from ..stack.deployment import key_records
from ..stack.past_keys import PastKeys
from ..stack.stacks import DeployedService, DeployedStack
from .figures import AccountCredits, Level, ServiceUsage, UsageReport, level
from .limits import OuterLimits, blocks_first, look_around, percent_spent, spent_usd
from .sums import Sums, sums_of


def compile_report(
    stack: DeployedStack, client: ManagementClient, now: datetime, past: Mapping[str, PastKeys] | None = None
) -> UsageReport:
    """Return the stack's report from the listing of the account's keys, what limits them, and its credits.

    Args:
        stack: as deployed.
        client: the account.
        now: the instant that ages and windows are counted to.
        past: what the stack's state knows of each service's past keys.

    Raises:
        OpenRouterError: the API did not answer.
    """
    known = past or {}
    earlier = [hash_ for each in known.values() for hash_ in each.superseded]
    records = key_records(client, [*(service.key_hash for service in stack.services), *earlier])
    current = [records[service.key_hash] for service in stack.services if service.key_hash in records]
    around = look_around(client, current)
    rows = [
        service_usage(service, records.get(service.key_hash), now, sums_of(service, records, known, now), around)
        for service in stack.services
    ]
    budget = stack.config.budget if stack.config else None
    return UsageReport(stack.name, format_instant(now), account_credits(client), tuple(rows), budget)


def account_credits(client: ManagementClient) -> AccountCredits | None:
    """Return the account's credits, None where the credential may not ask for them."""
    try:
        found = client.get_credits()
    except (AuthenticationError, NotFound, PermissionDenied):
        return None
    return AccountCredits(found.total_credits, found.total_usage, round(found.total_credits - found.total_usage, 9))


def service_usage(
    service: DeployedService,
    record: KeyRecord | None,
    now: datetime,
    sums: Sums | None = None,
    around: OuterLimits | None = None,
) -> ServiceUsage:
    """Return a service's row.

    Args:
        service: as deployed.
        record: its key as the API has it; None where the account has no such key.
        now: the instant that ages are counted to.
        sums: what all its keys spent; None where it had no other key.
        around: what limits the key from outside.
    """
    spent = sums or sums_of(service, {service.key_hash: record} if record else {}, {}, now)
    row = ServiceUsage(
        service.name,
        service.key_hash,
        service.key_name,
        Level.GONE,
        generation=service.generation,
        rotated_at=service.rotated_at,
        next_rotation_at=service.next_rotation_at,
        **asdict(spent),
    )
    return row if record is None else replace(row, **_of_key(record, now, around or OuterLimits()))


def _of_key(record: KeyRecord, now: datetime, around: OuterLimits) -> dict[str, Any]:
    """Return what a row says of the current key."""
    spent = spent_usd(record)
    percent = percent_spent(spent, record.limit)
    return {
        "key_name": record.name,
        "level": Level.EXPIRED if record.expires_at and record.expires_at <= now else level(percent),
        "disabled": record.disabled,
        "limit_usd": record.limit,
        "spent_usd": spent,
        "remaining_usd": None if record.limit is None else round(record.limit - (spent or 0.0), 9),
        "percent": percent,
        "limit_reset": record.limit_reset,
        "created_at": format_instant(record.created_at),
        "age_days": max(now - record.created_at, timedelta(0)).days,
        "expires_at": _text(record.expires_at),
        "last_used_at": _text(record.last_used_at),
        "blocks_first": blocks_first(record, around, now),
    }


def _text(instant: datetime | None) -> str | None:
    return format_instant(instant) if instant else None
