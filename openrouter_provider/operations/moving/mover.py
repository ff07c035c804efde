"""A move as it is made: the config files first, then the state that gets the services, then the one that had them.

In between both states know the keys, so that none is ever unknown to all; nothing is deployed meanwhile, since the
program refuses (config/sharing/moves.py). Each step is found done when the move is run again.
"""

import time
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any

from pulumi.automation import LocalWorkspace

from ...api.errors import ConfigurationError, OpenRouterError
from ...config.sharing.moves import FileChange, Move, begin, end, moves_under_way, write_whole
from ..stack.siblings import is_same_stack
from ..stack.stacks import open_workspace, selected_stack
from .checkpoint import has_arrived, names_taken, put_into, services_in, taken_out, unready
from .planning import MovePlan, Planner, packages_of, refuse
from .states import MovableState, MoveFailed, read_text

LOCK_LOOKS, LOCK_PAUSE_SECONDS = 20, 0.5
Sleep = Callable[[float], None]


class Mover:
    """Moves services from one stack to another of the same project.

    Args:
        workspace: the project's workspace.
        source: the stack that has them.
        target: the stack that they go to.
        sleep: waits that many seconds.
    """

    def __init__(self, workspace: LocalWorkspace, source: str, target: str, sleep: Sleep = time.sleep) -> None:
        if is_same_stack(source, target):
            raise ConfigurationError(f"stack {source} is the one that the services are in: give another one with --to")
        self._workspace, self._project = workspace, Path(workspace.work_dir)
        self._source, self._target = MovableState(workspace, source), MovableState(workspace, target)
        self._planner = Planner(workspace, source, target)
        self._sleep = sleep

    def plan(self, services: Collection[str] = ()) -> MovePlan:
        """Return what the move would do; nothing is written.

        Args:
            services: their names; none to go on with a move that was begun.

        Raises:
            OpenRouterError: it is refused; says why, a reason a line.
        """
        begun = self._begun(services)
        if begun:
            return MovePlan(begun, {}, resumed=True)
        if not services:
            raise ConfigurationError(
                f"no move from stack {self._source.name} to {self._target.name} was begun here: name the services"
            )
        names = tuple(dict.fromkeys(services))
        self._free(resumed=False)
        here, there = self._source.export()["deployment"], self._target.export()["deployment"]
        self._planner.check_states(here, there, names)
        return self._planner.settled(names, packages_of(here, names), is_new=not services_in(there))

    def _begun(self, services: Collection[str]) -> Move | None:
        source, target = self._source.name, self._target.name
        for move in moves_under_way(self._project):
            if is_same_stack(move.source, source) and is_same_stack(move.target, target):
                if services and set(services) != set(move.services):
                    raise ConfigurationError(f"a move of {move} is unfinished: end it first with `{move.command}`")
                return move
            if move.touches(source) or move.touches(target):
                raise ConfigurationError(f"a move of {move} is unfinished: end it first with `{move.command}`")
        return None

    def _free(self, *, resumed: bool) -> None:
        """Refuse stacks that are in use; a lock that the killed move itself left is taken away."""
        for state in (self._source, self._target):
            state.mend()
            lock = state.lock()
            for _ in range(LOCK_LOOKS if resumed else 0):
                if lock and state.is_left_locked(lock):
                    state.clear_lock()
                elif lock:
                    self._sleep(LOCK_PAUSE_SECONDS)
                else:
                    break
                lock = state.lock()
            if lock:
                raise MoveFailed(f"stack {state.name} is locked by {lock.holder}: wait for it, or see `recover`")

    def apply(self, move: Move) -> None:
        """Do a move, or go on with it; where that fails, both stacks are put back as they were.

        Raises:
            OpenRouterError: it failed; says what to do.
        """
        if move in moves_under_way(self._project):
            self._free(resumed=True)
        here, there = self._source.export(), self._target.export()
        refuse(
            filter(
                None, (unready(self._source.name, here["deployment"]), unready(self._target.name, there["deployment"]))
            )
        )
        for state, exported in ((self._source, here), (self._target, there)):
            state.back_up(exported)
        begin(self._project, move)
        try:
            self._write_files(move)
            self._move_state(move, here, there)
        except (OpenRouterError, OSError) as error:
            halfway = self._take_back(move, there)
            if halfway:
                raise MoveFailed(f"the move stopped halfway: {error} ({halfway}); run `{move.command}` again") from None
            end(self._project, move)
            raise MoveFailed(f"{error}; both stacks are as they were before the move") from None
        end(self._project, move)

    def _write_files(self, move: Move) -> None:
        for file in move.files:
            text = read_text(self._project / file.name)
            if text not in (file.before, file.after):
                raise MoveFailed(f"{file.name} was edited since the move began: take that back, and edit it afterwards")
        for file in move.files:
            write_whole(self._project / file.name, file.after)

    def _move_state(self, move: Move, here: dict[str, Any], there: dict[str, Any]) -> None:
        names = move.services
        if names_taken(here["deployment"], names):
            sent = self._planner.parcel(self._source.decrypted()["deployment"], names)
            if not has_arrived(there["deployment"], sent):
                self._replace(self._target, there, put_into(_with_secrets(there, here, move), sent))
                there = self._target.export()
            if not has_arrived(there["deployment"], sent):
                raise MoveFailed(f"stack {self._target.name} does not have what was sent")
            self._replace(self._source, here, taken_out(here, names))
        if set(names_taken(there["deployment"], names)) != set(names):
            raise MoveFailed("neither stack has all of the services: compare both states with their backups")

    def _replace(self, state: MovableState, before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
        if state.export() != before:
            raise MoveFailed(f"the state of stack {state.name} has changed meanwhile")
        state.take_in(after)

    def _take_back(self, move: Move, there: dict[str, Any]) -> str:
        """Put the target's state and the files back; return why that can't be, in a few words, or nothing."""
        try:
            if set(names_taken(self._source.export()["deployment"], move.services)) != set(move.services):
                return f"stack {move.source} no longer has the services"
            before = taken_out(there, move.services)
            if self._target.export() != before:
                self._target.take_in(before)
            for file in move.files:
                self._put_back(file)
        except (OpenRouterError, OSError) as error:
            return str(error)
        return ""

    def _put_back(self, file: FileChange) -> None:
        path = self._project / file.name
        if read_text(path) == file.after:
            if file.before is None:
                path.unlink()
            else:
                write_whole(path, file.before)


def _with_secrets(there: Mapping[str, Any], here: Mapping[str, Any], move: Move) -> dict[str, Any]:
    """Return the target's export with the way its secrets are encrypted; a stack never deployed may lack it."""
    deployment = there["deployment"]
    features = sorted({*there.get("features", ()), *here.get("features", ())})
    there = {**there, "version": max(there.get("version", 3), here.get("version", 3))}
    there |= {"features": features} if features else {}
    if (deployment.get("secrets_providers") or {}).get("type"):
        return there
    ours = here["deployment"].get("secrets_providers") or {}
    if ours.get("type") != "service":
        raise MoveFailed(f"stack {move.target} was never deployed: run `pulumi up` once with `services: {{}}`")
    state = {**(ours.get("state") or {}), "stack": move.target.rpartition("/")[2]}
    return {**there, "deployment": {**deployment, "secrets_providers": {**ours, "state": state}}}


def open_mover(project: Path, target: str, stack: str | None = None) -> Mover:
    """Return the mover from a project's stack to another one.

    Args:
        project: the folder with Pulumi.yaml.
        target: the stack that services go to.
        stack: the one that has them; None for the selected one.

    Raises:
        ConfigurationError: no such project, or the two are the same.
    """
    workspace = open_workspace(project)
    return Mover(workspace, stack or selected_stack(workspace), target)
