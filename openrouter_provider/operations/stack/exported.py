"""A stack's state as a whole: exported with its secrets encrypted, imported again, and its lock.

The Automation API's own export decrypts every secret, and its import writes what it is given to a temporary file;
here the ciphertext stays as it is. All commands run through the workspace's pulumi.
"""

import json
import os
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from pulumi.automation import CommandError, LocalWorkspace

from ...api.errors import ConfigurationError, OpenRouterError
from .deployment import exported_state, run_pulumi
from .history import History, backend_folder, unwritten_attributes
from .locks import Lock, locks_in, parse_lock
from .stacks import last_line

BACKUP_FOLDER = ".pulumi-recover"
BACKUP_SUFFIX = ".stack-export.json"
RUNS_LOOKED_AT = "100"


class StateNotRepaired(OpenRouterError):
    """The state could not be read or written; says why in one line."""


class StackState:
    """One stack's state and lock.

    Args:
        workspace: the project's workspace.
        name: the stack's name.
    """

    def __init__(self, workspace: LocalWorkspace, name: str) -> None:
        self._workspace = workspace
        self.name = name

    @cached_property
    def _url(self) -> str | None:
        try:
            return self._workspace.who_am_i().url
        except CommandError as error:
            raise ConfigurationError(f"the backend cannot be read: {last_line(error)}") from None

    def mend(self) -> None:
        """Delete what a kill left unwritten in a file backend and no command could read; on others do nothing.

        Raises:
            ConfigurationError: the backend cannot be read.
        """
        folder = backend_folder(self._url)
        for path in unwritten_attributes(folder, self.name) if folder else []:
            path.unlink(missing_ok=True)

    def export(self) -> dict[str, Any]:
        """Return the exported state; its secrets stay encrypted.

        Raises:
            ConfigurationError: no such stack, or the backend cannot be read.
        """
        exported = exported_state(self._workspace, self.name)
        return {**exported, "deployment": exported.get("deployment") or {}}

    def replace(self, exported: dict[str, Any]) -> None:
        """Import an edited export. Whatever it holds, pulumi's import leaves no pending operation.

        Raises:
            StateNotRepaired: the stack is locked, or pulumi refuses the state.
        """
        path = self._write(exported, "edited")
        try:
            self._pulumi("stack", "import", "--file", str(path.absolute()))
        except CommandError as error:
            raise StateNotRepaired(
                f"stack {self.name} was not repaired: {last_line(error)}; run recover again, it continues"
            ) from None
        finally:
            path.unlink(missing_ok=True)

    def back_up(self, exported: dict[str, Any]) -> Path:
        """Write an export to a file of its own that only its owner can read, and return its path.

        Raises:
            StateNotRepaired: it can't be written.
        """
        return self._write(exported, f"{datetime.now(UTC):%Y%m%dT%H%M%S.%fZ}")

    def _write(self, exported: dict[str, Any], mark: str) -> Path:
        folder = Path(self._workspace.work_dir) / BACKUP_FOLDER
        path = folder / f"{self.name.replace('/', '_')}-{mark}{BACKUP_SUFFIX}"
        try:
            folder.mkdir(mode=0o700, exist_ok=True)
            path.unlink(missing_ok=True)
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w") as file:
                json.dump(exported, file, indent=2)
        except OSError as error:
            raise StateNotRepaired(
                f"stack {self.name} was not repaired: {folder} can't be written: {error.strerror}; "
                "make room or mend its rights, and run recover again, it continues"
            ) from None
        return path

    def history(self) -> History:
        """Return the latest runs, the newest first; a killed one is in no history, its lock tells of it.

        Raises:
            ConfigurationError: the backend cannot be read.
        """
        try:
            text = self._pulumi("stack", "history", "--json", "--page-size", RUNS_LOOKED_AT, "--page", "1")
        except CommandError as error:
            raise ConfigurationError(f"stack {self.name}: its history cannot be read: {last_line(error)}") from None
        history: History = json.loads(text)
        return history

    def lock(self) -> Lock | None:
        """Return the lock that an update holds or left behind, None where the stack is free. Nothing is written.

        Pulumi has no command that asks for a lock. Pulumi Cloud lists which stacks are being updated. The other
        backends refuse to rename a stack to its own name: because of the lock, or else because the name is taken.

        Raises:
            ConfigurationError: the backend gave another answer.
        """
        # A listing of another backend reads every stack of it, and fails for any that is damaged.
        updating = self._is_updating_in_cloud() if (self._url or "").startswith("http") else None
        if updating is not None:
            return Lock("an update that Pulumi Cloud has in progress") if updating else None
        try:
            self._pulumi("stack", "rename", self.name)
        except CommandError as error:
            text = str(error)
        else:
            return None
        found = parse_lock(text)
        if found is None and "already exists" not in text:
            raise ConfigurationError(f"stack {self.name}: its lock cannot be read: {text.splitlines()[-1]}")
        return found

    def seen_lock(self, *, interrupted: bool) -> Lock | None:
        """Return the lock for a command that only looks, None where there is none or that can't be told.

        To ask as `lock` does takes a lock for a moment, in which no run can begin. So a file backend's folder is looked
        into instead, and another backend is asked only where something was interrupted.

        Args:
            interrupted: whether the state has operations that a run did not end.
        """
        try:
            folder = backend_folder(self._url)
            if folder:
                return next(locks_in(folder, self._workspace.project_settings().name, self.name), None)
            return self.lock() if interrupted or (self._url or "").startswith("http") else None
        except ConfigurationError:
            return None

    def _is_updating_in_cloud(self) -> bool | None:
        """Return whether Pulumi Cloud is updating the stack, None where it does not list it."""
        short = self.name.rpartition("/")[2]
        try:
            summaries = [summary for summary in self._workspace.list_stacks() if summary.url]
        except CommandError as error:
            raise ConfigurationError(f"stack {self.name}: its lock cannot be read: {last_line(error)}") from None
        for summary in summaries:
            if summary.name.rpartition("/")[2] == short:
                return bool(summary.update_in_progress)
        return None

    def clear_lock(self) -> None:
        """Take the lock away.

        Raises:
            StateNotRepaired: pulumi could not.
        """
        try:
            self._pulumi("cancel", "--yes")
        except CommandError as error:
            raise StateNotRepaired(f"the lock of stack {self.name} was not cleared: {last_line(error)}") from None

    def _pulumi(self, *arguments: str) -> str:
        return run_pulumi(self._workspace, self.name, *arguments)
