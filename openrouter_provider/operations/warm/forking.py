"""One process that has imported what a stack's program and host need, and the processes forked from it.

Most of a small stack's run is two Python processes importing pulumi, pulumi-aws and this package. Here one process
imports them (multiprocessing's fork server), and each stack's program and host are forked from it: every stack has
processes of its own, with nothing that another stack's program left behind.

The program is handed to the engine as the Automation API hands over any inline program; the host as one that the
engine attaches to (PULUMI_DEBUG_PROVIDERS, https://www.pulumi.com/docs/iac/guides/building-extending/providers/).
"""

import multiprocessing
import os
import runpy
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext
from pathlib import Path
from typing import Any

from pulumi.automation import ProjectRuntimeInfo, ProjectSettings

from ...api.errors import ConfigurationError
from ...host.attached import attached_host
from ..host_override import EXECUTABLE, INSTALLED, PLUGIN, named_host

_IMPORTED = (
    "openrouter_provider.cli",
    "openrouter_provider.host.__main__",
    "openrouter_provider.host.inline",
    "openrouter_provider.operations.warm.previewing",
    "openrouter_provider.operations.warm.serving",
    "openrouter_provider.program.declare",
    "openrouter_provider.program.load",
    "openrouter_provider.resources.api_key",
    "openrouter_provider.resources.superseded_keys",
    "pulumi_aws.secretsmanager",
)
"""What a stack's program and host would import, each for itself; what isn't installed the fork server passes over."""
_ATTACH = "PULUMI_DEBUG_PROVIDERS"


@cache
def fork_server() -> ForkServerContext | None:
    """Return what forks from the one process that has imported everything; None where there is no such thing."""
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


def server_for(settings: ProjectSettings, project: Path) -> ForkServerContext | None:
    """Return what forks a project's program; None where it has to be left to Pulumi."""
    server = fork_server()
    return server if server and runs_here(settings, project) else None


@contextmanager
def forked(server: ForkServerContext, task: Callable[..., None], *arguments: Any) -> Iterator[Connection]:
    """Yield this end of a pipe to a new process that runs the task, which gets the other end first.

    When the block ends this end is closed, and the process awaited.
    """
    ours, theirs = server.Pipe()
    child = server.Process(target=task, args=(theirs, *arguments))
    child.start()
    theirs.close()
    try:
        yield ours
    finally:
        ours.close()
        child.join()


@contextmanager
def host_of_our_own(serves: bool) -> Iterator[Mapping[str, str]]:
    """Yield the variable that tells an engine of a host of this process's own, where one is to serve."""
    others = os.environ.get(_ATTACH, "")
    if not serves or f"{PLUGIN}:" in others:
        yield {}
        return
    with attached_host() as port:
        yield {_ATTACH: ",".join(filter(None, (others, f"{PLUGIN}:{port}")))}


def write_to(output: Path | str) -> None:
    """Let what this process and those that it forks print go into a file."""
    opened = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    for descriptor in (1, 2):
        os.dup2(opened, descriptor)
    os.close(opened)


def run_program(project: Path) -> None:
    """Run the project's program as Pulumi's language host does: its folder, and __main__.py in it."""
    runpy.run_path(str(project), run_name="__main__")
