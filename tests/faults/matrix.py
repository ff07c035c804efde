"""`make faults`: every fault of the API on every operation through the real engine, as a table of what was lost.

Each row is a life of five services: created, read, changed and destroyed, with the fault met twice in a row by each of
the four. It counts first runs that failed, keys alive that no state knows, secrets whose key does not work, and
values in the clear in anything printed or stored.
"""

import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from sandbox.lifecycle import Sandbox
from tests.harness import Run, Stack, open_stack

SERVICES = [f"s{number}" for number in range(5)]
TWICE = 2

FAULTS: dict[str, dict[str, Any]] = {
    "429, Retry-After 1 s": {"kind": "status_before", "status": 429, "retry_after": "1"},
    "429, Retry-After a past date": {
        "kind": "status_before",
        "status": 429,
        "retry_after": "Wed, 21 Oct 2015 07:28:00 GMT",
    },
    "500": {"kind": "status_before", "status": 500},
    "500 after the work": {"kind": "status_after", "status": 500},
    "502 with HTML": {"kind": "html"},
    "502 with HTML after the work": {"kind": "html", "after": True},
    "503": {"kind": "status_before", "status": 503},
    "504 after the work": {"kind": "status_after", "status": 504},
    "dropped before the work": {"kind": "drop_before"},
    "dropped after the work": {"kind": "drop_after"},
    "hang past the timeout": {"kind": "hang", "seconds": 25},
    "hang past the timeout after the work": {"kind": "hang", "seconds": 25, "after": True},
    "a trickle of bytes": {"kind": "trickle", "seconds": 5},
    "broken JSON after the work": {"kind": "broken_json", "after": True},
    "JSON of the wrong shape after the work": {"kind": "wrong_shape", "after": True},
    "empty body after the work": {"kind": "empty", "after": True},
    "redirect to another host": {"kind": "redirect", "location": "http://127.0.0.1:9/stolen"},
}


@dataclass
class Outcome:
    """What one fault did to the life of a stack."""

    fault: str
    met: int = 0
    """Operations of which two calls really were spoiled."""
    failed: list[str] = field(default_factory=list)
    orphans: int = 0
    lost: int = 0
    leaks: int = 0

    @property
    def clean(self) -> bool:
        """Whether nothing failed, was orphaned, lost or leaked."""
        return not (self.failed or self.orphans or self.lost or self.leaks)


def live_through(stack: Stack, name: str, fault: Mapping[str, Any], stale_seconds: float = 0) -> Outcome:
    """Create, read, change and destroy five services, each while the fault spoils two calls in a row."""
    outcome = Outcome(name)
    stack.control.configure(stale_listing_seconds=stale_seconds)
    wish = {service: {"limit": 5} for service in SERVICES}
    changed = {service: {"limit": 6} for service in SERVICES}
    for operation, services, arguments in (
        ("create_key", wish, ("up", "--yes", "--skip-preview")),
        ("list_keys", wish, ("up", "--yes", "--skip-preview", "--refresh")),
        ("update_key", changed, ("up", "--yes", "--skip-preview")),
        ("delete_key", changed, ("destroy", "--yes", "--skip-preview")),
    ):
        stack.configure(services)
        stack.control.fault(operation, count=TWICE, **fault)
        _note(stack, outcome, operation, stack.pulumi(*arguments, check=False))
        stack.control.clear_faults()
        if operation != "delete_key":
            _count(stack, outcome)
    outcome.orphans += len(stack.control.keys())
    return outcome


def _note(stack: Stack, outcome: Outcome, operation: str, run: Run) -> None:
    outcome.met += all(fault["fired"] == TWICE for fault in stack.control.faults())
    outcome.leaks += sum(secret in run.output for secret in stack.control.all_secrets())
    if run.code:
        outcome.failed.append(operation)
        sys.stderr.write(f"{outcome.fault}, {operation}:\n{run}\n")


def _count(stack: Stack, outcome: Outcome) -> None:
    known = {str(key["outputs"].get("hash")) for key in stack.resources("ApiKey").values() if key.get("outputs")}
    alive = {key["hash"] for key in stack.control.keys()}
    outcome.orphans += len(alive - known)
    outcome.lost += len(known - alive) + sum(not _works(stack, service) for service in SERVICES)


def _works(stack: Stack, service: str) -> bool:
    try:
        return stack.authenticates(service)
    except stack.aws().exceptions.ResourceNotFoundException:
        return False


def outcomes(sandbox: Sandbox, folder: Path) -> Iterator[Outcome]:
    """Yield what each fault did, each on a stack and an account of its own."""
    for number, (name, fault) in enumerate(FAULTS.items()):
        yield live_through(open_stack(folder / str(number), sandbox), name, fault)
    lost = {"kind": "drop_after"}
    yield live_through(
        open_stack(folder / "stale", sandbox), "dropped after the work, listing 2 s stale", lost, stale_seconds=2
    )


def table(found: list[Outcome]) -> Table:
    """Return the outcomes as a table."""
    result = Table(title=f"{len(SERVICES)} services, each fault met twice in a row by every operation")
    for column in ("fault", "operations hit", "first run failed", "orphans", "lost values", "leaks"):
        result.add_column(column)
    for outcome in found:
        counts = (str(outcome.met), ", ".join(outcome.failed) or "0", outcome.orphans, outcome.lost, outcome.leaks)
        result.add_row(outcome.fault, *map(str, counts))
    return result


def main() -> int:
    """Run the matrix and print its table; exit code 0 where every row is clean."""
    found = []
    with (
        tempfile.TemporaryDirectory(prefix="openrouter-keys-faults-") as folder,
        Sandbox(Path(folder) / "sb") as sandbox,
    ):
        for outcome in outcomes(sandbox, Path(folder)):
            found.append(outcome)
            sys.stderr.write(f"{outcome.fault}: {'clean' if outcome.clean else outcome}\n")
    Console(width=120).print(table(found))
    return 0 if all(outcome.clean for outcome in found) else 1


if __name__ == "__main__":
    sys.exit(main())
