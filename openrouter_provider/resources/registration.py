"""Keeps what the engine stores of a resource small: no record of the lines of Python that declared it."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager


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
