"""The command line: `python -m sandbox up|env|status|down`."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from sandbox.environment import export_lines
from sandbox.errors import SandboxError
from sandbox.lifecycle import DEFAULT_DIRECTORY, Sandbox

app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False, help=__doc__)

Folder = Annotated[
    Path,
    typer.Option("--dir", envvar="SANDBOX_DIR", help="The sandbox's folder.", file_okay=False),
]


Stores = Annotated[
    list[str] | None,
    typer.Option(
        "--store", help="Have this secret store beside AWS too: gcp, vault or kubernetes; may be given again."
    ),
]


@app.command()
def up(directory: Folder = DEFAULT_DIRECTORY, store: Stores = None) -> None:
    """Start the sandbox in the background, unless it runs already."""
    sandbox = Sandbox(directory)
    started = sandbox.up()
    for name in store or ():
        sandbox.open_store(name)
    typer.echo("The sandbox is up." if started else "The sandbox is up already.")
    typer.echo(f"  OpenRouter {sandbox.simulator_url}")
    typer.echo(f"  AWS        {sandbox.aws_endpoint}")
    typer.echo('Use it in this shell with: eval "$(python -m sandbox env)"')


@app.command()
def env(directory: Folder = DEFAULT_DIRECTORY) -> None:
    """Print export lines for a shell; a variable that is set already wins, PATH is prepended."""
    sandbox = Sandbox(directory)
    _require_healthy(sandbox)
    for line in export_lines(sandbox.environment(), os.environ):
        typer.echo(line)


@app.command()
def status(directory: Folder = DEFAULT_DIRECTORY) -> None:
    """Say whether the sandbox is healthy; exits 1 when it isn't."""
    sandbox = Sandbox(directory)
    _require_healthy(sandbox)
    ids = sandbox.process_ids()
    typer.echo(f"The sandbox is up in {sandbox.directory}.")
    typer.echo(f"  OpenRouter {sandbox.simulator_url} (process {ids['simulator']})")
    typer.echo(f"  AWS        {sandbox.aws_endpoint} (process {ids['aws']})")
    for name in sandbox.stores():
        typer.echo(f"  {name:<10} (process {ids[name]})")


@app.command()
def down(directory: Folder = DEFAULT_DIRECTORY) -> None:
    """Stop the sandbox and remove its folder with its Pulumi state; no error when none runs."""
    typer.echo("The sandbox is down." if Sandbox(directory).down() else "No sandbox was running.")


def _require_healthy(sandbox: Sandbox) -> None:
    trouble = sandbox.trouble()
    if trouble is not None:
        raise SandboxError(trouble)


def main() -> None:
    """Run the command line; what the sandbox itself reports is one line and exit code 1."""
    try:
        app()
    except SandboxError as error:
        typer.echo(f"error: {error}", err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
