"""How resources are registered with the engine: nothing needless in their state, nothing needless in the waiting."""

import asyncio
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache


@contextmanager
def without_source_positions() -> Iterator[None]:
    """Declare resources without the stack trace that Pulumi's SDK would store with each of them.

    That trace is a third of a key's state: a dozen paths of the machine that deployed last, serialised anew with every
    checkpoint. The SDK has no setting for it, but like all of Python it goes by `sys.tracebacklimit`.
    """
    before = getattr(sys, "tracebacklimit", None)
    sys.tracebacklimit = 1
    try:
        yield
    finally:
        if before is None:
            del sys.tracebacklimit
        else:
            sys.tracebacklimit = before


@cache
def begin_registering() -> bool:
    """Let the registrations declared so far begin, once in a process; return whether that could be done.

    At a program's end the SDK waits for the registrations that have begun, one after another, and then for its
    outputs, all of them again for each that comes in. Where none has begun it starts with the outputs, and the waiting
    costs the square of their number: half of a program's time at 200 keys, nearly all of it at 1000. The event loop
    must have turned once for one to have begun; the way to turn it is the SDK's own, the one that its synchronous
    function calls use, and private. Without it everything works as before.
    """
    try:
        from pulumi.runtime.sync_await import _sync_await  # noqa: PLC0415 - private, so it may be gone
    except ImportError:
        return False
    _sync_await(asyncio.sleep(0))
    return True
