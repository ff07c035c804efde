"""`openrouter-keys host`."""

from pathlib import Path

import typer

from .options import ProjectOption

EXAMPLE = "Example: openrouter-keys host --project infrastructure"


def host(project: ProjectOption = Path()) -> None:
    """Make a project's Pulumi.yaml name openrouter-keys' host: previews that know what changes, and imports.

    A project of your own needs this once; this project's Pulumi.yaml has it. Without it everything works by Pulumi's
    own host, with that one's limits (docs/host.md).
    """
    from ..operations.host_override import name_host

    typer.echo(name_host(project))
