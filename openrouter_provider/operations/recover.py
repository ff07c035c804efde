"""After an interrupted run: what it made and lost is found by exact name, deleted, and the state repaired.

The order is such that a kill at any point loses nothing: the state's entries, which alone name what may have been
lost, go last and all at once. Whatever was done before is found done by the next recovery.
"""

import os
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ..api.client import ManagementClient, utc_now
from ..api.errors import ConfigurationError, NotFound
from ..settings import resolve_settings
from .deployment import config_values, name_prefix
from .lost_objects import delete_unused_object
from .lost_secrets import SecretNotDeleted, delete_empty_secret, find_secret
from .pending import (
    Deployment,
    last_written,
    pending_operations,
    without_pending_operations,
)
from .recovery_plan import DELETING, Action, Step, Survey, is_settled, plan_recovery, secret_step
from .recovery_survey import look_around
from .stack_state import Lock, StackState, StateNotRepaired
from .stacks import open_workspace, selected_stack
from .stray_keys import UnfinishedRun, stray_keys, stray_steps
from .stray_objects import find_stray_objects, stray_object_steps
from .stray_secrets import missing_secrets

SETTLE_SECONDS = 10.0
"""How long a call whose caller was killed may still take to be carried out and to show in a listing."""


@dataclass(frozen=True)
class Recovery:
    """What an interrupted run left, and what is to be done about it.

    Attributes:
        stack: the stack's name.
        steps: what is to be done, at least one step for each pending operation.
        strays: what is to be done about what neither the state nor a pending operation names.
        lock: who holds the stack, None where nobody does.
        exported: the state that the plan was made from.
    """

    stack: str
    steps: tuple[Step, ...]
    strays: tuple[Step, ...]
    lock: Lock | None
    exported: dict[str, Any]

    @property
    def left(self) -> list[Step]:
        """The steps that a person must decide."""
        return left_of([*self.steps, *self.strays])

    @property
    def has_work(self) -> bool:
        """Whether applying it would change anything."""
        deletes = any(step.action in DELETING for step in (*self.steps, *self.strays))
        return deletes or (bool(self.steps) and is_settled(self.steps))


@dataclass(frozen=True)
class Applied:
    """What was done.

    Attributes:
        steps: the plan's steps for pending operations; those that could not be done have become ones for a person.
        strays: those for stray keys, likewise.
        backup: where the state as it was is kept, None where the state was not touched.
    """

    steps: tuple[Step, ...]
    strays: tuple[Step, ...]
    backup: Path | None

    @property
    def left(self) -> list[Step]:
        """The steps that a person must decide."""
        return left_of([*self.steps, *self.strays])


