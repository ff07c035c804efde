"""The lower bounds of a run: how long the calls alone take."""

from collections.abc import Sequence

from sandbox.lifecycle import Sandbox
from sandbox.openrouter import Control

from .projects import LATENCY_MS
from .raw_calls import RawClient, timed
from .results import Bound

CALLS_AT_ONCE = (10, 32)


def measure_bounds(sandbox: Sandbox, counts: Sequence[int]) -> list[Bound]:
    """Return how long a bare client takes to create, read and delete so many keys, with 10 and 32 calls at once."""
    return [bound for count in counts for at_once in CALLS_AT_ONCE for bound in _bounds(sandbox, count, at_once)]


def _bounds(sandbox: Sandbox, count: int, at_once: int) -> list[Bound]:
    with Control.open_account(sandbox.simulator_url.replace("/api/v1", "/_sandbox")) as control:
        control.configure(latency_ms=LATENCY_MS)
        client = RawClient(sandbox.simulator_url, control.management_key, at_once)
        hashes: list[str] = []
        seconds = {
            "create": timed(lambda: hashes.extend(client.create(count))),
            "read": timed(client.read_all),
            "delete": timed(lambda: client.delete(hashes)),
        }
        client.close()
    return [Bound(count, at_once, operation, taken) for operation, taken in seconds.items()]
