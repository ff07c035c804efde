"""Random timelines with every option of the engine, people who act by hand, wrong clocks, and a sibling stack.

A soak: OPENROUTER_KEYS_SOAK=1, with OPENROUTER_KEYS_STEPS=2000 and OPENROUTER_KEYS_SEED=7 say; it shrinks a failure.
"""

import os
from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import count

import pytest
from hypothesis import HealthCheck, Phase, given, note, seed, settings
from hypothesis import strategies as st

from openrouter_provider.resources.base import ClockDiffers
from sandbox.aws.client import AwsControl
from sandbox.aws.server import AwsServer
from sandbox.openrouter import SimulatorServer
from tests.provider.timelines.acts import Act, Trouble, acts
from tests.provider.timelines.ground import Ground
from tests.provider.timelines.states import KEY, SUPERSEDED, Way
from tests.provider.timelines.wild import WildTimeline
from tests.soak import SOAK

STEPS = int(os.environ.get("OPENROUTER_KEYS_STEPS", "2000"))
SEED = int(os.environ.get("OPENROUTER_KEYS_SEED", "7"))
EXAMPLES = 30
STEPS_OF_AN_EXAMPLE = 4


class Tally:
    """How many steps were lived through, and whether a claim failed: then the steps no longer end a soak."""

    def __init__(self) -> None:
        self.timelines = 0
        self.steps = 0
        self.failed = False

    @property
    def is_full(self) -> bool:
        """Whether a soak has had its steps."""
        return SOAK and self.steps >= STEPS and not self.failed


@pytest.fixture(scope="module")
def tally(pytestconfig: pytest.Config) -> Iterator[Tally]:
    """Count, and tell at the end."""
    counted = Tally()
    yield counted
    plugins = pytestconfig.pluginmanager
    reporter, capture = plugins.get_plugin("terminalreporter"), plugins.get_plugin("capturemanager")
    if reporter is None or capture is None:
        return  # A worker of pytest-xdist has nobody to tell.
    with capture.global_and_fixture_disabled():
        reporter.write_line(f"\nwild timelines: {counted.steps} steps in {counted.timelines} timelines, seed {SEED}")


@pytest.fixture(scope="module")
def opened() -> Iterator[Callable[[bool], WildTimeline]]:
    """Start timelines on one simulator and one AWS, each with an account and secrets of its own."""
    number = count()
    with SimulatorServer() as simulator, AwsServer() as server, AwsControl(server.url) as faults:
        aws = server.client(attempts=1)

        def start(given_name: bool) -> WildTimeline:
            control = simulator.open_account()
            account = simulator.store.managed_by(control.management_key)
            assert account
            return WildTimeline(Ground(account, control, aws, faults, f"acme/t{next(number)}-"), given_name=given_name)

        yield start


