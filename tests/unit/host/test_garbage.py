"""How often Python looks for garbage in a run's processes."""

import gc
import subprocess
import sys
from collections.abc import Iterator

import pytest

from openrouter_provider.host.process import OBJECTS_BETWEEN_COLLECTIONS, collect_seldom


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    """Give the process of the tests its own thresholds back."""
    before = gc.get_threshold()
    yield
    gc.set_threshold(*before)


def test_garbage_is_looked_for_seldom() -> None:
    """The usual threshold is raised, and only that of the youngest objects."""
    gc.set_threshold(700, 10, 12)
    collect_seldom()
    assert gc.get_threshold() == (OBJECTS_BETWEEN_COLLECTIONS, 10, 12)


@pytest.mark.parametrize("own", [0, 10**9])
def test_a_program_that_wants_it_rarer_has_its_way(own: int) -> None:
    """Neither a program that switched the collector off nor one with a higher threshold is changed."""
    gc.set_threshold(own, 10, 10)
    collect_seldom()
    assert gc.get_threshold() == (own, 10, 10)


def test_nothing_is_looked_for_at_the_end() -> None:
    """When the process ends, all that it holds is out of the collector's sight."""
    program = (
        "import atexit, gc\n"
        "atexit.register(lambda: print(gc.get_freeze_count() > 0))\n"
        "from openrouter_provider.host.process import collect_seldom\n"
        "collect_seldom()\n"
    )
    ended = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    assert ended.stdout == "True\n"
