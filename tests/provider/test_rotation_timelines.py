"""Random timelines of one service on the real providers: after every run the invariants of rotation hold."""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

import httpx
import pytest
from hypothesis import HealthCheck, Phase, given, note, settings
from hypothesis import strategies as st

from openrouter_provider.api.errors import OutcomeUnknown
from openrouter_provider.payload import key_in
from openrouter_provider.schedule import DEFAULT_OVERLAP, format_instant, parse_duration
from sandbox.aws.client import AwsControl
from sandbox.aws.server import AwsServer
from sandbox.openrouter import Control, SimulatorServer
from sandbox.openrouter.client import NO_TLS
from sandbox.openrouter.store import Account
from tests.provider.miniature_engine import Config, Death, Killed, MiniatureEngine, Run

START = datetime(2027, 1, 1, tzinfo=UTC)
SOAK = os.environ.get("OPENROUTER_KEYS_SOAK") == "1"
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


class Opens(Protocol):
    """Starts a timeline with nothing deployed."""

    def __call__(self) -> Timeline:
        """Return it."""
        ...


@pytest.fixture(scope="module")
def opened() -> Iterator[Opens]:
    """Start timelines on one simulator and one AWS, each with an account and a secret of its own."""
    timelines: list[Timeline] = []
    with SimulatorServer() as simulator, AwsServer() as server, AwsControl(server.url) as faults:
        aws = server.client(attempts=1)

        def start() -> Timeline:
            control, name = simulator.open_account(), f"acme/t{len(timelines)}/openrouter"
            account = simulator.store.managed_by(control.management_key)
            assert account
            timelines.append(Timeline(account, control, aws, faults, name))
            return timelines[-1]

        yield start
        for timeline in timelines:
            timeline.close()
            timeline.control.close()


@pytest.fixture
def timeline(opened: Opens) -> Timeline:
    """A service whose first run went well."""
    begun = opened()
    assert begun.up().did == {"key": "create", "version": "replace", "superseded": "create"}
    return begun


def changes() -> st.SearchStrategy[Record]:
    """Return changes of the config; most steps change nothing."""
    fields: dict[str, st.SearchStrategy[Any]] = {
        "limit": st.sampled_from([1, 2.5, 50]),
        "every": st.sampled_from(["30d", "90d", None]),
        "overlap": st.sampled_from(["1d", "7d"]),
        "stagger": st.booleans(),
        "rotate_now": st.sampled_from(["leak-1", "leak-2", "leak-3", None]),
        "emergency": st.sampled_from([True, None]),
        "disabled": st.sampled_from([True, None]),
        "expires_at": st.sampled_from([600, 900, None]),
    }
    rotation = st.fixed_dictionaries({"rotate_now": fields["rotate_now"], "emergency": fields["emergency"]})
    one = st.sampled_from(sorted(fields)).flatmap(lambda name: st.fixed_dictionaries({name: fields[name]}))
    return st.just({}) | st.just({}) | one | rotation


def troubles() -> st.SearchStrategy[Trouble]:
    """Return what may happen to a run; most runs are spared."""
    fault = st.fixed_dictionaries(
        {
            "operation": st.sampled_from(["any", "create_key", "update_key", "delete_key", "current_key", "list_keys"]),
            "kind": st.sampled_from(["status_before", "status_after", "drop_before", "drop_after"]),
            "count": st.sampled_from([1, 2, 9, 500]),
            "skip": st.integers(0, 3),
        }
    )
    return st.one_of(
        st.just(Trouble()),
        st.just(Trouble()),
        st.builds(Trouble, fault=fault),
        st.builds(Trouble, refused_puts=st.integers(1, 4), put_works=st.booleans()),
        st.builds(Trouble, death=st.builds(Death, st.integers(1, 7), st.booleans())),
    )


# The second is about the overlaps' ends, 24 and 168 hours after the run that stored the successor.
HOURS = (
    st.just(0) | st.sampled_from([14, 23, 24, 100, 167, 168]) | st.integers(1, 24 * 40) | st.integers(24 * 30, 24 * 400)
)
STEPS = st.lists(st.builds(Step, HOURS, changes(), troubles()), min_size=1, max_size=12)


