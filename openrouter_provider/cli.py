"""The `openrouter-keys` command: what an operator and a pipeline need around `pulumi up`."""

import os
import re
import sys
from typing import Annotated, Any

import typer

from .commands import adopt, doctor, drift, explain, fleet, host, inventory, move, recover, report, split, verify
from .commands.options import FAILED

# The base of every usage error; typer carries its own copy of click and does not export this class.
_USAGE_ERROR: Any = next(base for base in typer.BadParameter.__mro__ if base.__name__ == "ClickException")

app = typer.Typer(
    name="openrouter-keys",
    help="Look after the OpenRouter keys that Pulumi gave to your services.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command(epilog=fleet.UP_EXAMPLE)(fleet.up)
app.command(epilog=fleet.PREVIEW_EXAMPLE)(fleet.preview)
app.command(epilog=fleet.DESTROY_EXAMPLE)(fleet.destroy)
app.command(epilog=fleet.STACKS_EXAMPLE)(fleet.stacks)
app.command(epilog=verify.EXAMPLE)(verify.verify)
app.command(epilog=drift.EXAMPLE)(drift.drift)
app.command(epilog=recover.EXAMPLE)(recover.recover)
app.command(epilog=report.EXAMPLE)(report.report)
app.command("list", epilog=inventory.LIST_EXAMPLE)(inventory.list_services)
app.command(epilog=inventory.SHOW_EXAMPLE)(inventory.show)
app.command(epilog=adopt.EXAMPLE)(adopt.adopt)
app.command(epilog=doctor.EXAMPLE)(doctor.doctor)
app.command(epilog=host.EXAMPLE)(host.host)
app.command(epilog=move.EXAMPLE)(move.move)
app.command(epilog=split.EXAMPLE)(split.split)
app.command(epilog=explain.EXAMPLE)(explain.explain)


def _show_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"openrouter-keys {version('openrouter-keys')}")
        raise typer.Exit


VersionOption = Annotated[
    bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version and exit.")
]


@app.callback()
def _commands(version: VersionOption = False) -> None:
    """Look after the OpenRouter keys that Pulumi gave to your services."""
    del version  # its callback has answered
    if os.environ.get("OPENROUTER_KEYS_NOW"):
        from .settings import notice

        typer.echo(f"openrouter-keys: {notice()}", err=True)


def main() -> None:
    """Run the command line; an expected error is one line on stderr and exit code 1.

    A wrong option is exit code 1 as well: 2 is kept for findings, which is what pipelines act on.
    """
    os.environ.setdefault("PULUMI_SKIP_UPDATE_CHECK", "true")
    from .api.errors import OpenRouterError
    from .host.process import leave_out_httpx_command_line

    leave_out_httpx_command_line()
    try:
        sys.exit(app(standalone_mode=False))
    except OpenRouterError as error:
        typer.echo(f"openrouter-keys: {with_command(str(error))}", err=True)
    except _USAGE_ERROR as error:
        error.show()
    except typer.Abort:
        typer.echo("openrouter-keys: stopped", err=True)
    sys.exit(FAILED)


def with_command(message: str) -> str:
    """Return a message whose pointer to the page of errors names the command that shows it offline, too.

    >>> with_command("too much (docs/errors.md#daily-limit)")
    'too much (docs/errors.md#daily-limit; `openrouter-keys explain daily-limit`)'
    """
    return re.sub(r"(docs/errors\.md#([a-z-]+))", r"\1; `openrouter-keys explain \2`", message)
