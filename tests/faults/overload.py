"""`make faults`, third part: two hundred services against a rate limit of 20 calls a second, in figures.

The bound is what the limit itself needs for the calls that it accepted: all but the first burst, at its rate.
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

from openrouter_provider.api import CreateKeyRequest, ManagementClient
from sandbox.lifecycle import Sandbox
from sandbox.openrouter import Control
from tests.harness import open_account, open_stack

RATE = 20.0
SERVICES = 200
THREADS = (4, 8, 64)
GOAL = 1.5


@dataclass(frozen=True)
class Measured:
    """What one way of making the calls took.

    Attributes:
        how: who made them.
        accepted: calls that the API took.
        refused: calls that it answered with 429.
        seconds: from the first call to the last.
        bound_seconds: the least that the limit allows for so many calls; None without a limit.
    """

    how: str
    accepted: int
    refused: int
    seconds: float
    bound_seconds: float | None

    @property
    def ratio(self) -> float | None:
        """How many times the bound it took."""
        return self.seconds / self.bound_seconds if self.bound_seconds else None


def measured(how: str, control: Control, rate: float | None) -> Measured:
    """Return what the account's calls say."""
    calls = control.calls()
    instants = [datetime.fromisoformat(call["at"]) for call in calls]
    refused = sum(call["status"] == 429 for call in calls)
    accepted = len(calls) - refused
    bound = (accepted - rate) / rate if rate else None
    return Measured(how, accepted, refused, (max(instants) - min(instants)).total_seconds(), bound)


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


def by_engine(sandbox: Sandbox, folder: Path, rate: float | None) -> Measured:
    """Bring a stack of so many services up; a failed run ends the measurement."""
    stack = open_stack(folder, sandbox)
    stack.configure({f"s{number:03}": {"limit": 5} for number in range(SERVICES)})
    stack.control.configure(rate_limit_per_second=rate)
    stack.up()
    return measured("`pulumi up`" if rate else "`pulumi up`, no limit", stack.control, rate)


def table(found: Sequence[Measured]) -> Table:
    """Return the measurements as a table."""
    result = Table(title=f"{SERVICES} creates, {RATE:.0f} calls a second allowed")
    for column in ("by", "accepted", "429", "seconds", "bound", "ratio"):
        result.add_column(column)
    for each in found:
        bound = "-" if each.bound_seconds is None else f"{each.bound_seconds:.1f}"
        ratio = "-" if each.ratio is None else f"{each.ratio:.2f}"
        result.add_row(each.how, str(each.accepted), str(each.refused), f"{each.seconds:.1f}", bound, ratio)
    return result


def main(words: Sequence[str] | None = None) -> int:
    """Measure and print the table; exit code 0 where the client alone keeps within the goal."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.overload", description=__doc__)
    parser.add_argument("--client-only", action="store_true", help="leave the engine's two runs out")
    chosen = parser.parse_args(words)
    began = time.monotonic()
    with (
        tempfile.TemporaryDirectory(prefix="openrouter-keys-overload-") as folder,
        Sandbox(Path(folder) / "sb") as sandbox,
    ):
        clients = [by_client(sandbox, threads) for threads in THREADS]
        rates = () if chosen.client_only else (RATE, None)
        engines = [by_engine(sandbox, Path(folder) / f"engine-{rate}", rate) for rate in rates]
    Console(width=120).print(table([*clients, *engines]))
    sys.stderr.write(f"measured in {time.monotonic() - began:.0f} s\n")
    return 0 if all(each.ratio is not None and each.ratio <= GOAL for each in clients) else 1


if __name__ == "__main__":
    sys.exit(main())
