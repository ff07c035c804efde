"""The `openrouter-keys` command: what an operator and a pipeline need around `pulumi up`."""

import os
import sys

import typer

from .commands import verify
from .commands.options import FAILED

app = typer.Typer(
    name="openrouter-keys",
    help="Look after the OpenRouter keys that Pulumi gave to your services.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command(epilog=verify.EXAMPLE)(verify.verify)


@app.callback()
def _commands() -> None:
    """Look after the OpenRouter keys that Pulumi gave to your services."""


def main() -> None:
    """Run the command line; an expected error is one line on stderr and exit code 1."""
    os.environ.setdefault("PULUMI_SKIP_UPDATE_CHECK", "true")
    from .api.errors import OpenRouterError

    try:
        app()
    except OpenRouterError as error:
        typer.echo(f"openrouter-keys: {error}", err=True)
        sys.exit(FAILED)
