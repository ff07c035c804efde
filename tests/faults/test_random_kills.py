"""Kills at random instants: OPENROUTER_KEYS_KILLS of them, seeded by OPENROUTER_KEYS_SEED (see kills.py)."""

import os
from pathlib import Path

from sandbox.lifecycle import Sandbox
from tests.faults.kills import VICTIMS, plan, run_lives
from tests.faults.kills_table import OPERATIONS
from tests.soak import only_in_soak

KILLS = int(os.environ.get("OPENROUTER_KEYS_KILLS", "2"))
SEED = int(os.environ.get("OPENROUTER_KEYS_SEED", "7"))


@only_in_soak
def test_recover_and_up_end_with_one_live_key_a_service(sandbox: Sandbox, tmp_path: Path) -> None:
    """After each kill recover and one run leave one live, working key a service, and nothing else alive."""
    found = list(run_lives(sandbox, tmp_path, plan(KILLS, SEED), at_once=1))
    assert [outcome for outcome in found if not outcome.clean] == []
    assert len(found) == KILLS


def test_plan_is_that_of_its_seed_and_hits_everything_in_everything() -> None:
    """The same seed plans the same kills, and a dozen of them have each victim in each operation once."""
    assert plan(50, 7) == plan(50, 7) != plan(50, 8)
    dozen = [(each.victim, each.operation) for life in plan(12, 7) for each in life]
    assert sorted(dozen) == sorted((victim, operation) for victim in VICTIMS for operation in OPERATIONS)
