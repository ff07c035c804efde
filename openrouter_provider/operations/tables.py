"""Tables for people, on the terminal."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ..api.scrub import printable
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
    for group in ("deployed", "key"):
        for name, value in (described[group] or {"exists": False}).items():
            table.add_row(group, _cell(name), _cell(_shown(value)))
        table.add_section()
    for entry in described["superseded"]:
        for name, value in entry.items():
            table.add_row("superseded", _cell(name), _cell(_shown(value)))
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


def usd(amount: float | None) -> str:
    """Return an amount in USD for people; none is a dash."""
    return "-" if amount is None else f"${amount:,.2f}"


def _row(result: VerifiedService) -> list[Text]:
    verdict = Text("\n".join(map(printable, result.findings)), "red") if result.findings else Text("ok", "green")
    for notice in result.notices:
        verdict.append(f"\n{printable(notice)}", "yellow")
    cells = [
        result.service,
        result.secret_name,
        result.label or "-",
        usd(result.limit_usd),
        usd(result.limit_remaining_usd),
        result.limit_reset or "-",
    ]
    return [*(Text(printable(cell)) for cell in cells), verdict]
