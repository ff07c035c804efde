"""A refresh preview whose program and host are forked with everything imported."""

import os
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from ..drift.plan import PlannedResource, PreviewFailed, preview
from ..stack.opening import UnselectingWorkspace
from .forking import forked, host_of_our_own, run_program, server_for, serves_here, write_to


def warm_preview(workspace: UnselectingWorkspace, stack: str) -> list[PlannedResource]:
    """Return what `preview` returns; where the program can't be run by this Python, Pulumi starts it as ever.

    Args:
        workspace: the project's, with the environment of its preview.
        stack: its name.

    Raises:
        PreviewFailed: there is no such stack, or the preview broke off; has what was said before.
    """
    project = Path(workspace.work_dir)
    server = server_for(workspace.project_settings(), project)
    if server is None:
        return preview(workspace, stack)
    try:
        with forked(server, _answer, partial(_previewed, workspace, stack, serves_here(project))) as answer:
            found, failed = answer.recv()
    except EOFError:
        raise PreviewFailed(f"stack {stack}: the preview ended early") from None
    if failed is not None:
        raise PreviewFailed(failed, found)
    return list(found)


def _answer(sending: Connection, task: Any) -> None:
    """Send what a task returns, from its own process; what the program prints goes nowhere."""
    write_to(os.devnull)
    with sending:
        sending.send(task())


def _previewed(
    workspace: UnselectingWorkspace, stack: str, serves: bool
) -> tuple[tuple[PlannedResource, ...], str | None]:
    project = Path(workspace.work_dir)
    os.chdir(project)
    os.environ.update(workspace.env_vars)
    try:
        with host_of_our_own(serves) as more:
            workspace.env_vars = {**workspace.env_vars, **more}
            return tuple(preview(workspace, stack, partial(run_program, project))), None
    except PreviewFailed as failed:
        return failed.resources, str(failed)
