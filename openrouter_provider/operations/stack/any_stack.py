"""A stack as far as there is one: deployed, only made, or not there at all, as before the first `pulumi up`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pulumi.automation import CommandError, LocalWorkspace

from ...api.client import ManagementClient
from ...api.errors import ConfigurationError
from ...settings import resolve_settings
from .deployment import config_values
from .stacks import exported_state, open_workspace


@dataclass(frozen=True)
class AnyStack:
    """What is known of a stack.

    Attributes:
        name: its name; empty where none is named or selected.
        config: its config in the clear, by full key; empty where there is no such stack.
        state: its exported state; empty where there is none.
        exists: whether the backend has it.
    """

    name: str
    config: Mapping[str, str] = field(default_factory=dict, repr=False)
    state: Mapping[str, Any] = field(default_factory=dict, repr=False)
    exists: bool = True

    def client(self) -> ManagementClient:
        """Return a client of its account that gives up within seconds.

        Raises:
            ConfigurationError: neither the config nor the environment has a management key.
        """
        return resolve_settings(self.config.get).quick_client()


def find_stack(project: Path, stack: str | None) -> AnyStack:
    """Return what there is of a stack.

    Args:
        project: the folder with Pulumi.yaml.
        stack: its name; None for the selected one, where one is.

    Raises:
        ConfigurationError: no such project, or the stack is there and can't be read.
    """
    workspace = open_workspace(project)
    name = stack or _selected(workspace)
    if not name:
        return AnyStack("", exists=False)
    try:
        return AnyStack(name, config_values(workspace, name), exported_state(workspace, name))
    except ConfigurationError:
        if not _is_missing(workspace, name):
            raise
    return AnyStack(name, exists=False)


def _selected(workspace: LocalWorkspace) -> str:
    try:
        summary = workspace.stack()
    except CommandError:
        return ""  # Whoever needs a stack is told so; the account alone needs none.
    return summary.name if summary else ""


def _is_missing(workspace: LocalWorkspace, stack: str) -> bool:
    """Return whether the backend answers and has no such stack."""
    try:
        names = {summary.name.rpartition("/")[2] for summary in workspace.list_stacks()}
    except CommandError:
        return False
    return stack.rpartition("/")[2] not in names
