"""One service's history of runs that fail, die and change, and what rotation's invariants say of it at every step."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from openrouter_provider.api.errors import OutcomeUnknown
from openrouter_provider.keys.schedule import DEFAULT_OVERLAP, format_instant, parse_duration
from openrouter_provider.stores.payload import key_in
from sandbox.aws.client import AwsControl
from sandbox.openrouter import Control
from sandbox.openrouter.client import NO_TLS
from sandbox.openrouter.store import Account
from tests.provider.miniature_engine import MiniatureEngine
from tests.provider.timelines.processes import Death, Killed
from tests.provider.timelines.states import Config, Run

START = datetime(2027, 1, 1, tzinfo=UTC)
LONG_ENOUGH = 50
Record = dict[str, Any]


@dataclass(frozen=True)
class Trouble:
    """What happens to a run: a death, a fault of the API, refused secret updates for that many runs."""

    death: Death | None = None
    fault: Record | None = None
    refused_puts: int = 0
    put_works: bool = False


@dataclass(frozen=True)
class Step:
    """Time passes, the config changes, and `up` runs."""

    hours: int = 0
    change: Record = field(default_factory=dict)
    trouble: Trouble = field(default_factory=Trouble)


class Timeline:
    """One service's history, and what the invariants say of it so far.

    Attributes:
        superseded: the keys that a rotation replaced, with the token that asked for it.
        retires: when the overlap of a superseded key ends; a key whose successor was never stored has no such time.
        leaked: superseded keys that an emergency reached.
        leftovers: keys that a run may have left, by exact name: named by the pending operation or by the error.
    """

    def __init__(self, account: Account, control: Control, aws: Any, faults: AwsControl, name: str) -> None:
        self.account = account
        self.control = control
        self.aws = aws
        self.faults = faults
        self.secret = name
        self.engine = MiniatureEngine(control, aws, aws.create_secret(Name=name)["ARN"])
        self.http = httpx.Client(verify=NO_TLS, trust_env=False)
        self.now = START
        self.config = Config()
        self.runs: list[Run] = []
        self.story: list[str] = []
        self.superseded: dict[str, str | None] = {}
        self.retires: dict[str, datetime] = {}
        self.leaked: set[str] = set()
        self.leftovers: dict[str, Config] = {}
        self.may_be_disabled = False
        self.refused_puts = 0
        self.stored: str | None = None

    def close(self) -> None:
        """Close the connections."""
        self.engine.close()
        self.http.close()

    def live(self) -> dict[str, Record]:
        """Return the records of the keys that exist, by hash."""
        return {key.hash: self.account.record(key) for key in list(self.account.keys.values())}

    def current(self) -> str:
        """Return the hash of the key in the state."""
        assert self.engine.state.key
        return str(self.engine.state.key.outs["hash"])

    def _read_secret(self) -> str | None:
        """Return the hash of the key that AWSCURRENT holds."""
        try:
            key = key_in(self.aws.get_secret_value(SecretId=self.secret)["SecretString"])
        except self.aws.exceptions.ResourceNotFoundException:
            return None
        return next(hash_ for hash_, value in self.account.issued.items() if value == key)

    def play(self, step: Step) -> Run:
        """Live through a step, then through its check; after a success, run once more for nothing."""
        self.now += timedelta(hours=step.hours)
        self.config = replace(self.config, **_dated(step.change, self.now))
        self._keep_expiry_ahead()
        run = self._up(step.trouble)
        self.check(run)
        if run.succeeded:
            self._check_second_run_changes_nothing()
        return run

    def up(self, days: float = 0, trouble: Trouble | None = None, **change: Any) -> Run:
        """Play a step of an example."""
        return self.play(Step(int(days * 24), change, trouble or Trouble()))

    def _keep_expiry_ahead(self) -> None:
        soon = format_instant(self.now + timedelta(days=30))
        if self.config.expires_at and self.config.expires_at < soon:
            self.config = replace(self.config, expires_at=format_instant(self.now + timedelta(days=2000)))

    def _up(self, trouble: Trouble) -> Run:
        before = self.engine.state.key
        self.refused_puts = max(self.refused_puts, trouble.refused_puts)
        self.may_be_disabled = self.may_be_disabled or bool(self.config.disabled)
        if trouble.fault:
            self.control.fault(**trouble.fault)
        if self.refused_puts:
            self.faults.fault("PutSecretValue", "InternalServiceError", secret=self.secret, after=trouble.put_works)
        self.account.settings = self.account.settings.model_copy(update={"now": self.now})
        run = self.engine.up(self.now, self.config, trouble.death)
        if "PutSecretValue" in run.writes:
            self.stored = self._read_secret()
        if trouble.fault:
            self.control.clear_faults()
        if self.refused_puts:
            self.faults.clear(self.secret)
        self.refused_puts = max(0, self.refused_puts - 1)
        self.runs.append(run)
        self.story.append(f"{self.now:%Y-%m-%d %H}h {self.config}: {run.did} {run.error!r}")
        self._learn(run, before.inputs.get("rotate_now") if before else None, before.outs["hash"] if before else None)
        return run

    def _learn(self, run: Run, token_before: str | None, hash_before: str | None) -> None:
        """Draw from what was recorded what must hold from now on."""
        if run.did.get("key") == "update" and hash_before not in {None, self.current()}:
            token = self.config.rotate_now if self.config.rotate_now != token_before else None
            self.superseded = {hash_: token or old for hash_, old in self.superseded.items()}
            self.superseded[str(hash_before)] = token
        if run.did.get("key") == "replace":
            self.superseded, self.retires = {}, {}
        if "superseded" in run.did:
            overlap = parse_duration(self.config.overlap if self.config.every else DEFAULT_OVERLAP)
            self.retires = dict.fromkeys(self.superseded, self.now + overlap) | self.retires
            token = self.config.rotate_now if self.config.emergency else None
            self.leaked |= {hash_ for hash_, given in self.superseded.items() if token and given == token}
        if isinstance(run.error, Killed) and run.attempted_name != "None":
            self.leftovers[run.attempted_name] = self.config
        if isinstance(run.error, OutcomeUnknown):
            self.leftovers[run.error.name] = self.config
        if run.succeeded:
            self._forget_leftovers_of_rotations()
            self.may_be_disabled = bool(self.config.disabled)

    def _forget_leftovers_of_rotations(self) -> None:
        """A rotation done again cleans up after the one that was killed, and an unchanged config does it again."""
        state = self.engine.state
        assert state.key
        done = {state.key.outs["name"]} | {name for name, config in self.leftovers.items() if config == self.config}
        done -= set(state.pending_creates)
        self.leftovers = {name: config for name, config in self.leftovers.items() if name not in done}

    def check(self, run: Run) -> None:
        """Hold the account and the secret against the invariants."""
        live = self.live()
        self._check_the_stored_key_works(live)
        self._check_every_key_is_known(live)
        self._check_overlaps(live, run)
        if run.succeeded:
            self._check_superseded_are_as_wished(live)

    def _check_the_stored_key_works(self, live: dict[str, Record]) -> None:
        """I1."""
        if self.stored is None:
            assert not any(run.succeeded for run in self.runs), "I1: the secret is empty"
            return
        assert self.stored in live, "I1: the key in the secret was deleted"
        key = self.account.issued[self.stored]
        answer = self.http.get(f"{self.control.url}/key", headers={"Authorization": f"Bearer {key}"})
        if not self.may_be_disabled:
            assert answer.status_code == httpx.codes.OK, "I1: the key in the secret is refused"

    def _check_every_key_is_known(self, live: dict[str, Record]) -> None:
        """I2."""
        named = {*self.leftovers, *self.engine.state.pending_creates}
        known = self.engine.state.hashes()
        silent = [
            record["name"] for hash_, record in live.items() if hash_ not in known and record["name"] not in named
        ]
        assert not silent, f"I2: live keys that nobody names: {silent}"

    def _check_overlaps(self, live: dict[str, Record], run: Run) -> None:
        """I3."""
        for hash_ in self.superseded:
            over = hash_ in self.retires and self.now >= self.retires[hash_]
            assert over or hash_ in live, "I3: a superseded key was deleted before its overlap was over"
            assert not (over and run.succeeded and hash_ in live), "I3: a superseded key was forgotten"

    def _check_superseded_are_as_wished(self, live: dict[str, Record]) -> None:
        """A leaked key is disabled for good; every other works while it lives, unless the service is disabled."""
        wished = set(self.superseded) | {self.current()}
        assert {hash_ for hash_ in self.engine.state.hashes() if hash_ in live} <= wished
        for hash_ in wished & set(live):
            disabled = hash_ in self.leaked or bool(self.config.disabled)
            assert live[hash_]["disabled"] == disabled, "a key's state isn't the wish"

    def _check_second_run_changes_nothing(self) -> None:
        """I5."""
        outputs = self.engine.state.outputs()
        assert self.engine.refreshed(self.now) == [], "I5: a refresh is not silent"
        again = self.engine.up(self.now, self.config)
        assert (again.writes, again.did) == ([], {"key": "same", "superseded": "same"}), "I5: a second run changed"
        assert self.engine.state.outputs() == outputs, "I5: a second run moved the state"

    def settle(self) -> None:
        """Run until every overlap is over; one key is left, and what is named."""
        self.refused_puts = 0
        assert self.up(every=None, disabled=None).succeeded
        assert self.up(days=LONG_ENOUGH).succeeded
        named = {*self.leftovers, *self.engine.state.pending_creates}
        left = {hash_ for hash_, record in self.live().items() if record["name"] not in named}
        assert left == {self.current()}


def _dated(change: Record, now: datetime) -> Record:
    """Return a change with days of life turned into the instant at which it ends."""
    days = change.get("expires_at")
    return {**change, "expires_at": format_instant(now + timedelta(days=days))} if days else change
