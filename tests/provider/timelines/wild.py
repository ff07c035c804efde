"""One service's history where operators use every option of the engine, people act by hand, and clocks are wrong."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from openrouter_provider.api.errors import OutcomeUnknown
from openrouter_provider.keys.schedule import format_instant
from tests.provider.miniature_engine import MiniatureEngine
from tests.provider.timelines.acts import Act, Hand, Record, Trouble
from tests.provider.timelines.claims import Claims, Sight
from tests.provider.timelines.ground import Ground
from tests.provider.timelines.people import People
from tests.provider.timelines.processes import Killed
from tests.provider.timelines.states import Config, Run, State, Way

START = datetime(2027, 1, 1, tzinfo=UTC)
LONG_ENOUGH = 50


class WildTimeline:
    """A service beside a sibling stack's, which gives the same names on the same account.

    Attributes:
        own: the keys that runs of this stack made, in order.
        history: every state that there was, to restore one.
        named: the exact names of keys that a pending operation or an error named.
    """

    def __init__(self, ground: Ground, *, given_name: bool = False) -> None:
        self.ground = ground
        self.now = START
        self.config = Config(given_name=given_name)
        self.engine = MiniatureEngine(ground.control, ground.aws, ground.make_secret("ours"))
        self.sibling = MiniatureEngine(ground.control, ground.aws, ground.make_secret("sibling"))
        self.own: list[str] = []
        self.runs: list[Run] = []
        self.story: list[str] = []
        self.history: list[State] = []
        self.named: set[str] = set()
        self.people = People(self)
        self.claims = Claims(self)
        ground.set_time(self.now)
        self.run_sibling()

    def close(self) -> None:
        """Close the connections."""
        self.engine.close()
        self.sibling.close()

    def stored(self) -> str | None:
        """Return the hash of the key that AWSCURRENT holds; None where it holds none of the account's."""
        return self.ground.hash_of(self.engine.secret.key())

    def run_sibling(self) -> None:
        """The other stack deploys, and must leave ours alone as ours leaves its own."""
        ours = {hash_: kept for hash_, kept in self.ground.settings_of_keys().items() if hash_ in self.own}
        self.sibling.up(self.now, Config(every="30d", given_name=self.config.given_name))
        after = self.ground.settings_of_keys()
        assert {hash_: after.get(hash_) for hash_ in ours} == ours, "the sibling's run touched a key of ours"

    def play(self, act: Act) -> Run:
        """Live through an act, then hold it against the claims."""
        for hand in act.hands:
            self.people.act(hand)
            self.story.append(f"    a person: {hand.does} ({hand.pick})")
        self.now += timedelta(hours=act.hours)
        self.ground.set_time(self.now)
        self.config = replace(self.config, **_dated(act.change, self.now))
        self._keep_expiry_ahead()
        before = Sight.of(self)
        run = self._up(act)
        self.claims.check(act, before, run)
        return run

    def up(self, days: float = 0, trouble: Trouble | None = None, way: Way | None = None, **change: Any) -> Run:
        """Play an act of an example."""
        return self.play(Act((), int(days * 24), change, trouble or Trouble(), way or Way()))

    def person(self, does: str, pick: int = 0) -> None:
        """Let a person act in an example."""
        self.people.act(Hand(does, pick))

    def settle(self) -> None:
        """Let somebody put everything right as the docs say; then one key is left, what is named, and strangers."""
        run = self.up(way=Way(refresh=True), every=None, disabled=None, emergency=None, expires_at=None)
        assert run.succeeded, f"a plain up --refresh fails: {run.error!r}"
        for days in (LONG_ENOUGH, LONG_ENOUGH):
            run = self.up(days=days)
            assert run.succeeded, f"a plain up fails: {run.error!r}"
        self.claims.check_settled()

    def _keep_expiry_ahead(self) -> None:
        soon = format_instant(self.now + timedelta(days=30))
        if self.config.expires_at and self.config.expires_at < soon:
            self.config = replace(self.config, expires_at=format_instant(self.now + timedelta(days=2000)))

    def _up(self, act: Act) -> Run:
        self._plan(act.trouble)
        known = set(self.ground.account.issued)
        run = self.engine.up(self.now, self.config, act.trouble.death, act.way)
        self.own += [hash_ for hash_ in self.ground.account.issued if hash_ not in known]
        self.ground.control.clear_faults()
        self.ground.faults.clear(self.ground.name)
        self.runs.append(run)
        if not self.history or self.history[-1] != self.engine.state:
            self.history.append(self.engine.state)
        self._note_names(run)
        self.story.append(
            f"{self.now:%Y-%m-%d %H}h {self.config}\n    {act.way}; {act.trouble}: {run.did} {run.error!r}"
        )
        self.story += [f"    warned: {warning}" for warning in run.warnings]
        return run

    def _plan(self, trouble: Trouble) -> None:
        faults, secret = self.ground.faults, self.engine.secret.id
        if trouble.fault:
            self.ground.control.fault(**trouble.fault)
        if trouble.refuses_put:
            for operation in ("PutSecretValue", "UpdateSecretVersionStage"):
                faults.fault(operation, "InternalServiceError", secret=secret, count=-1, after=trouble.put_works)
        if trouble.unreadable:
            faults.fault("GetSecretValue", "AccessDeniedException", secret=secret, count=-1)

    def _note_names(self, run: Run) -> None:
        if isinstance(run.error, Killed) and run.attempted_name:
            self.named.add(run.attempted_name)
        if isinstance(run.error, OutcomeUnknown):
            self.named.add(run.error.name)


def _dated(change: Record, now: datetime) -> Record:
    """Return a change with days of life turned into the instant at which it ends."""
    days = change.get("expires_at")
    return {**change, "expires_at": format_instant(now + timedelta(days=days))} if days else change
