"""How resources are registered with the engine: nothing needless in their state, nothing needless in the waiting.

All of it changes what belongs to the whole process, so that it is done only in a program that asks for it with
`tune_program`. Without it everything works the same, with a larger state and more time.
"""

import asyncio
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from .debug_messages import gather_debug_messages
from .process import collect_seldom, leave_out_httpx_command_line

FIRST_REGISTRATION_SECONDS = 0.02
"""How long the first registration takes, with room to spare, to reach the engine: 13 ms on a slow core."""


@cache
def tune_program() -> None:
    """Make the running Pulumi program faster where it declares many keys; call it once, before the first resource.

    What it changes is the whole process's, and stays until its end:

    - Python looks for garbage after 50,000 new objects instead of its usual 700 or 2,000, and not at all when the
      process ends (`gc.set_threshold`, `atexit`);
    - the debug messages of Pulumi's SDK go to the engine many at a time, by a thread (`atexit` sends the rest);
    - resources of this package are declared without the SDK's source positions (`sys.tracebacklimit` is 1 while one is
      being declared), and Pulumi's event loop turns for 20 ms after the first key;
    - httpx is imported without its own command line, unless it was imported before (`sys.modules["httpx._main"]`).

    `load_stack_config` calls it. Nothing else of this package does, in somebody else's program.
    """
    leave_out_httpx_command_line()
    collect_seldom()
    gather_debug_messages()


def is_tuned() -> bool:
    """Return whether this process's program asked to be tuned."""
    return tune_program.cache_info().currsize > 0


@contextmanager
def without_source_positions() -> Iterator[None]:
    """Declare resources of a tuned program without the stack trace that Pulumi's SDK would store with each of them.

    That trace is a third of a key's state: a dozen paths of the machine that deployed last, serialised anew with every
    checkpoint. The SDK has no setting for it, but like all of Python it goes by `sys.tracebacklimit`.
    """
    if not is_tuned():
        yield
        return
    before = getattr(sys, "tracebacklimit", None)
    sys.tracebacklimit = 1
    try:
        yield
    finally:
        if before is None:
            del sys.tracebacklimit
        else:
            sys.tracebacklimit = before


def begin_registering() -> None:
    """Let the engine work while a tuned program still declares; called at the end of each key's declaration."""
    if is_tuned():
        _begin_once()


@cache
def _begin_once() -> None:
    """Turn the event loop until the first key is on its way.

    The SDK registers nothing before the program ends, unless its event loop turns earlier. It turns here until the
    key is on its way: the engine starts the provider process, which takes longest, while the program declares the
    rest. It helps at the end as well. There the SDK waits for the registrations that have begun, one after another,
    and then for its outputs, all of them again for each that comes in. Where none has begun it starts with the
    outputs, and the waiting costs the square of their number: half of a program's time at 200 keys, nearly all of it
    at 1000.
    """
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
