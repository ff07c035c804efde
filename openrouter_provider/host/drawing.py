"""What names are drawn from: the engine's randomness of a resource, which an update plan keeps for its `up`."""

import hashlib
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_SEED: ContextVar[bytes] = ContextVar("seed", default=b"")


@contextmanager
def drawing_from(seed: bytes) -> Iterator[None]:
    """Within the block, draw from the engine's seed; an empty one is none, as from an older engine."""
    token = _SEED.set(seed)
    try:
        yield
    finally:
        _SEED.reset(token)


def drawn_hex(length: int) -> str:
    """Return random hex digits; the same ones for the same seed."""
    seed = _SEED.get()
    return hashlib.sha256(seed).hexdigest()[:length] if seed else secrets.token_hex(length)[:length]
