"""A program and a host that stand ready before Pulumi begins, for a command of Pulumi's that would start both."""

import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path

from pulumi.automation import ProjectSettings

from ...host.inline import served_program
from .forking import forked, host_of_our_own, run_program, server_for, serves_here, write_to

_INLINE = "--exec-kind=auto.inline"


@dataclass(frozen=True)
class WarmStart:
    """What Pulumi is told of what stands ready; nothing where it has to start both itself.

    Attributes:
        words: more words of its command line.
        environment: more variables.
    """

    words: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)


@contextmanager
def standing_ready(
    settings: ProjectSettings, project: Path, printed: Path, *, program: bool = True
) -> Iterator[WarmStart]:
    """Yield what Pulumi needs to know of a stack's program and host; they are there until the block ends.

    Args:
        settings: those of the project's Pulumi.yaml.
        project: its folder.
        printed: the file that takes what program and host print.
        program: whether the command runs the program at all.
    """
    server = server_for(settings, project)
    if server is None:
        yield WarmStart()
        return
    with forked(server, _stand, project, printed, program, serves_here(project)) as ours:
        yield _told(ours)


def _told(ours: Connection) -> WarmStart:
    try:
        told: WarmStart = ours.recv()
    except EOFError:
        return WarmStart()  # It could not begin; what is wrong, Pulumi's own start will say.
    return told


def _stand(waiting: Connection, project: Path, printed: Path, program: bool, serves: bool) -> None:
    """Be a stack's program and host until the other end is closed."""
    # A terminal's Ctrl-C is for the engine alone, which tells its program and host to come to an end.
    os.setpgid(0, 0)
    write_to(printed)
    os.chdir(project)
    with ExitStack() as opened:
        environment = opened.enter_context(host_of_our_own(serves))
        words: tuple[str, ...] = ()
        with suppress(ImportError):
            if program:
                port = opened.enter_context(served_program(partial(run_program, project)))
                words = (f"--client=127.0.0.1:{port}", _INLINE)
        waiting.send(WarmStart(words, environment))
        with suppress(EOFError, OSError):
            waiting.recv()
