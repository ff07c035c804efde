"""How often Python looks for garbage in a run's processes."""

import gc
from collections.abc import Iterator

import pytest

from openrouter_provider.resources.garbage import OBJECTS_BETWEEN_COLLECTIONS, collect_seldom


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
