"""Tables for people, on the terminal."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ..api.money import usd
from ..api.scrub import printable
from .blocking import KEY_LIMIT, blocking_text
from .inventory import ListedKey
from .stack.stacks import DeployedService
from .verify import VerifiedService

UNFOLDED_WIDTH = 400


def services_table(stack: str, services: Iterable[DeployedService]) -> None:
    """Print a row for each service of the stack."""
    table = _table(f"stack {stack}", ("service", "key hash", "key name", "label", "limit", "secret"))
    for service in services:
        limit = _limit(service.limit, service.limit_reset, disabled=service.disabled)
        cells = (service.name, service.key_hash, service.key_name, service.key_label, limit, service.secret_name)
        table.add_row(*map(_cell, cells))
    _console().print(table)


def keys_table(stack: str, keys: Iterable[ListedKey]) -> None:
    """Print a row for each key of the account, with the service of this stack that has it."""
    table = _table("keys of the account", (f"in stack {stack}", "key hash", "key name", "label", "limit", "workspace"))
    for key in keys:
        limit = "-" if key.missing else _limit(key.limit_usd, key.limit_reset, disabled=key.disabled)
        name = "(the account has no such key)" if key.missing else key.key_name
        cells = (_owner(key), key.key_hash, name, key.key_label or "-", limit, key.workspace_id or "-")
        table.add_row(*map(_cell, cells))
    _console().print(table)


def service_table(described: Mapping[str, Any]) -> None:
    """Print everything of one service, a property a row."""
    table = _table(f"service {described['service']}", ("", "property", "value"))
    groups = [(group, described[group] or {"exists": False}) for group in ("deployed", "key")]
    groups += [("superseded", entry) for entry in described["superseded"]]
    deleted = dict(described["deleted"])
    by_key = deleted.pop("usage_usd_by_key")
    groups.append(("deleted", deleted))
    groups += [("deleted", {"key_hash": hash_, "usage_usd": usage}) for hash_, usage in by_key.items()]
    for group, values in groups:
        for name, value in values.items():
            table.add_row(group, _cell(name), _cell(_valued(name, value)))
        table.add_section()
    _console().print(table)


def _owner(key: ListedKey) -> str:
    if key.service is None:
        return "-"
    return f"{key.service} (superseded)" if key.superseded else key.service


def _limit(limit: float | None, reset: str | None, *, disabled: bool) -> str:
    amount = "unlimited" if limit is None else usd(limit)
    return f"{amount}{f' {reset}' if reset else ''}{', disabled' if disabled else ''}"


def _table(title: str, columns: Iterable[str]) -> Table:
    table = Table(title=heading(title), title_justify="left")
    for column in columns:
        table.add_column(printable(column), overflow="fold")
    return table


def _console() -> Console:
    """Return a console that folds only where a terminal's width asks for it: hashes are there to be copied."""
    out = Console()
    return out if out.is_terminal else Console(width=UNFOLDED_WIDTH)


def _cell(text: str) -> Text:
    return Text(printable(text, length=300))


def _valued(name: str, value: object) -> str:
    """Return a property for people: money as money, and the rest as it is."""
    is_money = name.endswith("_usd") or name.startswith(("limit", "usage", "byok_usage"))
    is_amount = isinstance(value, float | int) and not isinstance(value, bool)
    return usd(float(value)) if is_money and is_amount else _shown(value)  # type: ignore[arg-type]  # a number by then


def _shown(value: object) -> str:
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float) else str(value)


PIPE_WIDTH = 160


def verification_table(stack: str, results: Sequence[VerifiedService]) -> None:
    """Print one row a service: what its stored key is, and ok or what is wrong."""
    table = Table(title=heading(f"stack {stack}"), title_justify="left")
    for column in ("service", "secret", "key", "limit", "remaining", "reset", "result"):
        table.add_column(column, justify="right" if column in ("limit", "remaining") else "left", overflow="fold")
    for result in results:
        table.add_row(*_row(result))
    console().print(table)


def console() -> Console:
    """Return a console that keeps rows whole where the output is no terminal."""
    out = Console()
    return out if out.is_terminal else Console(width=PIPE_WIDTH)


def heading(text: str) -> Text:
    """Return a table's title: as a text, so that brackets in it are no markup."""
    return Text(printable(text), "table.title")


def _row(result: VerifiedService) -> list[Text]:
    verdict = Text("\n".join(map(printable, result.findings)), "red") if result.findings else Text("ok", "green")
    for notice in result.notices:
        verdict.append(f"\n{printable(notice)}", "yellow")
    if result.blocks_first and result.blocks_first.what != KEY_LIMIT:
        verdict.append(f"\nblocks first: {printable(blocking_text(result.blocks_first))}")
    cells = [
        result.service,
        result.secret_name,
        result.label or "-",
        usd(result.limit_usd),
        usd(result.limit_remaining_usd),
        result.limit_reset or "-",
    ]
    return [*(Text(printable(cell)) for cell in cells), verdict]
