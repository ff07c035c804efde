"""Kills of `openrouter-keys move`: OPENROUTER_KEYS_KILLS of them, by OPENROUTER_KEYS_SEED (see moving_kills.py)."""

import os
from pathlib import Path

from sandbox.lifecycle import Sandbox
from tests.faults.moving_kills import PARTS, VICTIMS, plan, run_lives
from tests.soak import only_in_soak

KILLS = int(os.environ.get("OPENROUTER_KEYS_KILLS", "3"))
SEED = int(os.environ.get("OPENROUTER_KEYS_SEED", "7"))


@only_in_soak
def test_a_killed_move_ends_when_it_is_run_again(sandbox: Sandbox, tmp_path: Path) -> None:
    """No key is made anew or lost, every secret's current version stays, and each service is in one stack."""
    found = list(run_lives(sandbox, tmp_path, plan(KILLS + 1, SEED)[1:], at_once=1))
    assert [cost for cost in found if not cost.clean] == []
    assert len(found) == KILLS


def test_the_plan_is_that_of_its_seed_and_hits_everything_everywhere() -> None:
    """The same seed plans the same kills, and a dozen of them have each victim in each part of a move once."""
    assert plan(50, 7) == plan(50, 7) != plan(50, 8)
    assert {(each.victim, each.part) for each in plan(12, 7)} == {
        (victim, part) for victim in VICTIMS for part in PARTS
    }
