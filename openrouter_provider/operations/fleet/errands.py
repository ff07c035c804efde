"""One Pulumi command run for many stacks, and what became of each."""

import json
import os
import re
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from pulumi.automation import CommandError, ProjectSettings

from ...api.errors import ConfigurationError, OpenRouterError
from ...api.scrub import scrub
from ...config.sharing.stack_files import stack_files
from ..progress import Progressing
from ..stack.opening import not_both, stack_names
from ..stack.stacks import error_in, explained, open_workspace
from ..warm.serving import WarmStart, standing_ready
from .engines import Engines, Stopped
from .logs import StackLog
from .ordering import Needs, in_turn, reversed_needs
from .outcomes import Ending, StackRun

UP, PREVIEW, DESTROY = "up", "preview", "destroy"
_OWN_WORDS = {UP: ("--yes", "--skip-preview"), PREVIEW: (), DESTROY: ("--yes", "--skip-preview")}
_NOT_TO_GIVE = ("--stack", "-s", "--cwd", "-C", "--event-log", "--config-file", "--show-secrets", "--json", "-j")
WHY_LENGTH = 300


@dataclass(frozen=True)
class Errand:
    """What is run for each stack.

    Attributes:
        command: up, preview or destroy.
        arguments: more words of Pulumi's.
    """

    command: str
    arguments: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what would lead the run to another stack, or take its output away."""
        for argument in self.arguments:
            name = argument.partition("=")[0]
            if name in _NOT_TO_GIVE:
                raise ConfigurationError(f"{name} can't be passed on to pulumi here: each stack's run has its own")

    def words(self, stack: str) -> list[str]:
        """Return the words after `pulumi`."""
        own = _OWN_WORDS[self.command]
        return [self.command, *own, "--stack", stack, "--color", "never", "--suppress-progress", *self.arguments]


def stacks_of_errand(project: Path, named: Sequence[str], every: bool) -> list[str]:
    """Return the stacks to run for: those named, each that has a file in the project, or the selected one.

    Raises:
        ConfigurationError: no project, no stack, or both ways of naming.
    """
    if not_both(named, every) or not every:
        return stack_names(project, named, every=False)
    if not (project / "Pulumi.yaml").is_file():
        raise ConfigurationError(f"{project}: no Pulumi.yaml here; run this in the project's folder, or give --project")
    names = list(stack_files(project))
    if not names:
        raise ConfigurationError(f"{project} has no stack's file: `pulumi stack init NAME` makes Pulumi.NAME.yaml")
    return names


def default_at_once() -> int:
    """Return how many engines run side by side: one a core, and two at least, since each also waits."""
    return max(2, os.cpu_count() or 2)


def run_errand(
    project: Path,
    stacks: Sequence[str],
    errand: Errand,
    shown: Progressing,
    *,
    at_once: int,
    needs: Needs | None = None,
) -> list[StackRun]:
    """Run the command for each stack and return what became of them, in the order given; one's failure stops no other.

    Args:
        project: the folder with Pulumi.yaml.
        stacks: their names.
        errand: what is run.
        shown: told what is being done.
        at_once: how many run side by side.
        needs: the stacks that each reads from; those come before it, and after it in a destroy.
    """
    workspace = open_workspace(project)
    # One stack alone is Pulumi's own matter: the process that forks would cost it what it saves.
    settings = workspace.project_settings() if len(stacks) > 1 else None
    engines = Engines()
    done: dict[str, StackRun] = {}
    order = reversed_needs(needs or {}) if errand.command == DESTROY else needs or {}
    run = partial(_reported, errand, shown, lambda stack: run_stack(engines, project, stack, errand, shown, settings))

    def left_out(stack: str, needed: Sequence[str]) -> StackRun | None:
        failed = [each for each in needed if done[each].ending is not Ending.DONE]
        if not failed or errand.command == PREVIEW:
            return None
        why = f"stack {', '.join(failed)} comes before it, and is not done"
        return _reported(errand, shown, lambda _stack: StackRun(stack, Ending.NOT_STARTED, why=why), stack)

    with engines.passing_signals_on():
        in_turn(stacks, order, at_once, run, left_out, done)
    return [done[stack] for stack in stacks]


def _reported(errand: Errand, shown: Progressing, run: Callable[[str], StackRun], stack: str) -> StackRun:
    found = run(stack)
    shown.step(stack, found.said(errand.command))
    return found


def run_stack(
    engines: Engines,
    project: Path,
    stack: str,
    errand: Errand,
    shown: Progressing,
    settings: ProjectSettings | None = None,
) -> StackRun:
    """Run the command for one stack; whatever becomes of it is told, not raised.

    Args:
        engines: starts Pulumi.
        project: the folder with Pulumi.yaml.
        stack: its name.
        errand: what is run.
        shown: told what is being done.
        settings: the project's, where program and host shall stand ready before Pulumi begins.
    """
    if engines.stopping:
        return StackRun(stack, Ending.NOT_STARTED, why="the command was stopped")
    started = time.monotonic()
    try:
        with StackLog(project, stack, errand.command) as log, TemporaryDirectory() as folder:
            shown.step(stack, "started")
            events, printed = Path(folder) / "events", Path(folder) / "printed"
            words = [*errand.words(stack), "--event-log", str(events)]
            with _ready(settings, project, errand, printed) as ready:
                ending, why = _run(engines, project, stack, words, ready, log, shown)
            _keep(printed, log)
            return StackRun(stack, ending, counts_in(events), time.monotonic() - started, why, log.path)
    except Stopped:
        return StackRun(stack, Ending.NOT_STARTED, why="the command was stopped")
    except OpenRouterError as error:
        why = str(error)
    except Exception as error:  # noqa: BLE001 - whatever one stack trips over must not stop the others
        why = f"{type(error).__name__}: {scrub(str(error))}"
    return StackRun(stack, Ending.FAILED, seconds=time.monotonic() - started, why=why)


def _ready(
    settings: ProjectSettings | None, project: Path, errand: Errand, printed: Path
) -> AbstractContextManager[WarmStart]:
    if settings is None:
        return nullcontext(WarmStart())
    return standing_ready(settings, project, printed, program=errand.command != DESTROY)


def _run(
    engines: Engines,
    project: Path,
    stack: str,
    words: Sequence[str],
    ready: WarmStart,
    log: StackLog,
    shown: Progressing,
) -> tuple[Ending, str]:
    def line(text: str) -> None:
        clean = log.write(text)
        if clean.strip():
            shown.tick(stack, clean)

    environment = {"PULUMI_DEBUG_COMMANDS": "true", **ready.environment}
    try:
        engines.run([*words, *ready.words], str(project), environment, line)
    except CommandError:
        if engines.stopping:
            return Ending.CANCELLED, "the command was stopped"
        return Ending.FAILED, scrub(explained(cause_in(log.errors)) or "pulumi failed", length=WHY_LENGTH)
    return Ending.DONE, ""


def _keep(printed: Path, log: StackLog) -> None:
    """Keep what program and host printed by themselves, which Pulumi didn't see."""
    with suppress(OSError), printed.open(encoding="utf-8", errors="replace") as lines:
        for text in lines:
            log.write(text.rstrip("\n"))


_SAYS_NOTHING = re.compile(
    r"an unhandled error occurred|\d+ errors?\b|(update|preview|destroy) (failed|canceled)|one or more errors"
)


def cause_in(lines: Sequence[str]) -> str:
    """Return the first error of a run's output that says something, with its first line below where it is a heading.

    Args:
        lines: those from the first error on.
    """
    for number, line in enumerate(lines):
        cause = line.partition("error:")[2].strip()
        if cause.endswith(":"):
            return f"{cause} {''.join(lines[number + 1 : number + 2]).strip()}".strip()
        if cause and not _SAYS_NOTHING.match(cause):
            return cause
    return error_in(lines)


def counts_in(events: Path) -> Mapping[str, int]:
    """Return the counts of the engine's own summary, by its word for what it did; none where it came to none."""
    try:
        lines = events.read_text(encoding="utf-8").splitlines()
    except OSError:
        return {}
    for line in reversed(lines):
        if '"summaryEvent"' in line:
            changes: Mapping[str, int] = json.loads(line)["summaryEvent"].get("resourceChanges") or {}
            return changes
    return {}
