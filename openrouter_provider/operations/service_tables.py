"""The tables of `list`, `show` and `verify`: what of a service, and of a key, stands in which column."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ..api.money import usd
from .blocking import KEY_LIMIT, blocking_text
from .inventory import Inventory, ListedKey
from .stack.stacks import DeployedService
from .tables import BAD, OK, WARNING, Column, Listing, Row
from .verify import VerifiedService

UNLIMITED, NEVER = "unlimited", "never"
_SERVICE = Column("service", least=32)
_SERVICES = (
    _SERVICE,
    Column("key hash", rank=2),
    Column("key name", rank=3, least=24),
    Column("label", rank=4),
    Column("limit", rank=1),
    Column("secret", rank=5, least=24),
)
_KEYS = (
    _SERVICE,
    Column("key hash"),
    Column("key name", rank=1, least=16),
    Column("label", rank=3),
    Column("limit", rank=2),
    Column("workspace", rank=4),
)
_PROPERTIES = (Column("group"), Column("property"), Column("value", least=16))
_VERIFIED = (
    _SERVICE,
    Column("secret", rank=5, least=24),
    Column("key", rank=4),
    Column("limit", rank=1, is_right=True),
    Column("remaining", rank=2, is_right=True),
    Column("reset", rank=3),
    Column("result", is_text=True),
)


def inventory_table(inventory: Inventory) -> Listing:
    """Return what `list` says of a stack: a row a service, or a row a key of its account."""
    if inventory.keys is None:
        return services_table(inventory.stack, inventory.services)
    table = keys_table(inventory.stack, inventory.keys)
    if not inventory.is_missing:
        return table
    which = f"there is no stack {inventory.stack}" if inventory.stack else "no stack is selected"
    return replace(table, title="keys of the account", after=(f"{which}: no key is known to be its own",))


def services_table(stack: str, services: Iterable[DeployedService]) -> Listing:
    """Return a row for each service of the stack."""
    rows = [
        Row((each.name, each.key_hash, each.key_name, each.key_label, _limit_of(each), each.secret_name))
        for each in services
    ]
    return Listing(f"stack {stack}", _SERVICES, rows, key=("stack", stack))


def _limit_of(service: DeployedService) -> str:
    return limit_text(service.limit, service.limit_reset, disabled=service.disabled)


def keys_table(stack: str, keys: Iterable[ListedKey]) -> Listing:
    """Return a row for each key of the account, with the service of this stack that has it."""
    rows = []
    for key in keys:
        limit = "-" if key.missing else limit_text(key.limit_usd, key.limit_reset, disabled=key.disabled)
        name = "(the account has no such key)" if key.missing else key.key_name
        rows.append(Row((_owner(key), key.key_hash, name, key.key_label or "-", limit, key.workspace_id or "-")))
    return Listing(f"keys of the account of stack {stack}", _KEYS, rows, key=("stack", stack))


def service_table(described: Mapping[str, Any]) -> Listing:
    """Return everything of one service, a property a row."""
    groups = [(group, described[group] or {"exists": False}) for group in ("deployed", "key")]
    groups += [("superseded", entry) for entry in described["superseded"]]
    deleted = dict(described["deleted"])
    by_key = deleted.pop("usage_usd_by_key")
    groups.append(("deleted", deleted))
    groups += [("deleted", {"key_hash": hash_, "usage_usd": usage}) for hash_, usage in by_key.items()]
    rows = [
        Row((group, name, _valued(name, value, values))) for group, values in groups for name, value in values.items()
    ]
    return Listing(f"service {described['service']}", _PROPERTIES, rows, key=("service", str(described["service"])))


def verification_table(stack: str, results: Sequence[VerifiedService], after: Sequence[str] = ()) -> Listing:
    """Return a row for each service: what its stored key is, and ok or what is wrong.

    Args:
        stack: the stack's name.
        results: what was found of its services.
        after: what is to be said of the stack itself.
    """
    return Listing(f"stack {stack}", _VERIFIED, list(map(_verified, results)), key=("stack", stack), after=after)


def _verified(result: VerifiedService) -> Row:
    said = [*(result.findings or ("ok",)), *result.notices]
    if result.blocks_first and result.blocks_first.what != KEY_LIMIT:
        said.append(f"blocks first: {blocking_text(result.blocks_first)}")
    asked = result.label is not None
    cells = (
        result.service,
        result.secret_name,
        result.label or "-",
        amount_text(result.limit_usd) if asked else "-",
        amount_text(result.limit_remaining_usd) if asked else "-",
        result.limit_reset or (NEVER if asked else "-"),
        "\n".join(said),
    )
    return Row(cells, {"result": BAD if result.findings else WARNING if result.notices else OK})


def _owner(key: ListedKey) -> str:
    if key.service is None:
        return "-"
    return f"{key.service} (superseded)" if key.superseded else key.service


def limit_text(limit: float | None, reset: str | None, *, disabled: bool) -> str:
    """Return a key's limit, when that resets, and whether the key is switched off.

    >>> limit_text(5, "monthly", disabled=True), limit_text(None, None, disabled=False)
    ('$5.00 monthly, disabled', 'unlimited')
    """
    return f"{amount_text(limit)}{f' {reset}' if reset else ''}{', disabled' if disabled else ''}"


def amount_text(amount: float | None) -> str:
    """Return an amount of which there may be no end."""
    return UNLIMITED if amount is None else usd(amount)


def _valued(name: str, value: object, beside: Mapping[str, Any]) -> str:
    """Return a property for people: money as money, no end as what it is, and the rest as it is."""
    if value is None and (name == "limit" or (name == "limit_remaining" and beside.get("limit") is None)):
        return UNLIMITED
    if value is None and name in ("limit_reset", "expires_at"):
        return NEVER
    is_money = name.endswith("_usd") or name.startswith(("limit", "usage", "byok_usage"))
    is_amount = isinstance(value, float | int) and not isinstance(value, bool)
    return usd(float(value)) if is_money and is_amount else _shown(value)  # type: ignore[arg-type]  # a number by then


def _shown(value: object) -> str:
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float) else str(value)
