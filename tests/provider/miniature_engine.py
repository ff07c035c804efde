"""What Pulumi does for one service in one `up`: the real providers over HTTP, without the engine's seconds a run.

It keeps to the engine's rules that matter for rotation: check gets the last inputs, diff and update the last outputs;
a step that fails leaves its resource's state as it was and ends the run, or with --continue-on-error only what depends
on it; a resource that is no target stays as the state has it, and what depends on it gets the state's outputs; what a
replacement leaves behind is deleted at the end, whatever the secret's step did; a killed run records nothing of its
last step but, for a create, the inputs it was made with (a pending operation); every property crosses Pulumi's own
wire format.
"""

import asyncio
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import httpx
from pulumi.runtime import rpc

from openrouter_provider.api.client import ManagementClient
from openrouter_provider.api.errors import OpenRouterError
from openrouter_provider.resources.api_key import ApiKeyProvider
from openrouter_provider.resources.base import OpenRouterProvider, Session
from openrouter_provider.resources.reads import KeyReader
from openrouter_provider.resources.superseded_keys import SupersededKeysProvider
from openrouter_provider.stores.custody import Held, StoredIn
from openrouter_provider.stores.payload import secret_value
from sandbox.openrouter import Control
from sandbox.openrouter.client import NO_TLS
from tests.provider.timelines.processes import Death, Killed, Life, PatientClock
from tests.provider.timelines.secrets import CURRENT, PutFailed, Secret
from tests.provider.timelines.states import KEY, SUPERSEDED, VERSION, Config, Moment, Props, Recorded, Run, State, Way

STEPS = ((KEY, ApiKeyProvider), (VERSION, None), (SUPERSEDED, SupersededKeysProvider))


class Refused(Exception):
    """The engine or a check refused the run: an input is wrong, or a target depends on what was never made."""


@dataclass
class Process:
    """One run's process: how it reaches servers, and what it has done so far."""

    life: Life
    session: Session
    run: Run


