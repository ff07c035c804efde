"""What every test has: an unhurried hypothesis, and a switch from the simulator's default answers to harsh ones."""

import gc
import os
from collections.abc import Generator
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from sandbox.openrouter.settings import HARSH_VARIABLE
from tests.scheduling import SharingScheduling, seconds_of

# Hypothesis counts examples and watches no clock, so that a busy machine fails nothing.
settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")

# Said before any test imports one of them, since what is imported already can't be rewritten.
pytest.register_assert_rewrite(*(f"tests.unit.{name}_fixtures" for name in ("account", "recover", "resource")))


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection() -> Generator[None, object, object]:
    """Collect with the garbage collector off, and let it pass over the tests and modules from then on: they stay.

    It would go through all of them again and again, for half of the time that the collection takes each process.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Put the longest first; skip tests of the simulator's default answers where it is asked for its harsh ones."""
    if hasattr(config, "workerinput"):  # in one of several processes
        items.sort(key=lambda item: -seconds_of(item.nodeid.partition("::")[0]))
    if os.environ.get(HARSH_VARIABLE) != "1":
        return
    skip = pytest.mark.skip(reason="a test of the simulator's default answers")
    for item in items:
        if item.get_closest_marker("default_answers"):
            item.add_marker(skip)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> SharingScheduling | None:
    """Keep tests in one process that share something; another `--dist` than loadgroup is xdist's own."""
    return SharingScheduling(config, log) if config.getvalue("dist") == "loadgroup" else None
