"""A stack that has grown too large becomes several: who stays and who goes is decided once, and never again.

The oldest services stay. Those beyond the size go to NAME-2, NAME-3 and so on, wherever there is room first. So a
service that is placed stays where it is, however many come after it.
"""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from pulumi.automation import CommandError, LocalWorkspace

from ...api.errors import ConfigurationError
from ...config.files import load_yaml
from ...config.sharing.moves import Move, moves_under_way
from ..stack.deployment import exported_state
from ..stack.siblings import project_stacks
from ..stack.stacks import last_line, open_workspace, selected_stack
from .checkpoint import obstacles, services_in
from .mover import Mover
from .planning import MovePlan
from .stack_file import services_of, settings_of
from .states import file_of, read_text

Said = Callable[[MovePlan], None]


@dataclass(frozen=True)
class Split:
    """Who stays and who goes.

    Attributes:
        stack: the stack that is split.
        stays: the services that stay.
        goes: by stack, the services that go there.
        new: those of the stacks that there are not yet.
        tied: by service, why it can't go whatever its age.
        unfinished: moves from the stack that were begun before, and are ended first.
    """

    stack: str
    stays: Sequence[str]
    goes: Mapping[str, Sequence[str]]
    new: Collection[str] = ()
    tied: Mapping[str, str] = field(default_factory=dict)
    unfinished: Sequence[Move] = ()


def assignment(
    services: Sequence[str], tied: Collection[str], placed: Mapping[str, int], stack: str, size: int
) -> Split:
    """Return who stays and who goes.

    >>> dict(assignment(["a", "b", "c", "d"], [], {"prod-2": 1}, "prod", 2).goes)
    {'prod-2': ['c'], 'prod-3': ['d']}

    Args:
        services: the stack's, the oldest first.
        tied: those that can't go.
        placed: how many services each of the project's stacks has by now.
        stack: the stack's name.
        size: how many a stack shall have at most.
    """
    free = [name for name in services if name not in tied]
    room = max(size - len(services) + len(free), 0)
    staying, going = {*tied, *free[:room]}, free[room:]
    goes: dict[str, list[str]] = {}
    for target in (f"{stack}-{number}" for number in count(2)):
        if not going:
            break
        space = max(size - placed.get(target, 0), 0)
        if space:
            goes[target], going = going[:space], going[space:]
    return Split(stack, [name for name in services if name in staying], goes)


class Splitter:
    """Splits one stack of a project.

    Args:
        workspace: the project's workspace.
        stack: the stack.
    """

    def __init__(self, workspace: LocalWorkspace, stack: str) -> None:
        self._workspace, self._stack = workspace, stack
        self._project = Path(workspace.work_dir)

    def plan(self, size: int) -> Split:
        """Return who stays and who goes, once the moves that were begun are ended; nothing is written.

        Raises:
            ConfigurationError: the stack or one that services may go to can't be read.
        """
        deployment = exported_state(self._workspace, self._stack).get("deployment") or {}
        unfinished = [move for move in moves_under_way(self._project) if move.touches(self._stack)]
        services = services_in(deployment)
        tied = {name: reasons[0] for name in services if (reasons := obstacles(deployment, name))}
        placed = self._placed()
        on_their_way = {name for move in unfinished for name in move.services}
        waiting = [name for name in services if name not in on_their_way]
        found = assignment(waiting, tied, placed, self._stack, size)
        new = [target for target in found.goes if target not in placed]
        return Split(self._stack, found.stays, found.goes, new, tied, unfinished)

    def _placed(self) -> dict[str, int]:
        """Return how many services each stack has that some could go to: deployed ones, and those in its file."""
        others = project_stacks(self._workspace).besides(self._stack)
        ours = re.compile(rf"{re.escape(self._stack.rpartition('/')[2])}-\d+")
        if others.unread:
            raise ConfigurationError(f"{others.doubt}: mend that first, since services may be there")
        organisation = self._stack.rpartition("/")[:2]
        return {
            "".join((*organisation, name.rpartition("/")[2])): len({*services_in(state), *self._configured(name)})
            for name, state in others.states.items()
            if ours.fullmatch(name.rpartition("/")[2])
        }

    def _configured(self, stack: str) -> Mapping[str, Any]:
        name = file_of(stack)
        return services_of(settings_of(read_text(self._project / name), name))

    def apply(self, split: Split, said: Said) -> None:
        """Do it, a stack after the other; what was begun before is ended first.

        Args:
            split: the plan.
            said: is told of each move before it is made.

        Raises:
            OpenRouterError: a move failed; those before it are done, and running it again goes on.
        """
        for move in split.unfinished:
            self._move(move.source, move.target, (), said)
        for target, services in split.goes.items():
            if target in split.new:
                self._make(target)
            self._move(self._stack, target, services, said)

    def _move(self, source: str, target: str, services: Sequence[str], said: Said) -> None:
        mover = Mover(self._workspace, source, target)
        plan = mover.plan(services)
        said(plan)
        mover.apply(plan.move)

    def _make(self, target: str) -> None:
        """Make a stack that encrypts its secrets the way the split one does."""
        provider = secrets_provider_of(read_text(self._project / file_of(self._stack)) or "")
        how = ["--secrets-provider", provider] if provider else []
        arguments = ["stack", "init", target, "--no-select", "--non-interactive", *how]
        try:
            self._workspace.pulumi_command.run(arguments, self._workspace.work_dir, self._workspace.env_vars)
        except CommandError as error:
            raise ConfigurationError(f"stack {target} could not be made: {last_line(error)}") from None


def secrets_provider_of(text: str) -> str | None:
    """Return what encrypts a stack's secrets, by the text of its config file; None for the backend's own way."""
    loaded = load_yaml(text.encode())
    head = loaded if isinstance(loaded, Mapping) else {}
    named = head.get("secretsprovider")
    return str(named) if named else ("passphrase" if head.get("encryptionsalt") else None)


def open_splitter(project: Path, stack: str | None = None) -> Splitter:
    """Return the splitter of a project's stack.

    Args:
        project: the folder with Pulumi.yaml.
        stack: its name; None for the selected one.

    Raises:
        ConfigurationError: no such project, or no stack is selected.
    """
    workspace = open_workspace(project)
    return Splitter(workspace, stack or selected_stack(workspace))