class MiniatureEngine:
    """One service's stack on one account and one secret."""

    def __init__(self, control: Control, aws: Any, secret_id: str) -> None:
        self.control = control
        self.secret = Secret(aws, secret_id)
        self.state = State()
        self._network = httpx.HTTPTransport(verify=NO_TLS, trust_env=False)
        self._loop = asyncio.new_event_loop()

    def close(self) -> None:
        """Close the connections."""
        self._network.close()
        self._loop.close()

    def up(self, now: datetime, config: Config, death: Death | None = None, way: Way | None = None) -> Run:
        """Deploy the config at a true instant, in a process that may be killed."""
        way = way or Way()
        process = self._process(Moment(now, now + way.clock_ahead, way.rehearsed), death)
        try:
            if way.refresh:
                self._refresh(process, way)
            self._steps(process, config, way)
            if KEY in way.targets:
                self._delete_replaced(process.session)
        except (OpenRouterError, PutFailed, Refused, Killed) as error:
            process.run.error = error
        process.run.writes = process.life.writes
        return process.run

    def refreshed(self, now: datetime) -> list[str]:
        """Return the resources of which a refresh says something else than the state."""
        session = self._process(Moment(now, now), None).session
        return [kind for kind in (KEY, SUPERSEDED) if self._read(session, kind) != getattr(self.state, kind)]

    def _process(self, moment: Moment, death: Death | None) -> Process:
        clock, life, run = PatientClock(), Life(self._network, death, moment.true), Run()
        client = ManagementClient(
            self.control.management_key,
            base_url=self.control.url,
            transport=life,
            clock=lambda: moment.true if moment.rehearsed else moment.own,
            monotonic=lambda: clock.seconds,
            sleep=clock.sleep,
        )

        def ask(place: StoredIn | None) -> Held:
            return life.call(lambda: self.secret.held(place), None)

        session = Session(
            client, KeyReader(client), moment.own, ask=ask, warn=run.warnings.append, rehearsed=moment.rehearsed
        )
        return Process(life, session, run)

    def _refresh(self, process: Process, way: Way) -> None:
        for kind in (KEY, SUPERSEDED):
            if kind in way.targets and getattr(self.state, kind):
                read: dict[str, Any] = {kind: self._read(process.session, kind)}
                self.state = replace(self.state, **read)
        if VERSION in way.targets and self.state.text is not None:
            labels = process.life.call(lambda: self.secret.labels(self.state.version), None)
            text = None if labels is None else self.state.text
            self.state = replace(self.state, text=text, labelled=labels is None or CURRENT in labels)

    def _read(self, session: Session, kind: str) -> Recorded | None:
        provider = dict(STEPS)[kind]
        recorded: Recorded = getattr(self.state, kind)
        assert provider
        reader = provider()
        reader.session = session
        result = reader.read(recorded.id, dict(recorded.outs))
        if not result.id:
            return None
        inputs = recorded.inputs if result.inputs is None else self._wired(result.inputs)
        outs = self._wired(result.outs or {})
        return Recorded(result.id, recorded.inputs if outs == recorded.outs else inputs, outs)

    def _steps(self, process: Process, config: Config, way: Way) -> None:
        """Take the steps in the order of what depends on what: each depends on the one before it."""
        for kind, _ in STEPS:
            if process.run.error:
                return  # Left by --continue-on-error: what depends on a step that failed is not tried.
            try:
                if kind in way.targets:
                    self._step(process, kind, config)
            except (OpenRouterError, PutFailed) as error:
                if not way.keep_going:
                    raise
                process.run.error = error

    def _step(self, process: Process, kind: str, config: Config) -> None:
        place = {"store": "aws", "reference": self.secret.id}
        if kind == KEY:
            self._bring(process, ApiKeyProvider(), KEY, config.key(place))
            return
        if self.state.key is None or (kind == SUPERSEDED and self.state.text is None):
            raise Refused(f"{kind} depends on what was not made")
        outs = self.state.key.outs
        if kind == VERSION:
            self._store(process, secret_value(outs["key"], "json", self.control.url))
        else:
            listed = config.superseded(outs, self.state.version, place)
            self._bring(process, SupersededKeysProvider(), SUPERSEDED, listed)

    def _bring(self, process: Process, provider: OpenRouterProvider, kind: str, news: Props) -> None:
        """Bring one dynamic resource to the program's wish and record it."""
        provider.session = process.session
        run = process.run
        old: Recorded | None = getattr(self.state, kind)
        inputs = self._checked(provider, old.inputs if old else {}, news)
        diff = provider.diff(old.id, dict(old.outs), inputs) if old else None
        run.attempted_name = str(inputs.get("name") or run.attempted_name)
        if old is None or diff is None or diff.replaces:
            made = self._created(provider, inputs if old is None else self._checked(provider, {}, news), run)
            doomed = (old,) if old else ()
            self.state = replace(self.state, pending_deletes=(*self.state.pending_deletes, *doomed))
            run.did[kind] = "replace" if old else "create"
        elif diff.changes:
            result = provider.update(old.id, dict(old.outs), inputs)
            made = Recorded(old.id, inputs, self._wired(result.outs or {}))
            run.did[kind] = "update"
        else:
            made = Recorded(old.id, inputs, old.outs)
            run.did[kind] = "same"
        recorded: dict[str, Any] = {kind: made}
        self.state = replace(self.state, **recorded)

    def _checked(self, provider: OpenRouterProvider, olds: Props, news: Props) -> Props:
        result = provider.check(dict(olds), self._wired(news))
        if result.failures:
            raise Refused([failure.reason for failure in result.failures])
        return self._wired(result.inputs)

    def _created(self, provider: OpenRouterProvider, inputs: Props, run: Run) -> Recorded:
        run.attempted_name = str(inputs.get("name"))
        try:
            result = provider.create(dict(inputs))
        except Killed:
            pending = (*self.state.pending_creates, run.attempted_name)
            self.state = replace(self.state, pending_creates=pending)
            raise
        return Recorded(str(result.id), inputs, self._wired(result.outs or {}))

    def _store(self, process: Process, text: str) -> None:
        """Put the secret's value where the state's version holds another one, or give AWSCURRENT back to it."""
        if text != self.state.text:
            version = process.life.call(lambda: self.secret.put(text), "PutSecretValue")
            self.state = replace(self.state, text=text, version=version, labelled=True)
            process.run.did[VERSION] = "replace"
        elif not self.state.labelled:
            process.life.call(lambda: self.secret.make_current(self.state.version), "UpdateSecretVersionStage")
            self.state = replace(self.state, labelled=True)
            process.run.did[VERSION] = "update"

    def _delete_replaced(self, session: Session) -> None:
        provider = ApiKeyProvider()
        provider.session = session
        for doomed in self.state.pending_deletes:
            provider.delete(doomed.id, dict(doomed.outs))
            left = tuple(other for other in self.state.pending_deletes if other is not doomed)
            self.state = replace(self.state, pending_deletes=left)

    def _wired(self, props: Props) -> Props:
        """Return properties as they arrive after Pulumi's wire format: numbers as floats, nulls gone."""
        struct = self._loop.run_until_complete(rpc.serialize_properties(props, {}))
        return dict(rpc.deserialize_properties(struct))
