"""After an interrupted run: what it made and lost is found by exact name, deleted, and the state repaired.

The order is such that a kill at any point loses nothing: the state's entries, which alone name what may have been
lost, go last and all at once. Whatever was done before is found done by the next recovery.
"""

import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from pulumi.automation import LocalWorkspace

from ...api.client import ManagementClient, utc_now
from ...api.errors import ConfigurationError, NotFound
from ...config.source import read_config
from ...resources.creation_notes import creation_notes
from ...settings import resolve_settings
from ...stores.aws.recovery import SecretNotDeleted, delete_empty_secret, find_secret
from ..outage import refuse_stores_away
from ..stack.deployment import config_values, default_prefix, name_prefix
from ..stack.exported import StackState, StateNotRepaired
from ..stack.history import UnfinishedRun, seconds_to_settle, unfinished_runs
from ..stack.holders import places_in
from ..stack.locks import Lock
from ..stack.orphans import claim_of
from ..stack.pending import Checkpoint, access_for, pending_operations, without_pending_operations
from ..stack.siblings import project_stacks
from ..stack.stacks import open_workspace, selected_stack
from .evidence import Evidence, configured_places
from .orphan_keys import Records
from .orphan_objects import delete_unused_object, missing_secrets
from .prepared import Applied, Recovery
from .scene import Sources, look_at_scene
from .steps import DELETING, Action, Step, is_settled, secret_step


class Recoverer:
    """Recovers one stack.

    Args:
        state: the stack's state and lock.
        client: opens the API.
        around: what else there is to look at.
        sleep: waits that many seconds.
        now: the time in UTC.
    """

    def __init__(
        self,
        state: StackState,
        client: Callable[[], ManagementClient],
        around: Sources,
        *,
        sleep: Callable[[float], None] = time.sleep,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._state = state
        self._client = client
        self._around = around
        self._sleep = sleep
        self._now = now

    def plan(self) -> Recovery:
        """Return what is to be done; nothing is written.

        Where a run was killed, or failed a moment ago, it first waits until the calls it cut off must have ended.

        Raises:
            OpenRouterError: the state or the API could not be read.
        """
        exported, lock, history = self._state.export(), self._state.lock(), self._state.history()
        deployment, around = exported["deployment"], self._around
        around.refuse_away(deployment)
        failed = unfinished_runs(history)
        self._settle(lock, deployment, failed)
        claim = claim_of(deployment, around.prefix, around.default, history)
        killed = [UnfinishedRun(lock.since)] if lock and lock.since else []
        records = Records(claim, around.notes(), [*failed, *killed])
        scene = look_at_scene(self._client, deployment, records, around)
        steps = scene.pending_steps()
        orphans = scene.orphan_steps({step.target for step in steps})
        places = scene.places(self._state.name, around)
        evidence = Evidence(self._state.name, claim, scene.listed, scene.others, places, around.ask)
        return Recovery(
            tuple(evidence.spared(steps)),
            (*evidence.spared(orphans), *self._empty_secrets(deployment)),
            self._state.name,
            lock,
            exported,
            evidence,
        )

    def _settle(self, lock: Lock | None, deployment: Checkpoint, failed: Sequence[UnfinishedRun]) -> None:
        pending = pending_operations(deployment)
        killed = lock is not None or any(operation.may_have_made_something for operation in pending)
        seconds = seconds_to_settle(killed, failed, self._now())
        if seconds:
            with self._client() as client:
                client.current_key()  # An outage is told before the wait, not after it.
            self._sleep(seconds)

    def _empty_secrets(self, deployment: Checkpoint) -> list[Step]:
        missing = missing_secrets(deployment, self._around.prefix)
        found = [find_secret(each.physical_name, access_for(deployment, each)) for each in missing]
        steps = [secret_step(*pair, ()) for pair in zip(missing, found, strict=True)]
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
        steps = tuple(self._done(step, recovery) for step in recovery.steps)
        orphans = tuple(self._done(step, recovery) for step in recovery.orphans)
        if not steps or not is_settled(steps):
            return Applied(steps, orphans, None)
        backup = self._state.back_up(recovery.exported)
        if self._state.export() != recovery.exported:
            raise StateNotRepaired(f"the state of stack {recovery.stack} has changed meanwhile: run recover again")
        self._state.replace(without_pending_operations(recovery.exported))
        return Applied(steps, orphans, backup)

    def _done(self, step: Step, recovery: Recovery) -> Step:
        if step.action is Action.DELETE_KEY:
            return self._key_deleted(step, recovery.evidence)
        if step.action is Action.DELETE_OBJECT:
            return self._object_deleted(step)
        if step.action is Action.DELETE_SECRET:
            try:
                delete_empty_secret(step.target, access_for(recovery.exported["deployment"], step.operation))
            except SecretNotDeleted as error:
                return Step(step.operation, Action.LEAVE, str(error), step.target)
        return step

    def _key_deleted(self, step: Step, evidence: Evidence) -> Step:
        with self._client() as client:
            try:
                record = client.get_key(step.target)
                if not record.never_used:
                    return replace(step, action=Action.LEAVE, reason="it has been used meanwhile: run recover again")
                step = evidence.spared_now(step, record)
                if step.action is Action.DELETE_KEY:
                    client.delete_key(step.target)
            except NotFound:
                return step  # Somebody else deleted it, which is what was wanted.
        self._forget(step)
        return step

    def _forget(self, step: Step) -> None:
        """Take away the note of a creation whose remains are gone."""
        for note in self._around.notes():
            if step.action in DELETING and note.name == step.operation.physical_name:
                note.forget()

    def _object_deleted(self, step: Step) -> Step:
        with self._client() as client:
            use = delete_unused_object(client, step.operation, step.target)
        if use:
            return replace(step, action=Action.LEAVE, reason=f"{use} by now: run recover again")
        self._forget(step)
        return step


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
    return Recoverer(state, settings.quick_client, _sources(workspace, name, config))


def _sources(workspace: LocalWorkspace, stack: str, config: Mapping[str, str]) -> Sources:
    project = Path(workspace.work_dir)
    prefix = name_prefix(config, workspace, stack)
    raw = read_config(config.get, project)
    return Sources(
        prefix,
        default_prefix(workspace.project_settings().name, stack),
        others=lambda: project_stacks(workspace).besides(stack),
        configured=lambda deployment, services: configured_places(stack, prefix, raw, deployment, config, services),
        notes=lambda: creation_notes(project),
        config=config.get,
        refuse_away=lambda deployment: refuse_stores_away(stack, places_in(stack, deployment, config.get)),
    )
