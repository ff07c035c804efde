"""A preview whose program and host begin with everything imported, so that many stacks pay for the imports once.

Most of a small stack's preview is two Python processes importing pulumi, pulumi-aws and this package. Here one process
imports them (multiprocessing's fork server), and each stack's program and host are forked from it: every stack has
processes of its own, with nothing that another stack's program left behind.

The program is handed to the engine as the Automation API hands over any inline program; the host as one that the
engine attaches to (PULUMI_DEBUG_PROVIDERS, https://www.pulumi.com/docs/iac/guides/building-extending/providers/).
"""

import multiprocessing
import os
import runpy
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache, partial
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext
from pathlib import Path
from typing import Any

from pulumi.automation import ProjectRuntimeInfo, ProjectSettings

from ...api.errors import ConfigurationError
from ...host.attached import attached_host
from ..host_override import EXECUTABLE, INSTALLED, PLUGIN, named_host
from ..stack.opening import UnselectingWorkspace
from .plan import PlannedResource, PreviewFailed, preview

_IMPORTED = (
    "openrouter_provider.cli",
    "openrouter_provider.host.__main__",
    "openrouter_provider.operations.drift.plan",
    "openrouter_provider.program.declare",
    "openrouter_provider.program.load",
    "openrouter_provider.resources.api_key",
    "openrouter_provider.resources.superseded_keys",
    "pulumi_aws.secretsmanager",
)
"""What a stack's program and host would import, each for itself; what isn't installed the fork server passes over."""
_ATTACH = "PULUMI_DEBUG_PROVIDERS"


def warm_preview(workspace: UnselectingWorkspace, stack: str) -> list[PlannedResource]:
    """Return what `preview` returns; where the program can't be run by this Python, Pulumi starts it as ever.

    Args:
        workspace: the project's, with the environment of its preview.
        stack: its name.

    Raises:
        PreviewFailed: there is no such stack, or the preview broke off; has what was said before.
    """
    project = Path(workspace.work_dir)
    server = _fork_server()
    if server is None or not runs_here(workspace.project_settings(), project):
        return preview(workspace, stack)
    receiving, sending = server.Pipe(duplex=False)
    task = partial(_previewed, workspace, stack, serves_here(project))
    child = server.Process(target=_answer, args=(sending, task))
    child.start()
    sending.close()
    try:
        found, failed = receiving.recv()
    except EOFError:
        raise PreviewFailed(f"stack {stack}: the preview ended early") from None
    finally:
        receiving.close()
        child.join()
    if failed is not None:
        raise PreviewFailed(failed, found)
    return list(found)


@cache
def _fork_server() -> ForkServerContext | None:
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return None  # As on Windows.
    server = multiprocessing.get_context("forkserver")
    server.set_forkserver_preload([*_IMPORTED])
    return server


def runs_here(settings: ProjectSettings, project: Path) -> bool:
    """Return whether a project's program would be run by this very Python, in the project's own folder.

    Args:
        settings: those of its Pulumi.yaml.
        project: its folder.
    """
    runtime = settings.runtime
    if not isinstance(runtime, ProjectRuntimeInfo) or runtime.name != "python" or settings.main:
        return False
    options = dict(runtime.options or {})
    environment, toolchain = options.pop("virtualenv", None), options.pop("toolchain", "pip")
    here = environment is not None and (project / str(environment)).resolve() == Path(sys.prefix).resolve()
    return here and toolchain == "pip" and not options


def serves_here(project: Path) -> bool:
    """Return whether a project's Pulumi.yaml names this package's host, as it is installed beside this Python."""
    try:
        folder = named_host(project)
    except ConfigurationError:
        return False  # The preview will say so in its own words.
    ours = Path(sys.prefix) / INSTALLED
    return folder is not None and folder.resolve() == ours.resolve() and os.access(folder / EXECUTABLE, os.X_OK)


def _answer(sending: Connection, task: Any) -> None:
    """Send what a task returns, from its own process; what the program prints goes nowhere."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for descriptor in (1, 2):
        os.dup2(nowhere, descriptor)
    with sending:
        sending.send(task())


def _previewed(
    workspace: UnselectingWorkspace, stack: str, serves: bool
) -> tuple[tuple[PlannedResource, ...], str | None]:
    project = Path(workspace.work_dir)
    os.chdir(project)
    os.environ.update(workspace.env_vars)
    try:
        with _host_of_our_own(serves) as more:
            workspace.env_vars = {**workspace.env_vars, **more}
            return tuple(preview(workspace, stack, partial(_run_program, project))), None
    except PreviewFailed as failed:
        return failed.resources, str(failed)


@contextmanager
def _host_of_our_own(serves: bool) -> Iterator[Mapping[str, str]]:
    """Yield the variable that tells an engine of a host of this process's own, where one is to serve."""
    others = os.environ.get(_ATTACH, "")
    if not serves or f"{PLUGIN}:" in others:
        yield {}
        return
    with attached_host() as port:
        yield {_ATTACH: ",".join(filter(None, (others, f"{PLUGIN}:{port}")))}


def _run_program(project: Path) -> None:
    """Run the project's program as Pulumi's language host does: its folder, and __main__.py in it."""
    runpy.run_path(str(project), run_name="__main__")
