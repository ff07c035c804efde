"""`make faults`, third part: two hundred services against a rate limit, in figures.

The bound is what the limit itself needs for the calls that it accepted: all but the first burst, at its rate. An engine
that makes fewer calls a second than are allowed never meets the limit; therefore it meets a lower one too.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table

from openrouter_provider.api.client import ManagementClient
from openrouter_provider.api.models import CreateKeyRequest
from sandbox.lifecycle import Sandbox
from sandbox.openrouter import Control
from tests.harness import open_account, open_stack

RATE, LOW_RATE = 20.0, 5.0
SERVICES = 200
THREADS = (4, 8, 64)
GOAL = 1.5
WHOLE, KEYS = "`pulumi up`, whole services", "`pulumi up`, keys alone"
KEYS_PROGRAM = '''
"""A key for each service, and no secret."""

import pulumi

from openrouter_provider import ApiKey

for service, wish in pulumi.Config().require_object("services").items():
    ApiKey(service, limit=wish["limit"])
'''


@dataclass(frozen=True)
class Measured:
    """What one way of making the calls took.

    Attributes:
        how: who made them.
        accepted: calls that the API took.
        refused: calls that it answered with 429.
        seconds: from the first call to the last.
        rate: calls a second that the API allows, and as many at once.
    """

    how: str
    accepted: int
    refused: int
    seconds: float
    rate: float

    @property
    def bound_seconds(self) -> float:
        """The least that the limit allows for so many calls."""
        return (self.accepted - self.rate) / self.rate

    @property
    def ratio(self) -> float:
        """How many times the bound it took."""
        return self.seconds / self.bound_seconds


def measured(how: str, control: Control, rate: float) -> Measured:
    """Return what the account's calls say."""
    calls = control.calls()
    instants = [datetime.fromisoformat(call["at"]) for call in calls]
    refused = sum(call["status"] == 429 for call in calls)
    return Measured(how, len(calls) - refused, refused, (max(instants) - min(instants)).total_seconds(), rate)


def by_client(sandbox: Sandbox, threads: int) -> Measured:
    """Create a key for each service with one client, from so many threads."""
    control = open_account(sandbox)
    control.configure(rate_limit_per_second=RATE)
    with (
        ManagementClient(control.management_key, base_url=control.url) as client,
        ThreadPoolExecutor(threads) as pool,
    ):
        list(pool.map(client.create_key, (CreateKeyRequest(name=f"n{number}") for number in range(SERVICES))))
    return measured(f"the client, {threads} threads", control, RATE)


def by_engine(sandbox: Sandbox, folder: Path, rate: float, what: str = WHOLE) -> Measured:
    """Bring a stack of so many services up; a failed run ends the measurement."""
    stack = open_stack(folder, sandbox)
    if what == KEYS:
        (stack.folder / "__main__.py").write_text(KEYS_PROGRAM, encoding="utf-8")
    stack.configure({f"s{number:03}": {"limit": 5} for number in range(SERVICES)})
    stack.control.configure(rate_limit_per_second=rate)
    stack.up()
    return measured(what, stack.control, rate)


def table(found: Sequence[Measured]) -> Table:
    """Return the measurements as a table."""
    result = Table(title=f"{SERVICES} creates against a rate limit")
    for column in ("by", "allowed a second", "accepted", "429", "seconds", "bound", "ratio"):
        result.add_column(column)
    for each in found:
        counts = (f"{each.rate:.0f}", str(each.accepted), str(each.refused))
        result.add_row(each.how, *counts, f"{each.seconds:.1f}", f"{each.bound_seconds:.1f}", f"{each.ratio:.2f}")
    return result


def main(words: Sequence[str] | None = None) -> int:
    """Measure and print the table; exit code 0 where all but an engine that is busy with secrets keep to the goal."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.overload", description=__doc__)
    parser.add_argument("--engine", nargs="*", type=float, default=(RATE, LOW_RATE), help="rates that `up` meets")
    chosen = parser.parse_args(words)
    began = time.monotonic()
    with (
        tempfile.TemporaryDirectory(prefix="openrouter-keys-overload-") as folder,
        Sandbox(Path(folder) / "sb") as sandbox,
    ):
        clients = [by_client(sandbox, threads) for threads in THREADS]
        keys = by_engine(sandbox, Path(folder) / "keys", RATE, KEYS)
        engines = [by_engine(sandbox, Path(folder) / f"engine-{rate}", rate) for rate in chosen.engine]
    Console(width=120).print(table([*clients, keys, *engines]))
    sys.stderr.write(f"measured in {time.monotonic() - began:.0f} s\n")
    return 0 if all(each.ratio <= GOAL for each in (*clients, keys)) else 1


if __name__ == "__main__":
    sys.exit(main())
