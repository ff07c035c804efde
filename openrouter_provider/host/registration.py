"""How resources are registered with the engine: nothing needless in their state, nothing needless in the waiting."""

import asyncio
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from .debug_messages import gather_debug_messages
from .process import collect_seldom

FIRST_REGISTRATION_SECONDS = 0.02
"""How long the first registration takes, with room to spare, to reach the engine: 13 ms on a slow core."""


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
def begin_registering() -> None:
    """Let the engine work while the program still declares; called by the first key's declaration, at its end.

    The SDK registers nothing before the program ends, unless its event loop turns earlier. It turns here until the
    key is on its way: the engine starts the provider process, which takes longest, while the program declares the
    rest. It helps at the end as well. There the SDK waits for the registrations that have begun, one after another,
    and then for its outputs, all of them again for each that comes in. Where none has begun it starts with the
    outputs, and the waiting costs the square of their number: half of a program's time at 200 keys, nearly all of it
    at 1000.
    """
    collect_seldom()
    gather_debug_messages()
    turn_event_loop(FIRST_REGISTRATION_SECONDS)


def turn_event_loop(seconds: float) -> bool:
    """Let what was declared so far be registered for so long; return whether that could be done.

    The way to turn the loop is the SDK's own, the one that its synchronous function calls use, and private. Without
    it everything works as before, only later.
    """
    try:
        from pulumi.runtime.sync_await import _sync_await  # noqa: PLC0415 - private, so it may be gone
    except ImportError:
        return False
    _sync_await(asyncio.sleep(seconds))
    return True
