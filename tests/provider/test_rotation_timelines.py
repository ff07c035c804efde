"""Random timelines of one service on the real providers: after every run the invariants of rotation hold."""

from collections.abc import Iterator
from typing import Protocol

import pytest
from hypothesis import HealthCheck, Phase, given, note, settings
from hypothesis import strategies as st

from openrouter_provider.api.errors import OutcomeUnknown
from sandbox.aws.client import AwsControl
from sandbox.aws.server import AwsServer
from sandbox.openrouter import SimulatorServer
from tests.provider.timelines.acts import HOURS, changes
from tests.provider.timelines.processes import Death
from tests.provider.timelines.tame import Step, Timeline, Trouble
from tests.soak import SOAK


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