class Recoverer:
    """Recovers one stack.

    Args:
        state: the stack's state and lock.
        client: opens the API.
        prefix: what the names of the stack's keys begin with, without a trailing slash.
        sleep: waits that many seconds.
        now: the time in UTC.
    """

    def __init__(
        self,
        state: StackState,
        client: Callable[[], ManagementClient],
        prefix: str,
        *,
        sleep: Callable[[float], None] = time.sleep,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._state = state
        self._client = client
        self._prefix = prefix
        self._sleep = sleep
        self._now = now

    def plan(self) -> Recovery:
        """Return what is to be done; nothing is written.

        Where the interruption was a moment ago, it first waits until the calls it cut off must have ended.

        Raises:
            OpenRouterError: the state or the API could not be read.
        """
        exported = self._state.export()
        lock = self._state.lock()
        deployment = exported["deployment"]
        operations = pending_operations(deployment)
        if lock or any(operation.may_have_made_something for operation in operations):
            self._sleep(settling_seconds(last_written(deployment), self._now()))
        survey = look_around(self._client, deployment, operations)
        strays = self._strays(deployment, survey, lock)
        return Recovery(self._state.name, tuple(plan_recovery(deployment, survey)), tuple(strays), lock, exported)

    def _strays(self, deployment: Deployment, survey: Survey, lock: Lock | None) -> list[Step]:
        listed = {record.hash: record for records in survey.keys.values() for record in records}
        keys = stray_keys(deployment, self._prefix, listed.values())
        objects = find_stray_objects(self._client, deployment, self._prefix)
        empty = self._empty_secrets(deployment)
        if not keys and not objects:
            return empty
        killed = [UnfinishedRun(lock.since)] if lock and lock.since else []
        runs = [*self._state.unfinished_runs(), *killed]
        found = stray_object_steps(objects, self._prefix, runs)
        return [*stray_steps(deployment, self._prefix, keys, runs), *found, *empty]

    def _empty_secrets(self, deployment: Deployment) -> list[Step]:
        missing = missing_secrets(deployment, self._prefix)
        steps = [secret_step(operation, find_secret(deployment, operation), ()) for operation in missing]
        # What else holds the name is told by the up that cannot have it.
        return [step for step in steps if step.action is Action.DELETE_SECRET]

    def clear_lock(self, lock: Lock) -> None:
        """Take a stale lock away.

        Raises:
            ConfigurationError: the process that holds it is running on this machine.
        """
        if lock.is_alive():
            raise ConfigurationError(
                f"stack {self._state.name} is in use by {lock.holder}, which is running: wait for it"
            )
        self._state.clear_lock()

    def apply(self, recovery: Recovery) -> Applied:
        """Delete what is to be deleted, then drop the state's pending operations where none is left for a person.

        Raises:
            StateNotRepaired: the state changed since the plan was made, or is locked.
            OpenRouterError: a key could not be deleted; the state still names it.
        """
        if self._state.export() != recovery.exported:
            raise StateNotRepaired(f"the state of stack {recovery.stack} has changed meanwhile: run recover again")
        deployment = recovery.exported["deployment"]
        steps = tuple(self._done(step, deployment) for step in recovery.steps)
        strays = tuple(self._done(step, deployment) for step in recovery.strays)
        if not steps or not is_settled(steps):
            return Applied(steps, strays, None)
        backup = self._state.back_up(recovery.exported)
        if self._state.export() != recovery.exported:
            raise StateNotRepaired(f"the state of stack {recovery.stack} has changed meanwhile: run recover again")
        self._state.replace(without_pending_operations(recovery.exported))
        return Applied(steps, strays, backup)

    def _done(self, step: Step, deployment: Deployment) -> Step:
        if step.action is Action.DELETE_KEY:
            return self._key_deleted(step)
        if step.action is Action.DELETE_OBJECT:
            return self._object_deleted(step)
        if step.action is Action.DELETE_SECRET:
            try:
                delete_empty_secret(step.target, deployment, step.operation)
            except SecretNotDeleted as error:
                return Step(step.operation, Action.LEAVE, str(error), step.target)
        return step

    def _key_deleted(self, step: Step) -> Step:
        with self._client() as client:
            try:
                if not client.get_key(step.target).never_used:
                    return Step(
                        step.operation, Action.LEAVE, "it has been used meanwhile: run recover again", step.target
                    )
                client.delete_key(step.target)
            except NotFound:
                return step  # Somebody else deleted it, which is what was wanted.
        return step

    def _object_deleted(self, step: Step) -> Step:
        with self._client() as client:
            use = delete_unused_object(client, step.operation, step.target)
        return Step(step.operation, Action.LEAVE, f"{use} by now: run recover again", step.target) if use else step


def left_of(steps: Iterable[Step]) -> list[Step]:
    """Return the steps that a person must decide."""
    return [step for step in steps if step.action is Action.LEAVE]


def settling_seconds(written: datetime | None, now: datetime) -> float:
    """Return how long to wait before a look: until SETTLE_SECONDS after the state was last written, none if past."""
    if written is None:
        return SETTLE_SECONDS
    age = (now.astimezone(UTC) - written).total_seconds()
    return min(SETTLE_SECONDS, max(0.0, SETTLE_SECONDS - age))


def open_recoverer(project: Path, stack: str | None = None) -> Recoverer:
    """Return the recoverer of a project's stack; its credentials come from the stack's config or the environment.

    Args:
        project: the folder with Pulumi.yaml.
        stack: its name; None for the selected one.

    Raises:
        ConfigurationError: no such project or stack, or there is no management key.
    """
    workspace = open_workspace(project)
    name = stack or selected_stack(workspace)

    state = StackState(workspace, name)
    state.mend()
    config = config_values(workspace, name)
    settings = resolve_settings(config.get, os.environ)
    prefix = name_prefix(config, workspace, name)
    return Recoverer(state, settings.client, prefix)