@seed(SEED)
@settings(
    max_examples=STEPS // STEPS_OF_AN_EXAMPLE if SOAK else EXAMPLES,
    # Shrinking takes minutes; the notes of each run say enough, and a soak shrinks.
    phases=[Phase.generate, Phase.shrink] if SOAK else [Phase.generate],
    database=None,
    report_multiple_bugs=False,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(given_name=st.booleans(), deployed=st.sampled_from([True, True, True, False]), played=acts())
def test_invariants_hold_whatever_anybody_does(
    opened: Callable[[bool], WildTimeline], tally: Tally, given_name: bool, deployed: bool, played: list[Act]
) -> None:
    """Whatever fails, dies, is left out, restored or done by hand: no key is harmed that the secret holds."""
    if tally.is_full:
        return
    timeline = opened(given_name)
    try:
        for act in [Act()] * deployed + played:
            timeline.play(act)
            tally.steps += 1
        timeline.settle()
    except BaseException:
        tally.failed = True
        raise
    finally:
        tally.timelines += 1
        note("\n".join(timeline.story))
        timeline.close()


@pytest.fixture
def timeline(opened: Callable[[bool], WildTimeline]) -> Iterator[WildTimeline]:
    """A service whose first run went well."""
    begun = opened(False)
    assert begun.up().did == {"key": "create", "version": "replace", "superseded": "create"}
    yield begun
    begun.close()


@pytest.mark.parametrize("targets", [{KEY}, {KEY, SUPERSEDED}])
def test_a_key_whose_successor_is_not_stored_lives_on(timeline: WildTimeline, targets: set[str]) -> None:
    """Where the version is no target, neither the overlap nor any time after it ends the key that the secret holds."""
    first = timeline.stored()
    for days in (91, 8, 100):
        timeline.up(days=days, way=Way(targets=frozenset(targets)))
    assert timeline.stored() == first
    timeline.settle()


def test_a_new_expiry_that_is_not_stored_ends_no_key(timeline: WildTimeline) -> None:
    """With --continue-on-error and a refused PutSecretValue, and then with --target, the stored key lives on."""
    first = timeline.stored()
    refused = Trouble(refuses_put=True)
    assert not timeline.up(expires_at=600, trouble=refused, way=Way(keep_going=True)).succeeded
    timeline.up(days=100, way=Way(targets=frozenset({KEY})))
    assert timeline.stored() == first
    timeline.settle()


def test_a_restored_state_takes_its_stored_successor_over(timeline: WildTimeline) -> None:
    """The state of before a rotation leads to the key that the secret holds, though no key can be made."""
    timeline.up(days=91)
    rotated = timeline.stored()
    timeline.person("restore an older state", 0)
    no_credits = {"operation": "create_key", "kind": "status_before", "status": 402, "count": 99}
    assert timeline.up(trouble=Trouble(fault=no_credits)).succeeded
    assert timeline.stored() == rotated
    assert timeline.engine.state.key
    assert timeline.engine.state.key.outs["hash"] == rotated


def test_a_key_disabled_by_hand_stays_so_on_its_rotation_s_day(timeline: WildTimeline) -> None:
    """Neither it nor a successor works until somebody says so; the run tells what to do."""
    timeline.person("disable")
    run = timeline.up(days=91)
    assert run.warnings
    assert run.writes == []


def test_a_stored_successor_that_somebody_disabled_is_taken_over_as_it_is(timeline: WildTimeline) -> None:
    """An older state is no reason for a leaked key to work again; the run says what to do."""
    timeline.up(days=91)
    rotated = timeline.stored()
    assert rotated
    timeline.person("disable", 1)
    timeline.person("restore an older state", 0)
    run = timeline.up()
    assert run.succeeded
    assert timeline.engine.state.key
    assert timeline.engine.state.key.outs["hash"] == rotated
    assert timeline.ground.live()[rotated]["disabled"]
    assert any("was disabled on OpenRouter" in warning for warning in run.warnings)
    timeline.settle()


def test_a_clock_far_ahead_for_one_run_leaves_rotation_on(timeline: WildTimeline) -> None:
    """After a rehearsal in 2098 the key still rotates in 90 days, and its overlap ends seven days later."""
    timeline.up(way=Way(clock_ahead=timedelta(days=26000), rehearsed=True))
    timeline.up()
    first = timeline.stored()
    timeline.up(days=91)
    assert timeline.stored() != first
    timeline.up(days=8)
    assert first not in timeline.ground.live()


def test_a_wrong_clock_changes_nothing(timeline: WildTimeline) -> None:
    """A machine that is 100 days ahead neither rotates nor retires; the run says that its clock differs."""
    run = timeline.up(way=Way(clock_ahead=timedelta(days=100)))
    assert isinstance(run.error, ClockDiffers)
    assert run.writes == []


def test_a_value_rolled_back_by_hand_keeps_its_key(timeline: WildTimeline) -> None:
    """Through the overlap and after it, until a refresh has given the secret the current key again."""
    first = timeline.stored()
    timeline.up(days=91)
    timeline.person("store this stack's key again")
    for version in range(2):
        timeline.person("roll back", version)
        if timeline.stored() == first:
            break
    assert timeline.stored() == first
    for days in (8, 100):
        timeline.up(days=days, way=Way(targets=frozenset({SUPERSEDED})))
    assert timeline.stored() == first
    timeline.settle()
