"""The life of five services under a trouble: what was met, what failed, and what was orphaned, lost or leaked."""

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from openrouter_provider.resources.superseded_keys import DELETED
from tests.harness import Run, Stack

SERVICES = [f"s{number}" for number in range(5)]
TWICE = 2
START, DUE = "2027-01-01T00:00:00Z", "2027-04-05T00:00:00Z"
ROTATION = {"every": "90d", "overlap": "7d", "stagger": False}
UP = ("up", "--yes", "--skip-preview")
KINDS = KEYS, RETIRING = "openrouter:ApiKey", "openrouter:SupersededKeys"


@dataclass(frozen=True)
class Step:
    """One run in the life of the services.

    Attributes:
        name: what the run is.
        operations: the calls of the API that it is about.
        arguments: of pulumi.
        limit: of each service, USD.
        now: the clock.
    """

    name: str
    operations: tuple[str, ...]
    arguments: tuple[str, ...] = UP
    limit: float = 5
    now: str = START


CREATE = Step("create", ("create_key",))
REFRESH = Step("refresh", ("list_keys",), (*UP, "--refresh"))
UPDATE = Step("update", ("update_key",), limit=6)
CHANGE = Step("change", (*REFRESH.operations, *UPDATE.operations), REFRESH.arguments, limit=6)
"""A refresh and an update in one run."""
ROTATE = Step("rotate", ("get_key",), limit=6, now=DUE)
"""Once its successor is stored, each superseded key is read so that it can be bounded."""
DESTROY = Step("destroy", ("delete_key",), ("destroy", "--yes", "--skip-preview"), limit=6, now=DUE)
LIFE = (CREATE, CHANGE, ROTATE, DESTROY)


def calls_of(operation: str) -> int:
    """Return how many calls are two for each service; one listing serves them all."""
    return TWICE if operation == "list_keys" else TWICE * len(SERVICES)


@dataclass(frozen=True)
class Witness:
    """What is known of a trouble once the run that met it is over."""

    met: Callable[[], int]
    """How many of the planned operations it really happened to, as often as planned."""
    planned: int = 1
    """How many operations it was planned for."""
    lost: Callable[[], int] = lambda: 0
    """Values of somebody else's that were overwritten."""
    leaks: Callable[[], int] = lambda: 0
    """Credentials that arrived where they must not."""


Trouble = Callable[[Stack, Step], AbstractContextManager[Witness]]
"""Makes trouble while its context is open; leaving it puts everything right."""


@dataclass(frozen=True)
class Row:
    """One row of a table.

    Attributes:
        name: what the trouble is.
        trouble: makes it.
        steps: the runs that meet it.
        settings: more of each service's config.
        refusal: what each failing resource's one line says; None where every run has to succeed by itself.
    """

    name: str
    trouble: Trouble
    steps: Sequence[Step] = LIFE
    settings: Mapping[str, Any] = field(default_factory=dict)
    refusal: str | None = None


@dataclass
class Outcome:
    """What one trouble did to the life of a stack."""

    row: Row = field(repr=False)
    met: int = 0
    """Operations that the trouble really happened to."""
    planned: int = 0
    """Operations that it was planned for."""
    wrong: list[str] = field(default_factory=list)
    """Runs that did not end as they must, by operation."""
    orphans: int = 0
    lost: int = 0
    leaks: int = 0

    @property
    def clean(self) -> bool:
        """Whether the trouble was met as planned, and nothing went wrong, was orphaned, lost or leaked."""
        return self.met == self.planned and not (self.wrong or self.orphans or self.lost or self.leaks)


def live_through(stack: Stack, row: Row) -> Outcome:
    """Take five services through the row's steps, each while the trouble lasts, and count what it cost."""
    outcome = Outcome(row)
    for step in row.steps:
        _take(stack, outcome, step)
    return outcome


def _take(stack: Stack, outcome: Outcome, step: Step) -> None:
    row = outcome.row
    service = {"limit": step.limit, "rotation": ROTATION, **row.settings}
    stack.now = step.now
    stack.configure(dict.fromkeys(SERVICES, service))
    with row.trouble(stack, step) as witness:
        run = _run(stack, outcome, step, f"{step.name} under trouble")
        outcome.planned += witness.planned
        outcome.met += witness.met()
        outcome.lost += witness.lost()
        outcome.leaks += witness.leaks()
    problem = problem_of(run, row.refusal)
    if problem:
        _blame(outcome, f"{step.name}: {problem}", run)
    if run.code:
        _count(stack, outcome, finished=False)
        again = _run(stack, outcome, step, f"{step.name} again")
        if again.code:
            _blame(outcome, f"{step.name}: the next run failed too", again)
    _count(stack, outcome, finished=step.name != DESTROY.name)
    outcome.leaks += _stored_in_the_clear(stack)


