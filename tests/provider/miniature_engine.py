"""What Pulumi does for one service in one `up`: the real providers over HTTP, without the engine's seconds a run.

It keeps to the engine's rules that matter for rotation: check gets the last inputs, diff and update the last outputs;
a step that fails leaves its resource's state as it was and ends the run; what a replacement leaves behind is deleted
at the end of a run that went well, however many runs later; a killed run records nothing of its last step but, for a
create, the inputs it was made with (a pending operation); every property crosses Pulumi's own wire format.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, TypeVar

import httpx
from pulumi.runtime import rpc

from openrouter_provider.api.client import ManagementClient
from openrouter_provider.api.errors import OpenRouterError
from openrouter_provider.payload import secret_value
from openrouter_provider.resources.api_key import ApiKeyProvider
from openrouter_provider.resources.base import OpenRouterProvider, Session
from openrouter_provider.resources.reads import KeyReader
from openrouter_provider.resources.superseded_keys import SupersededKeysProvider
from openrouter_provider.stores.custody import Held, StoredIn
from openrouter_provider.stores.value import StoredValue
from sandbox.openrouter import Control
from sandbox.openrouter.client import NO_TLS

Props = dict[str, Any]
Result = TypeVar("Result")
KEY_PREFIX = "acme/dev/checkout"


class Killed(BaseException):
    """The process is gone: nothing of it may run any more, handlers included."""


class PutFailed(Exception):
    """AWS did not confirm the secret's new value."""


@dataclass(frozen=True)
class Death:
    """Which call of a run the process does not survive, and whether the server still does its work."""

    call: int
    after: bool


class Life(httpx.BaseTransport):
    """One process's calls: counted, and cut off at its death."""

    def __init__(self, network: httpx.BaseTransport, death: Death | None) -> None:
        self.writes: list[str] = []
        self._network = network
        self._death = death
        self._calls = 0
        self._dead = False

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request to the API."""
        name = f"{request.method} {request.url.path}"
        return self.call(lambda: self._network.handle_request(request), None if request.method == "GET" else name)

    def call(self, work: Callable[[], Result], writes: str | None) -> Result:
        """Do a server's work unless the process dies before it; die after it where that is planned."""
        self._calls += 1
        fatal = self._death is not None and self._calls == self._death.call
        self._dead = self._dead or (fatal and not (self._death and self._death.after))
        if self._dead:
            raise Killed
        if writes:
            self.writes.append(writes)
        result = work()
        if fatal:
            self._dead = True
            raise Killed
        return result


@dataclass
class PatientClock:
    """Seconds that pass only in sleeps."""

    seconds: float = 0.0

    def sleep(self, seconds: float) -> None:
        """Let that many seconds pass at once."""
        self.seconds += seconds


@dataclass(frozen=True)
class Config:
    """What the program says of the service."""

    limit: float = 5
    every: str | None = "90d"
    overlap: str = "7d"
    stagger: bool = False
    rotate_now: str | None = None
    emergency: bool | None = None
    disabled: bool | None = None
    expires_at: str | None = None

    def key(self) -> Props:
        """Return ApiKey's arguments as ServiceKey gives them."""
        given = {name: getattr(self, name) for name in ("limit", "rotate_now", "emergency", "disabled", "expires_at")}
        schedule = {"every": self.every, "overlap": self.overlap, "stagger": self.stagger}
        return {**given, "name_prefix": KEY_PREFIX, "rotation": schedule if self.every else None}

    def superseded(self, key_outs: Props, version: str) -> Props:
        """Return SupersededKeys' arguments as ServiceKey gives them."""
        return {
            "service": KEY_PREFIX,
            "superseded": key_outs.get("superseded") or [],
            "version": version,
            "overlap": self.overlap if self.every else None,
            "emergency_token": self.rotate_now if self.emergency else None,
            "disabled": self.disabled,
        }


@dataclass(frozen=True)
class Recorded:
    """A resource in the state."""

    id: str
    inputs: Props
    outs: Props


@dataclass(frozen=True)
class State:
    """The stack's state; `pending_creates` holds the exact names of creates that a killed run left undecided."""

    key: Recorded | None = None
    text: str | None = None
    version: str = ""
    superseded: Recorded | None = None
    pending_deletes: tuple[Recorded, ...] = ()
    pending_creates: tuple[str, ...] = ()

    def outputs(self) -> list[Props]:
        """Return both resources' outputs; the inputs of one that did not change may shed what is over."""
        return [record.outs for record in (self.key, self.superseded) if record]

    def hashes(self) -> set[str]:
        """Return every key that the state knows."""
        kept = [self.key, *self.pending_deletes] if self.key else [*self.pending_deletes]
        known = {entry["hash"] for entry in (self.superseded.outs["keys"] if self.superseded else [])}
        for record in kept:
            known |= {record.outs["hash"], *(entry["hash"] for entry in record.outs.get("superseded") or [])}
        return known


