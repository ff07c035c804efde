"""How resources are registered: what is kept out of their state, and when their registration begins."""

import asyncio
import gc
import sys
import traceback
from collections.abc import Iterator

import pytest
from pulumi.runtime.resource import _get_stack_trace

from openrouter_provider.host.registration import (
    _begin_once,
    begin_registering,
    is_tuned,
    tune_program,
    turn_event_loop,
    without_source_positions,
)


@pytest.fixture(autouse=True)
def tuned() -> Iterator[None]:
    """A program that asked to be tuned; the process of the tests gets its own thresholds back."""
    before = gc.get_threshold()
    tune_program()
    yield
    tune_program.cache_clear()
    gc.set_threshold(*before)


class Base:
    """As deep a constructor as the SDK's trace expects: resource, custom resource, dynamic resource."""

    def __init__(self) -> None:
        self.stored = len(_get_stack_trace().frames)


class Custom(Base):
    """The second constructor."""

    def __init__(self) -> None:
        super().__init__()


class Dynamic(Custom):
    """The third."""

    def __init__(self) -> None:
        super().__init__()


def test_the_sdk_stores_no_trace_of_a_declaration() -> None:
    """Where the SDK would store a dozen frames it stores none."""
    assert Dynamic().stored > 5
    with without_source_positions():
        assert Dynamic().stored == 0


def test_traces_are_whole_again_afterwards() -> None:
    """The limit ends with the declaration, also with one that fails."""
    before = len(traceback.extract_stack())
    with pytest.raises(ValueError, match="a bad argument"), without_source_positions():
        raise ValueError("a bad argument")
    assert len(traceback.extract_stack()) == before
    assert not hasattr(sys, "tracebacklimit")


def test_a_limit_of_the_program_s_own_stays() -> None:
    """A program that set a limit has it back."""
    sys.tracebacklimit = 7
    try:
        with without_source_positions(), without_source_positions():
            assert len(traceback.extract_stack()) == 1
        assert sys.tracebacklimit == 7
    finally:
        del sys.tracebacklimit


def test_what_was_declared_begins_while_the_program_still_runs() -> None:
    """A task that a program made has begun before the program ends, and the program goes on."""
    begun: list[str] = []

    async def registration() -> None:
        begun.append("registration")

    async def program() -> list[str]:
        task = asyncio.ensure_future(registration())
        assert turn_event_loop(0) is True
        seen = list(begun)
        await task
        return seen

    # asyncio.run would leave the thread without a loop, which Pulumi's mocks want to find.
    loop = asyncio.new_event_loop()
    try:
        assert loop.run_until_complete(program()) == ["registration"]
    finally:
        loop.close()


def test_only_the_first_declaration_waits() -> None:
    """Only the first declaration turns the event loop."""
    begin_registering()
    turns = _begin_once.cache_info().misses
    begin_registering()
    assert _begin_once.cache_info().misses == turns


def test_a_program_that_did_not_ask_keeps_its_traces() -> None:
    """Without tune_program the SDK stores what it always stores."""
    tune_program.cache_clear()
    assert not is_tuned()
    with without_source_positions():
        assert not hasattr(sys, "tracebacklimit")
        assert Dynamic().stored > 5
