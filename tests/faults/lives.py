"""The life of five services under a trouble: what was met, what failed, and what was orphaned, lost or leaked."""

import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any

from tests.faults import losses
from tests.faults.diagnostics import problem_of
from tests.faults.leak_search import holds
from tests.harness import Run, Stack

SERVICES = [f"s{number}" for number in range(5)]
TWICE = 2
START, DUE = "2027-01-01T00:00:00Z", "2027-04-05T00:00:00Z"
ROTATION = {"every": "90d", "overlap": "7d", "stagger": False}
UP = ("up", "--yes", "--skip-preview")


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

    def add(self, found: losses.Losses) -> None:
        """Add what was found after a run."""
        self.orphans += found.orphans
        self.lost += found.lost


def live_through(stack: Stack, row: Row) -> Outcome:
    """Take five services through the row's steps, each while the trouble lasts, and count what it cost."""
    outcome = Outcome(row)
    try:
        for step in row.steps:
            _take(stack, outcome, step)
    except Exception as error:  # noqa: BLE001 - a row that breaks must not cost the others
        outcome.wrong.append(f"the test broke: {type(error).__name__}: {error}")
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
        outcome.add(losses.count(stack, SERVICES, finished=False))
        again = _run(stack, outcome, step, f"{step.name} again")
        if again.code:
            _blame(outcome, f"{step.name}: the next run failed too", again)
    outcome.add(losses.count(stack, SERVICES, finished=step.name != DESTROY.name))
    outcome.leaks += losses.stored_in_the_clear(stack)


def _run(stack: Stack, outcome: Outcome, step: Step, label: str) -> Run:
    try:
        run = stack.pulumi(*step.arguments, check=False)
    except AssertionError as leak:
        # The harness refuses to hand out output that holds a key.
        outcome.leaks += 1
        return Run([label], 1, "", str(leak))
    outcome.leaks += holds(run.output, stack.control.all_secrets())
    return run


def _blame(outcome: Outcome, problem: str, run: Run) -> None:
    outcome.wrong.append(problem)
    sys.stderr.write(f"{outcome.row.name}: {problem}\n{run}\n")
