"""What a shell offers after Tab: stacks by their files, services by their stacks' config; Pulumi is not started."""

from pathlib import Path

import typer


def complete_stack(context: typer.Context, incomplete: str) -> list[str]:
    """Return the stacks that have a file in the project and begin so."""
    from ..config.sharing.stack_files import stack_files

    try:
        return [name for name in stack_files(_project(context)) if name.startswith(incomplete)]
    except Exception:  # noqa: BLE001 - a shell that completes has no place for an error
        return []


def complete_service(context: typer.Context, incomplete: str) -> list[str]:
    """Return the services that begin so: of the stack that is named on the line, or else of all."""
    from ..config.sharing.environment import services_in_files

    named = context.params.get("stack")
    stack = named if isinstance(named, str) else ""
    given = {str(each) for each in context.params.get("services") or ()}
    try:
        names = services_in_files(_project(context), stack)
    except Exception:  # noqa: BLE001 - a shell that completes has no place for an error
        return []
    return [name for name in names if name.startswith(incomplete) and name not in given]


def _project(context: typer.Context) -> Path:
    return Path(str(context.params.get("project") or "."))
