"""Random timelines with every option of the engine, people who act by hand, wrong clocks, and a sibling stack.

A soak: OPENROUTER_KEYS_SOAK=1, with OPENROUTER_KEYS_STEPS=2000 and OPENROUTER_KEYS_SEED=7 say; it shrinks a failure.
"""

import os
from collections.abc import Callable, Iterator
from itertools import count

import pytest
from hypothesis import HealthCheck, Phase, given, note, seed, settings
from hypothesis import strategies as st

from sandbox.aws.client import AwsControl
from sandbox.aws.server import AwsServer
from sandbox.openrouter import SimulatorServer
from tests.provider.timelines.acts import Act, acts
from tests.provider.timelines.ground import Ground
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
