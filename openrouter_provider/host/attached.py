"""A host that this process forks and an engine attaches to, instead of starting one."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

_LONGEST_PORT = 8


@contextmanager
def attached_host() -> Iterator[int]:
    """Yield the port of a host that ends with the block; for a process with one thread, in the project's folder.

    Raises:
        ChildProcessError: it did not begin.
    """
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        _serve(writing)
    os.close(writing)
    try:
        said = os.read(reading, _LONGEST_PORT).strip()
        if not said.isdigit():
            raise ChildProcessError("the host of dynamic resources did not begin")
        yield int(said)
    finally:
        os.close(reading)  # The host ends when nobody is left to read this.
        os.waitpid(child, 0)


def _serve(writing: int) -> None:
    """Be the host until whoever holds the other end of the pipe goes; never returns."""
    try:
        os.dup2(writing, 1)
        os.close(writing)
        sys.stdout = os.fdopen(1, "w", closefd=False)
        from .__main__ import main  # noqa: PLC0415 - gRPC belongs in the process that serves

        main()
    finally:
        os._exit(1)
