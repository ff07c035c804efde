"""What a deployed stack says of its services, read through Pulumi's Automation API; nothing here writes."""

import json
import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path
from typing import Any

from pulumi.automation import CommandError, LocalWorkspace, PulumiCommand

from ...api.errors import ConfigurationError
from ...config.problems import StackConfigError
from ...config.sharing.environment import stacks_of_environment
from ...config.source import read_config
from ...config.stack import StackConfig
from ...settings import PROJECT, resolve_base_url
from ...stores.value import Access
from .components import (
    Components,
    DeployedService,
    components_in,
    exported_services,
    in_the_clear,
    is_encrypted,
    is_ours,
    services_of,
)
from .holders import accesses_in

__all__ = [
    "DeployedService",
    "DeployedStack",
    "declared_config",
    "error_in",
    "explained",
    "exported_state",
    "last_line",
    "open_workspace",
    "plainly",
    "read_stack",
    "run_pulumi",
    "selected_stack",
    "services_of",
]


def declared_config(
    get: Callable[[str], str | None], project: Path, stack: str, project_name: str
) -> StackConfig | None:
    """Return the checked config; None where it is wrong, which every preview says in full.

    A program of a user's own, which declares its services itself, has none in its config.

    Args:
        get: returns the text of a full config key, None where it is not set.
        project: the project's folder.
        stack: the stack's name, with or without its organisation.
        project_name: the project's name.
    """
    short = stack.rpartition("/")[2]
    siblings = partial(stacks_of_environment, project, short, project_name)
    try:
        return read_config(get, project).parsed(short, project_name, siblings)
    except StackConfigError:
        return None


_COUNTED = re.compile(r"\d+ errors? occurred:")
_WRAPPED = re.compile(r"\S+\.go:\d+: sdk\.helper_schema: (.*?)(?:: provider=\S+)?", re.DOTALL)
CUT_OFF = "unexpected end of JSON input"
"""What Pulumi says of a state that a full disk cut off."""


@dataclass(frozen=True)
class DeployedStack:
    """A stack as it was last deployed, and what its config declares.

    Attributes:
        name: its name.
        base_url: the API's.
        services: those that it exports or has as ServiceKey components.
        config: what its config declares; None where the config is wrong.
        unfinished: ServiceKey components whose deployment did not get to its end.
        has_no_config: whether the program is one of a user's own, which has no setting of this project's.
        pending: the operations that a run left unfinished.
        accesses: by its reference, how a secret is reached where the reference alone doesn't tell its store.
    """

    name: str
    base_url: str
    services: tuple[DeployedService, ...]
    config: StackConfig | None = field(default=None, repr=False)
    unfinished: tuple[str, ...] = ()
    has_no_config: bool = False
    pending: tuple[Mapping[str, Any], ...] = field(default=(), repr=False)
    accesses: Mapping[str, Access] = field(default_factory=dict, repr=False)


def read_stack(project: Path, stack: str | None = None) -> DeployedStack:
    """Return the stack as it was last deployed, by this project's program or by any other that has ServiceKeys.

    Args:
        project: the folder with Pulumi.yaml.
        stack: its name; None for the selected one.

    Raises:
        ConfigurationError: no such project or stack, or nothing in it is of this package.
    """
    workspace = open_workspace(project)
    name = stack or selected_stack(workspace)
    exported, components, deployment = _services_in(workspace, name)
    pending = tuple(deployment.get("pending_operations") or ())
    try:
        values = {key: value.value for key, value in workspace.get_all_config(name).items()}
    except CommandError as error:
        raise ConfigurationError(f"stack {name}: {last_line(error)}; see `pulumi stack ls`") from None
    found = components.whole or components.unfinished
    if exported is None and not found:
        way = f"recover it with `openrouter-keys recover --stack {name}`" if pending else "deploy it with `pulumi up`"
        raise ConfigurationError(f"stack {name} exports no services and has no ServiceKey: {way}")
    # The output of another program may be called `services` as well.
    ours = {} if exported is None or (found and not is_ours(exported)) else exported
    settings = workspace.project_settings()
    services = services_of(name, {**components.whole, **ours} if is_ours(ours) else ours)
    return DeployedStack(
        name=name,
        base_url=resolve_base_url(values.get, os.environ),
        services=services,
        config=declared_config(values.get, project, name, settings.name),
        unfinished=tuple(each for each in components.unfinished if each not in ours),
        has_no_config=not any(key.startswith(f"{PROJECT}:") for key in (*values, *(settings.config or {}))),
        pending=pending,
        accesses=accesses_in(deployment, [each.secret_reference for each in services], values.get),
    )


