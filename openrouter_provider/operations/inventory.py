"""Which keys there are: a stack's services, one service in full, and every key of the account."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from ..api.client import ManagementClient
from ..api.errors import ConfigurationError
from ..api.models import KeyRecord, wire_time
from ..api.scrub import printable
from .stack.any_stack import find_stack
from .stack.deployment import KnownKey, all_records, key_records, known_keys
from .stack.past_keys import PastKeys
from .stack.stacks import DeployedService, DeployedStack, read_stack


@dataclass(frozen=True)
class ListedKey:
    """One key of the account, and what the stack knows of it.

    Attributes:
        key_hash: the key.
        key_name: its name.
        key_label: the value's masked form.
        limit_usd: its limit in USD; None is unlimited.
        limit_reset: daily, weekly, monthly or None.
        disabled: whether it is switched off.
        workspace_id: the workspace that holds it.
        service: the service of this stack that has or had it; None where this stack doesn't know the key.
        superseded: whether that service has another key by now.
        missing: whether the stack knows the key and the account doesn't have it.
    """

    key_hash: str
    key_name: str
    key_label: str
    limit_usd: float | None
    limit_reset: str | None
    disabled: bool
    workspace_id: str | None
    service: str | None
    superseded: bool = False
    missing: bool = False


@dataclass(frozen=True)
class Inventory:
    """What `list` says of a stack.

    Attributes:
        stack: its name.
        services: as they were deployed.
        keys: every key of the account, where that was asked for.
        is_missing: whether there is no such stack, so that no key is known to be its own.
    """

    stack: str
    services: Sequence[DeployedService]
    keys: Sequence[ListedKey] | None = None
    is_missing: bool = False

    def as_object(self) -> dict[str, Any]:
        """Return it for a program."""
        if self.keys is None:
            return {"stack": self.stack, "services": [listed_service(service) for service in self.services]}
        return {"stack": self.stack, "keys": [asdict(key) for key in self.keys]}


def take_inventory(project: Path, stack: str | None, *, all_keys: bool) -> Inventory:
    """Return a stack's services, or with `all_keys` every key of its account, which needs no deployed stack.

    Raises:
        ConfigurationError: no such stack, it was never deployed, or the account can't be asked.
    """
    if not all_keys:
        deployed = read_stack(project, stack)
        return Inventory(deployed.name, deployed.services)
    found = find_stack(project, stack)
    with found.client() as client:
        keys = list_account(client, known_keys(found.state))
    return Inventory(found.name, (), keys, is_missing=not found.exists)


def listed_service(service: DeployedService) -> dict[str, Any]:
    """Return what `list` says of a service, as it was deployed: in USD, and null where it is unlimited."""
    return {
        "service": service.name,
        "key_hash": service.key_hash,
        "key_name": service.key_name,
        "key_label": service.key_label,
        "limit_usd": service.limit,
        "limit_reset": service.limit_reset,
        "disabled": service.disabled,
        "secret_name": service.secret_name,
    }


def list_account(client: ManagementClient, known: Iterable[KnownKey]) -> list[ListedKey]:
    """Return every key of the account: the stack's own first, by service, then those it doesn't know, by name.

    Args:
        client: the account.
        known: the keys in the stack's state.
    """
    by_hash = {key.hash: key for key in known}
    records = {record.hash: record for record in all_records(client)}
    listed = [_listed(record, by_hash.get(record.hash)) for record in records.values()]
    listed += [_missing(key) for key in by_hash.values() if key.hash not in records]
    return sorted(listed, key=lambda key: (key.service is None, key.service or "", key.superseded, key.key_name))


def _listed(record: KeyRecord, known: KnownKey | None) -> ListedKey:
    return ListedKey(
        key_hash=record.hash,
        key_name=record.name,
        key_label=record.label,
        limit_usd=record.limit,
        limit_reset=record.limit_reset,
        disabled=record.disabled,
        workspace_id=record.workspace_id,
        service=known.service if known else None,
        superseded=bool(known and known.superseded),
    )


def _missing(known: KnownKey) -> ListedKey:
    return ListedKey(known.hash, "", "", None, None, False, None, known.service, known.superseded, missing=True)


def find_service(stack: DeployedStack, name: str) -> DeployedService:
    """Return the service of that name.

    Raises:
        ConfigurationError: the stack has none; says which it has that sound like it.
    """
    services = {service.name: service for service in stack.services}
    if name in services:
        return services[name]
    close = get_close_matches(name, services, n=3)
    others = ", ".join(sorted(services)[:10]) or "none"
    hint = f"did you mean {' or '.join(close)}?" if close else f"its services: {others}"
    raise ConfigurationError(f"stack {printable(stack.name)} has no service '{printable(name)}'; {hint}")


def describe_service(
    service: DeployedService, client: ManagementClient, known: Iterable[KnownKey], past: PastKeys | None = None
) -> dict[str, Any]:
    """Return everything there is to know of a service: as deployed, its key as the API has it, and earlier keys.

    Args:
        service: as deployed.
        client: the account.
        known: the keys in the stack's state.
        past: what the state kept of the service's deleted keys.
    """
    superseded = [key for key in known if key.service == service.name and key.superseded]
    records = key_records(client, [service.key_hash, *(key.hash for key in superseded)])
    record = records.get(service.key_hash)
    return {
        "service": service.name,
        "deployed": asdict(service),
        "key": described(record) if record else None,
        "superseded": [_superseded(key, records) for key in superseded],
        "deleted": _deleted(past or PastKeys(), service.generation),
    }


def _deleted(past: PastKeys, generation: int) -> dict[str, Any]:
    """Return what the deleted keys spent: all of them, and each that the state still names."""
    return {
        "keys": past.spent.keys,
        "usage_usd": past.spent.total,
        "uncounted_keys": past.untold(generation),
        "usage_usd_by_key": dict(past.spent.by_key),
    }


def described(record: KeyRecord) -> dict[str, Any]:
    """Return a key's record in the wire's names, instants as text; `last_used_at` where the API has it."""
    values = {**record.model_dump(), "last_used_at": getattr(record, "last_used_at", None)}
    return {name: wire_time(value) if isinstance(value, datetime) else value for name, value in values.items()}


def _superseded(key: KnownKey, records: Mapping[str, KeyRecord]) -> dict[str, Any]:
    record = records.get(key.hash)
    return {
        "key_hash": key.hash,
        "key_name": record.name if record else None,
        "retires_at": key.retires_at,
        "usage_usd": record.usage if record else None,
        "usage_monthly_usd": record.usage_monthly if record else None,
        "last_used_at": wire_time(record.last_used_at) if record and record.last_used_at else None,
        "limit_remaining_usd": record.limit_remaining if record else None,
        "disabled": record.disabled if record else None,
        "exists": record is not None,
    }
