"""A project opened without touching the stack that a person selected, and which of its stacks a command means."""

from collections.abc import Sequence
from pathlib import Path

from pulumi.automation import CommandError, LocalWorkspace

from ...api.errors import ConfigurationError
from .stacks import last_line, open_workspace, selected_stack


class UnselectingWorkspace(LocalWorkspace):
    """A workspace that leaves the stack selected which a person selected: every command names its own."""

    def select_stack(self, stack_name: str) -> None:
        """Do nothing; `pulumi stack select` would write the selection, and threads would fight over it."""


def open_for_reading(project: Path) -> UnselectingWorkspace:
    """Return the project's workspace.

    Raises:
        ConfigurationError: the folder holds no Pulumi project, or there is no usable pulumi.
    """
    opened = open_workspace(project)
    return UnselectingWorkspace(work_dir=str(project), pulumi_command=opened.pulumi_command)


def stack_names(project: Path, named: Sequence[str], every: bool) -> list[str]:
    """Return the stacks to look at: those named, every one that the project has deployed, or the selected one.

    Raises:
        ConfigurationError: no project, no stack, both ways of naming, or an unreadable backend.
    """
    if not_both(named, every):
        return list(dict.fromkeys(named))
    workspace = open_for_reading(project)
    if not every:
        return [selected_stack(workspace)]
    try:
        names = [summary.name for summary in workspace.list_stacks()]
    except CommandError as error:
        raise ConfigurationError(f"the stacks cannot be listed: {last_line(error)}") from None
    if not names:
        raise ConfigurationError("the project has no stacks: make one with `pulumi stack init NAME`")
    return names


def not_both(named: Sequence[str], every: bool) -> bool:
    """Return whether stacks are named.

    Raises:
        ConfigurationError: stacks are named, and every one is asked for as well.
    """
    if named and every:
        raise ConfigurationError("give --stack or --all, not both")
    return bool(named)
