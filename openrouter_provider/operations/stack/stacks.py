"""What a deployed stack says of its services, read through Pulumi's Automation API; nothing here writes."""

import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path
from typing import Any

from pulumi.automation import CommandError, LocalWorkspace, PulumiCommand

from ...api.errors import ConfigurationError
from ...api.scrub import without_keys
from ...config.problems import StackConfigError
from ...config.sharing.environment import stacks_of_environment
from ...config.source import read_config
from ...config.stack import StackConfig
from ...settings import resolve_base_url


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
class DeployedService:
    """What the stack exports of one service; identifiers and limits, never a value."""

    name: str
    key_hash: str
    key_name: str
    key_label: str
    secret_reference: str
    secret_name: str
    limit: float | None = None
    limit_reset: str | None = None
    disabled: bool = False
    expires_at: str | None = None
    generation: int = 1
    rotated_at: str | None = None
    next_rotation_at: str | None = None


@dataclass(frozen=True)
class DeployedStack:
    """A stack as it was last deployed, and what its config declares.

    Attributes:
        name: its name.
        base_url: the API's.
        services: those that it exports.
        config: what its config declares; None where the config is wrong.
    """

    name: str
    base_url: str
    services: tuple[DeployedService, ...]
    config: StackConfig | None = field(default=None, repr=False)


def read_stack(project: Path, stack: str | None = None) -> DeployedStack:
    """Return the stack as it was last deployed.

    Args:
        project: the folder with Pulumi.yaml.
        stack: its name; None for the selected one.

    Raises:
        ConfigurationError: no such project or stack, or it was never deployed with this program.
    """
    workspace = open_workspace(project)
    name = stack or selected_stack(workspace)
    try:
        outputs = workspace.stack_outputs(name)
        config = workspace.get_all_config(name)
    except CommandError as error:
        raise ConfigurationError(f"stack {name}: {last_line(error)}; see `pulumi stack ls`") from None
    if "services" not in outputs:
        raise ConfigurationError(f"stack {name} exports no services: deploy it first with `pulumi up`")
    values = {key: value.value for key, value in config.items()}
    base_url = resolve_base_url(values.get, os.environ)
    declared = declared_config(values.get, project, name, workspace.project_settings().name)
    return DeployedStack(name, base_url, services_of(name, outputs["services"].value), declared)


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


def services_of(stack: str, exported: Mapping[str, Mapping[str, Any]]) -> tuple[DeployedService, ...]:
    """Return what a stack's output `services` says.

    Raises:
        ConfigurationError: it has another form, as after a state was edited by hand.
    """
    try:
        return tuple(_service(name, values) for name, values in sorted(exported.items()))
    except (KeyError, TypeError, ValueError, AttributeError):
        hint = "was the state edited by hand? `pulumi up --refresh` writes it anew"
        raise ConfigurationError(
            f"stack {stack}: its output `services` lacks what this program writes; {hint}"
        ) from None


def _service(name: str, values: Mapping[str, Any]) -> DeployedService:
    return DeployedService(
        name=name,
        key_hash=_text(values["keyHash"]),
        key_name=_text(values["keyName"]),
        key_label=_text(values["keyLabel"]),
        secret_reference=_text(values.get("secretArn") or values["secretReference"]),
        secret_name=_text(values["secretName"]),
        limit=values.get("limit"),
        limit_reset=values.get("limitReset"),
        disabled=bool(values.get("disabled")),
        expires_at=values.get("expiresAt"),
        generation=int(values.get("generation") or 1),
        rotated_at=values.get("rotatedAt"),
        next_rotation_at=values.get("nextRotationAt"),
    )


def _text(value: object) -> str:
    """Return an identifier or a name; a state edited by hand may hold anything, and an old one a key as a name."""
    if not isinstance(value, str):
        raise TypeError
    return without_keys(value)
