"""Tables for people, on the terminal."""

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ..api.scrub import printable
from .verify import VerifiedService

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