@settings(
    max_examples=1000 if SOAK else 30,
    derandomize=not SOAK,
    # Shrinking takes minutes; the notes of each run say enough, and a soak shrinks.
    phases=[Phase.generate, Phase.shrink] if SOAK else [Phase.generate],
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(steps=STEPS)
def test_invariants_hold_on_any_timeline(opened: Opens, steps: list[Step]) -> None:
    """Whatever fails, dies or changes: the stored key works, every key is known, every overlap is kept."""
    timeline = opened()
    try:
        for step in steps:
            timeline.play(step)
        timeline.settle()
    finally:
        note("\n".join(timeline.story))


REFUSED = Trouble(refused_puts=1)


def test_one_rotation_and_the_end_of_its_overlap(timeline: Timeline) -> None:
    """A due key is replaced once; the old one lives for seven days and is deleted by the first run after them."""
    first = timeline.current()
    timeline.up(days=91)
    assert set(timeline.live()) == {first, timeline.current()}
    timeline.up(days=6)
    assert first in timeline.live()
    timeline.up(days=1)
    assert set(timeline.live()) == {timeline.current()}


def test_an_overlap_starts_when_the_new_value_is_stored(timeline: Timeline) -> None:
    """After five refused updates of the secret over 40 days the old key still has its seven days."""
    first = timeline.current()
    for _ in range(5):
        assert not timeline.up(days=91 if timeline.current() == first else 10, trouble=REFUSED).succeeded
    timeline.up()
    timeline.up(days=6)
    assert first in timeline.live()
    timeline.up(days=1)
    assert set(timeline.live()) == {timeline.current()}


def test_a_killed_rotation_leaves_no_key_over(timeline: Timeline) -> None:
    """What a rotation made before it was killed is deleted by the next run."""
    assert timeline.up(days=91, trouble=Trouble(death=Death(3, after=True))).attempted_name
    assert len(timeline.live()) == 2
    (orphan,) = set(timeline.live()) - timeline.engine.state.hashes()
    timeline.up()
    assert orphan not in timeline.live()
    assert set(timeline.live()) == timeline.engine.state.hashes()


def test_a_gap_of_a_year_rotates_once(timeline: Timeline) -> None:
    """However long no run happened, one key is made."""
    run = timeline.up(days=365)
    assert [write for write in run.writes if write.startswith("POST")] == ["POST /api/v1/keys"]


def test_an_emergency_waits_for_the_new_value(timeline: Timeline) -> None:
    """The leaked key works until its successor is stored, and is disabled in that very run."""
    leaked = timeline.current()
    timeline.up(rotate_now="leak", emergency=True, trouble=REFUSED)
    assert not timeline.live()[leaked]["disabled"]
    timeline.up()
    assert timeline.live()[leaked]["disabled"]


def test_switching_rotation_off_still_retires(timeline: Timeline) -> None:
    """A key superseded before rotation was switched off goes at the end of the overlap it was promised."""
    timeline.up(days=91)
    timeline.up(days=1, every=None)
    timeline.up(days=6)
    assert set(timeline.live()) == {timeline.current()}


def test_an_emergency_may_be_declared_after_the_rotation(timeline: Timeline) -> None:
    """A token rotates without harm; emergency beside it, later, disables what that rotation superseded."""
    first = timeline.current()
    timeline.up(rotate_now="leak")
    assert not timeline.live()[first]["disabled"]
    timeline.up(days=1, emergency=True)
    assert timeline.live()[first]["disabled"]


def test_a_successor_that_can_be_neither_used_nor_deleted_is_named(timeline: Timeline) -> None:
    """Where the API breaks down between a rotation's POST and its proof, the error says the new key's exact name."""
    fault = {"operation": "any", "kind": "drop_before", "count": 500, "skip": 3}
    error = timeline.up(days=91, trouble=Trouble(fault=fault)).error
    assert isinstance(error, OutcomeUnknown)
    assert error.name in {record["name"] for record in timeline.live().values()}


def test_a_new_key_that_can_be_neither_disabled_nor_deleted_is_named(opened: Opens) -> None:
    """A create that fails after its POST and cannot undo it says the key's exact name."""
    timeline = opened()
    fault = {"operation": "any", "kind": "status_before", "count": 500, "skip": 1}
    error = timeline.up(disabled=True, trouble=Trouble(fault=fault)).error
    assert isinstance(error, OutcomeUnknown)
    assert [error.name] == [record["name"] for record in timeline.live().values()]
