"""The states and config files of the two stacks, through pulumi: decrypted values go through pipes alone."""

import json
import os
import socket
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pulumi.automation import CommandError, LocalWorkspace

from ...api.errors import ConfigurationError, OpenRouterError
from ...config.source import read_config
from ..stack.exported import StackState
from ..stack.locks import Lock
from ..stack.stacks import error_in, last_line
from .same_meaning import Side
from .stack_file import head_of, settings_of

CONFIG_HEAD = ("secretsprovider", "encryptedkey", "encryptionsalt")
"""What a stack's config file says of how its secrets are encrypted."""


class MoveFailed(OpenRouterError):
    """A move could not be made, or not be ended; says what was done and how to go on, in one line."""


class MovableState(StackState):
    """A stack's state that services can be taken out of and put into."""

    def decrypted(self) -> dict[str, Any]:
        """Return the exported state with its secrets in the clear; to be kept in memory alone.

        Raises:
            ConfigurationError: no such stack, or its secrets can't be decrypted.
        """
        try:
            exported: dict[str, Any] = json.loads(self._pulumi("stack", "export", "--show-secrets"))
        except CommandError as error:
            raise ConfigurationError(f"stack {self.name}: {last_line(error)}; see `pulumi stack ls`") from None
        return {**exported, "deployment": exported.get("deployment") or {}}

    def take_in(self, exported: Mapping[str, Any]) -> None:
        """Import an edited export through a pipe; what is not encrypted in it is encrypted as this stack does it.

        Raises:
            MoveFailed: the stack is locked, or pulumi refuses the state.
        """
        code, output = piped(self._workspace, json.dumps(exported), "stack", "import", "--stack", self.name)
        if code:
            cause = error_in(output.splitlines()) or "pulumi failed"
            raise MoveFailed(f"the state of stack {self.name} was not changed: {cause}")

    def is_left_locked(self, lock: Lock) -> bool:
        """Return whether the process that took a lock is known to have died on this machine."""
        return lock.host == socket.gethostname() and bool(lock.pid) and not lock.is_alive()


def piped(workspace: LocalWorkspace, text: str, *arguments: str) -> tuple[int, str]:
    """Run pulumi with a text that it reads from a pipe; return its exit code and what it said on stderr."""
    home = {"PULUMI_HOME": workspace.pulumi_home} if workspace.pulumi_home else {}
    finished = subprocess.run(
        [workspace.pulumi_command.command, *arguments, "--non-interactive"],
        cwd=workspace.work_dir,
        env={**os.environ, **home, **workspace.env_vars},
        input=text,
        text=True,
        capture_output=True,
        check=False,
    )
    return finished.returncode, finished.stderr


def file_of(stack: str) -> str:
    """Return the name of a stack's config file."""
    return f"Pulumi.{stack.rpartition('/')[2]}.yaml"


def read_text(path: Path) -> str | None:
    """Return a file's text; None where there is no such file.

    Raises:
        ConfigurationError: it can't be read.
    """
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    except (OSError, ValueError):
        raise ConfigurationError(f"{path} can't be read: mend its rights, or its encoding") from None


def config_in(workspace: LocalWorkspace, stack: str, text: str) -> dict[str, str]:
    """Return what pulumi reads in a config file of that text, in the clear, by full name.

    Raises:
        MoveFailed: it can't be read, or what is secret in it can't be decrypted.
    """
    with tempfile.TemporaryDirectory(prefix="openrouter-keys-") as folder:
        path = Path(folder) / file_of(stack)
        path.write_text(text, encoding="utf-8")
        arguments = ["config", "--json", "--show-secrets", "--stack", stack, "--config-file", str(path)]
        try:
            answer = workspace.pulumi_command.run(arguments, workspace.work_dir, workspace.env_vars).stdout
        except CommandError as error:
            raise MoveFailed(f"the config of stack {stack} would not be readable: {last_line(error)}") from None
    found: Mapping[str, Mapping[str, Any]] = json.loads(answer or "{}")
    return {name: str(each["value"]) for name, each in found.items() if "value" in each}


def side_of(workspace: LocalWorkspace, stack: str, values: Mapping[str, str]) -> Side:
    """Return a stack by its config; one that was only just made may say nothing of services yet."""
    project, raw = workspace.project_settings().name, read_config(values.get, Path(workspace.work_dir))
    side = Side(stack, project, raw, values)
    return side.with_services({}) if raw.settings.get("services") is None else side


def encrypted_for(workspace: LocalWorkspace, stack: str, text: str, value: str) -> dict[str, str]:
    """Return a value as `{secure: …}`, encrypted as a stack's config file says.

    Args:
        workspace: the project's.
        stack: the stack.
        text: the text of its config file.
        value: what is secret.

    Raises:
        MoveFailed: it can't be encrypted for that stack.
    """
    with tempfile.TemporaryDirectory(prefix="openrouter-keys-") as folder:
        path = Path(folder) / file_of(stack)
        path.write_text(head_of(text, CONFIG_HEAD), encoding="utf-8")
        arguments = ("config", "set", "--secret", "moved:value", "--stack", stack, "--config-file", str(path))
        code, output = piped(workspace, value, *arguments)
        if code:
            raise MoveFailed(f"nothing can be encrypted for stack {stack}: {error_in(output.splitlines())}")
        found: dict[str, str] = settings_of(path.read_text(encoding="utf-8"), path.name)["moved:value"]
    return found
