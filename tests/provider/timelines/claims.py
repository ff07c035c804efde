"""What holds after every act, whatever operators, people, clocks and networks did."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from openrouter_provider.api.models import KeyRecord
from openrouter_provider.operations.drift.account import account_findings
from openrouter_provider.operations.stack.orphans import Claim
from tests.provider.timelines.ground import Record
from tests.provider.timelines.states import KEY, KEY_PREFIX, SUPERSEDED, Run, Way

if TYPE_CHECKING:
    from tests.provider.timelines.acts import Act
    from tests.provider.timelines.wild import WildTimeline

SHORTEST_OVERLAP = timedelta(days=1)
PREFIX = KEY_PREFIX.rpartition("/")[0]
SKEW = timedelta(minutes=5)


@dataclass(frozen=True)
class Sight:
    """What there was right before a run.

    Attributes:
        keys: what is set of each key that exists.
        unused: the keys that were never used.
        known: the keys that the state knows.
        stored: the key that the secret holds.
    """

    keys: dict[str, Record]
    unused: frozenset[str]
    known: frozenset[str]
    stored: str | None

    @classmethod
    def of(cls, timeline: "WildTimeline") -> "Sight":
        """Look at the account, the state and the secret."""
        ground = timeline.ground
        unused = frozenset(hash_ for hash_, record in ground.live().items() if not record["usage"])
        known = frozenset(timeline.engine.state.hashes())
        return cls(ground.settings_of_keys(), unused, known, timeline.stored())


class Claims:
    """Holds a timeline against its invariants.

    Attributes:
        free_since: when a superseded key was first seen outside the secret: its overlap cannot have begun before.
    """

    def __init__(self, timeline: "WildTimeline") -> None:
        self._timeline = timeline
        self._ground = timeline.ground
        self.free_since: dict[str, datetime] = {}
        self.may_be_disabled = False
        self.was_rehearsed_behind = False

    def check(self, act: "Act", before: Sight, run: Run) -> None:
        """Hold what a run left against every claim."""
        after = Sight.of(self._timeline)
        self.may_be_disabled = self.may_be_disabled or bool(self._timeline.config.disabled)
        self.was_rehearsed_behind |= act.way.rehearsed and act.way.clock_ahead < timedelta(0)
        self._note_what_aws_was_told(act.way, before, after)
        self._check_the_stored_key_works(after)
        self._check_others_are_untouched(before, after)
        self._check_deletions(act.way, before, after)
        self._check_people_are_heeded(after, run)
        self._check_every_key_is_named()
        if run.succeeded and not act.trouble.unreadable:
            self._check_a_second_run_changes_nothing(act.way)
        self._note_what_is_free(after, run)
        if run.succeeded and act.way.is_plain:
            self.may_be_disabled = bool(self._timeline.config.disabled)

    def _note_what_aws_was_told(self, way: Way, before: Sight, after: Sight) -> None:
        """Where the secret's version alone is a target, an old state gives AWSCURRENT back to a key long refused.

        AWS's own provider does that; none of ours is asked.
        """
        moved = after.stored is not None and after.stored != before.stored
        if moved and KEY not in way.targets:
            record = before.keys.get(str(after.stored))
            if record is None or record["disabled"]:
                self._timeline.people.broke.add(str(after.stored))

    def _check_the_stored_key_works(self, after: Sight) -> None:
        """I1: what AWSCURRENT holds authenticates, unless a person disabled, deleted or replaced it."""
        if after.stored is None or after.stored in self._timeline.people.broke or self.may_be_disabled:
            return
        assert after.stored in after.keys, "I1: the key in the secret was deleted"
        if not self._has_expired(after.keys[after.stored]):
            assert self._ground.authenticates(after.stored), "I1: the key in the secret is refused"

    def _has_expired(self, record: Record) -> bool:
        expires_at = record["expires_at"]
        return expires_at is not None and datetime.fromisoformat(expires_at) <= self._timeline.now

    def _check_others_are_untouched(self, before: Sight, after: Sight) -> None:
        """I6: a key that no run of this stack made is as it was."""
        theirs = {hash_: kept for hash_, kept in before.keys.items() if hash_ not in self._timeline.own}
        assert {hash_: after.keys.get(hash_) for hash_ in theirs} == theirs, "I6: somebody else's key was touched"

    def _check_deletions(self, way: Way, before: Sight, after: Sight) -> None:
        """I3 and I6: no key goes before its overlap is over; what no state knows goes only if it was never used."""
        for hash_ in set(before.keys) - set(after.keys):
            assert hash_ != after.stored, "I6: a key was deleted that the secret holds"
            if hash_ not in before.known:
                assert hash_ in before.unused, "I6: a used key that the state did not know was deleted"
                continue
            free_since = self.free_since.get(hash_)
            now = self._timeline.now + (way.clock_ahead if way.rehearsed else timedelta(0))
            early = free_since is None or now < free_since + SHORTEST_OVERLAP
            assert not early or self.was_rehearsed_behind, (
                f"I3: a superseded key was deleted before its overlap was over (free since {free_since})"
            )

    def _check_people_are_heeded(self, after: Sight, run: Run) -> None:
        """I6: a key that a person disabled is not enabled again without a word."""
        people = self._timeline.people
        for hash_ in sorted(people.disabled & set(after.keys)):
            record = after.keys[hash_]
            if record["disabled"]:
                continue
            told = any(record["name"] in warning or record["label"] in warning for warning in run.warnings)
            assert told or self.may_be_disabled, "I6: a key that a person disabled was enabled without a word"
            people.disabled.discard(hash_)
            people.broke.discard(hash_)

    def _check_every_key_is_named(self) -> None:
        """I2: a key of this stack is in its state, or a command names it."""
        known, named = self._timeline.engine.state.hashes(), self._named()
        records = [
            KeyRecord.model_validate(record)
            for hash_, record in self._ground.live().items()
            if hash_ in self._timeline.own and hash_ not in known and record["name"] not in named
        ]
        claim = Claim(frozenset({PREFIX}), known=frozenset(known))
        found = {finding.property for finding in account_findings("dev", claim, records)}
        silent = [record.name for record in records if f"key {record.name}" not in found]
        assert not silent, f"I2: live keys that nobody names: {silent}"

    def _named(self) -> set[str]:
        return {*self._timeline.named, *self._timeline.engine.state.pending_creates}

    def _check_a_second_run_changes_nothing(self, way: Way) -> None:
        """I5: the same run again writes nothing, and updates nothing unless it says what it waits for."""
        timeline = self._timeline
        again = timeline.engine.up(timeline.now, timeline.config, way=way)
        assert again.succeeded, f"I5: the same run again fails: {again.error!r}"
        assert again.writes == [], f"I5: the same run again changed something: {again.did} {again.writes}"
        assert again.warnings or {*again.did.values()} <= {"same"}, f"I5: the same run again updates: {again.did}"

    def _note_what_is_free(self, after: Sight, run: Run) -> None:
        """An overlap can begin once the key is neither current nor stored; a run that sees it stored begins it anew."""
        state = self._timeline.engine.state
        current = state.key.outs["hash"] if state.key else None
        for hash_ in self._timeline.own:
            if hash_ not in (current, after.stored):
                self.free_since.setdefault(hash_, self._timeline.now)
            elif hash_ == current or run.did.get(SUPERSEDED) == "update":
                self.free_since.pop(hash_, None)

    def check_settled(self) -> None:
        """One key is left, it is stored and works; beside it only keys that a command names."""
        state = self._timeline.engine.state
        assert state.key
        current = str(state.key.outs["hash"])
        assert self._timeline.stored() == current, "I1: the secret does not hold the current key"
        assert self._ground.authenticates(current), "I1: the current key is refused"
        left = (state.hashes() & set(self._ground.live())) - {current}
        assert not left, "I3: a superseded key was forgotten"