def _run(stack: Stack, outcome: Outcome, step: Step, label: str) -> Run:
    try:
        run = stack.pulumi(*step.arguments, check=False)
    except AssertionError as leak:
        # The harness refuses to hand out output that holds a key.
        outcome.leaks += 1
        return Run([label], 1, "", str(leak))
    outcome.leaks += sum(secret in run.output for secret in stack.control.all_secrets())
    return run


def _blame(outcome: Outcome, problem: str, run: Run) -> None:
    outcome.wrong.append(problem)
    sys.stderr.write(f"{outcome.row.name}: {problem}\n{run}\n")


def problem_of(run: Run, refusal: str | None) -> str | None:
    """Return how a run under trouble did not end as it must, or None.

    Args:
        run: the run.
        refusal: what the one line of each resource that fails has to say; None where the run must succeed.
    """
    if refusal is None:
        return "the first run failed" if run.code else None
    if not run.code:
        return "it did not fail"
    said = complaints(run.output)
    unclear = [name for name, lines in said.items() if len(lines) != 1 or refusal not in lines[0]]
    return f"not one clear line each: {', '.join(unclear) or 'nothing was said'}" if unclear or not said else None


def complaints(output: str) -> dict[str, list[str]]:
    """Return what a run's diagnostics say of each resource but the stack itself, line by line."""
    _, _, diagnostics = output.partition("\nDiagnostics:\n")
    said: dict[str, list[str]] = {}
    lines: list[str] = []
    for line in diagnostics.split("\n"):
        if line and not line.startswith(" "):
            break
        if line.startswith("    "):
            lines.append(line.strip())
        elif line.strip():
            lines = said.setdefault(line.strip(" :"), [])
    return {name: lines for name, lines in said.items() if not name.startswith("pulumi:pulumi:Stack")}


def _count(stack: Stack, outcome: Outcome, *, finished: bool) -> None:
    """Count orphans and lost values; before a life is repaired a secret may still be without a value.

    Args:
        stack: the stack.
        outcome: what is counted up.
        finished: whether every service must have a key that works.
    """
    resources = _state(stack).get("resources", [])
    states = {kind: [each.get("outputs", {}) for each in resources if each["type"].endswith(kind)] for kind in KINDS}
    current = {str(key["hash"]) for key in states[KEYS] if "hash" in key}
    alive = {key["hash"] for key in stack.control.keys() if key["name"].startswith(f"{stack.prefix}/")}
    outcome.orphans += len(alive - current - _superseded(states))
    outcome.lost += len(current - alive)
    aws = stack.aws()
    working = [_works(stack, service, aws) for service in SERVICES]
    outcome.lost += sum(works is False or (finished and works is None) for works in working)


def _superseded(states: Mapping[str, Sequence[Mapping[str, Any]]]) -> set[str]:
    """Return the keys that the state has yet to retire."""
    listed = [entry for key in states[KEYS] for entry in key.get("superseded") or []]
    planned = [entry for retiring in states[RETIRING] for entry in retiring.get("keys") or []]
    return {entry["hash"] for entry in (*listed, *planned) if entry.get("state") != DELETED}


def _works(stack: Stack, service: str, aws: Any) -> bool | None:
    """Return whether the service's key authenticates; None where it has no secret or no value."""
    try:
        text = aws.get_secret_value(SecretId=stack.secret_name(service))["SecretString"]
    except aws.exceptions.ResourceNotFoundException:
        return None
    return stack.accepted(text)


def _stored_in_the_clear(stack: Stack) -> int:
    """Return how many credentials stand in the clear in the state, its history and its backups."""
    secrets = [secret.encode() for secret in stack.control.all_secrets()]
    files = [file for file in _backend(stack).rglob("*") if stack.name in str(file) and file.is_file()]
    return sum(secret in file.read_bytes() for file in files for secret in secrets)


def _state(stack: Stack) -> dict[str, Any]:
    """Return the state as it is stored, which costs no run of the CLI."""
    (file,) = _backend(stack).glob(f"**/stacks/**/{stack.name}.json")
    state: dict[str, Any] | None = json.loads(file.read_text())["checkpoint"]["latest"]
    return state or {}


def _backend(stack: Stack) -> Path:
    return Path(urlsplit(stack.environment["PULUMI_BACKEND_URL"]).path)