def _services_in(workspace: LocalWorkspace, stack: str) -> tuple[Any, Components, Mapping[str, Any]]:
    """Return the stack's output `services`, its components, and the whole deployment.

    The secrets of the state stay encrypted, unless a name or a limit is one of them: it came of a secret setting.
    """
    state = exported_state(workspace, stack)
    exported, components = exported_services(state), components_in(state)
    if is_encrypted(exported) or is_encrypted(components.whole):
        shown = exported_state(workspace, stack, "--show-secrets")
        exported, components = in_the_clear(exported_services(shown)), components_in(in_the_clear(shown))
    return exported, components, state.get("deployment") or {}


def run_pulumi(workspace: LocalWorkspace, stack: str, *arguments: str) -> str:
    """Return what a command of Pulumi for a stack prints, run as the workspace's own commands are.

    Raises:
        CommandError: it failed.
    """
    home = {"PULUMI_HOME": workspace.pulumi_home} if workspace.pulumi_home else {}
    command = [*arguments, "--stack", stack]
    return workspace.pulumi_command.run(command, workspace.work_dir, {**home, **workspace.env_vars}).stdout


def exported_state(workspace: LocalWorkspace, stack: str, *options: str) -> dict[str, Any]:
    """Return the stack's state, secrets encrypted unless an option of the export says otherwise.

    Raises:
        ConfigurationError: there is no such stack, or the backend can't be read.
    """
    # LocalWorkspace.export_stack asks for --show-secrets, and no value is wanted here.
    try:
        text = run_pulumi(workspace, stack, "stack", "export", *options)
    except CommandError as error:
        raise ConfigurationError(f"stack {stack}: {last_line(error)}; see `pulumi stack ls`") from None
    state: dict[str, Any] = json.loads(text)
    return state


def open_workspace(project: Path) -> LocalWorkspace:
    """Return the workspace of a project folder.

    Raises:
        ConfigurationError: the folder holds no Pulumi project, or there is no usable pulumi.
    """
    if not (project / "Pulumi.yaml").is_file():
        raise ConfigurationError(f"{project}: no Pulumi.yaml here; run this in the project's folder, or give --project")
    try:
        return LocalWorkspace(work_dir=str(project), pulumi_command=pulumi_command())
    except Exception as error:  # noqa: BLE001 - the Automation API raises bare exceptions of its own
        raise ConfigurationError(f"pulumi cannot be run: {error}; install it, or put it on PATH") from None


@cache
def pulumi_command() -> PulumiCommand:
    """Return the pulumi on PATH, asked for its version once a process."""
    return PulumiCommand()


def selected_stack(workspace: LocalWorkspace) -> str:
    """Return the name of the selected stack.

    Raises:
        ConfigurationError: none is selected, or the backend cannot be read.
    """
    try:
        summary = workspace.stack()
    except CommandError as error:
        raise ConfigurationError(f"the selected stack cannot be read: {last_line(error)}") from None
    if summary is None:
        raise ConfigurationError("no stack is selected: give --stack NAME, or run `pulumi stack select`")
    return summary.name


def last_line(error: CommandError) -> str:
    """Return the line of a failed command that says why, without the `error:` before it."""
    cause = error_in(str(error).splitlines())
    return explained(cause) if cause else "pulumi failed"


def error_in(lines: Sequence[str]) -> str:
    """Return the last error of a command's output, empty where it tells of none.

    A provider of Pulumi's counts its errors on one line, and says each on a line of its own after that.
    """
    found = [(number, line.partition("error:")[2].strip()) for number, line in enumerate(lines) if "error:" in line]
    number, cause = found[-1] if found else (0, "")
    told = [line.strip().removeprefix("* ") for line in lines[number + 1 :] if line.strip().startswith("* ")]
    return "; ".join(told) if told and _COUNTED.fullmatch(cause) else cause


def plainly(message: str) -> str:
    """Return a diagnostic of Pulumi's without what the code between Pulumi and a provider wraps around it."""
    found = _WRAPPED.fullmatch(message.strip())
    return found[1] if found else message


def explained(cause: str) -> str:
    """Return what Pulumi says, with the way out where its words don't tell it."""
    return f"{cause} (docs/errors.md#broken-state)" if CUT_OFF in cause else cause