@dataclass
class Run:
    """What one `up` did: the error that ended it, the resources it changed, and what it asked servers to write."""

    error: BaseException | None = None
    did: dict[str, str] = field(default_factory=dict)
    attempted_name: str = ""
    writes: list[str] = field(default_factory=list)

    @property
    def succeeded(self) -> bool:
        """Whether every step did."""
        return self.error is None


class MiniatureEngine:
    """One service's stack on one account and one secret."""

    def __init__(self, control: Control, aws: Any, secret_id: str) -> None:
        self.control = control
        self.aws = aws
        self.secret_id = secret_id
        self.state = State()
        self._network = httpx.HTTPTransport(verify=NO_TLS, trust_env=False)
        self._loop = asyncio.new_event_loop()

    def close(self) -> None:
        """Close the connections."""
        self._network.close()
        self._loop.close()

    def up(self, now: datetime, config: Config, death: Death | None = None) -> Run:
        """Deploy the config at an instant, in a process that may be killed."""
        life, run = Life(self._network, death), Run()
        session = self._session(life, now)
        try:
            key = self._bring(session, ApiKeyProvider(), "key", config.key(), run)
            self._store(life, secret_value(key.outs["key"], "json", self.control.url), run)
            listed = config.superseded(key.outs, self.state.version)
            self._bring(session, SupersededKeysProvider(), "superseded", listed, run)
            self._delete_replaced(session)
        except (OpenRouterError, PutFailed, Killed) as error:
            run.error = error
        run.writes = life.writes
        return run

    def refreshed(self, now: datetime) -> list[str]:
        """Return the resources of which a refresh says something else than the state."""
        session = self._session(Life(self._network, None), now)
        drifted = []
        for kind, provider in (("key", ApiKeyProvider()), ("superseded", SupersededKeysProvider())):
            provider.session = session
            recorded: Recorded = getattr(self.state, kind)
            result = provider.read(recorded.id, dict(recorded.outs))
            if (result.id, self._wired(result.outs or {})) != (recorded.id, recorded.outs):
                drifted.append(kind)
        return drifted

    def _session(self, life: Life, now: datetime) -> Session:
        clock = PatientClock()
        client = ManagementClient(
            self.control.management_key,
            base_url=self.control.url,
            transport=life,
            clock=lambda: now,
            monotonic=lambda: clock.seconds,
            sleep=clock.sleep,
        )
        return Session(client, KeyReader(client), now, ask=self._held, rehearsed=True)

    def _held(self, _stored_in: StoredIn | None) -> Held:
        """Return what the service would read now."""
        try:
            answer = self.aws.get_secret_value(SecretId=self.secret_id)
        except self.aws.exceptions.ResourceNotFoundException:
            return Held()
        stored = StoredValue.of(answer["VersionId"], answer["SecretString"])
        return Held(stored.key, version_id=stored.version_id)

    def _bring(self, session: Session, provider: OpenRouterProvider, kind: str, news: Props, run: Run) -> Recorded:
        """Bring one dynamic resource to the program's wish and record it."""
        provider.session = session
        old: Recorded | None = getattr(self.state, kind)
        inputs = self._checked(provider, old.inputs if old else {}, news)
        diff = provider.diff(old.id, dict(old.outs), inputs) if old else None
        run.attempted_name = str(inputs.get("name"))
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
        return made

    def _checked(self, provider: OpenRouterProvider, olds: Props, news: Props) -> Props:
        result = provider.check(dict(olds), self._wired(news))
        if result.failures:
            raise AssertionError([failure.reason for failure in result.failures])
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

    def _store(self, life: Life, text: str, run: Run) -> None:
        """Put the secret's value where the state's version holds another one."""
        if text == self.state.text:
            return
        put = life.call(lambda: self._put(text), "PutSecretValue")
        self.state = replace(self.state, text=text, version=put)
        run.did["version"] = "replace"

    def _put(self, text: str) -> str:
        try:
            return str(self.aws.put_secret_value(SecretId=self.secret_id, SecretString=text)["VersionId"])
        except self.aws.exceptions.ClientError:
            raise PutFailed from None

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
