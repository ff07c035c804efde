"""What is kept out of the state of each resource."""

import sys
import traceback

import pytest
from pulumi.runtime.resource import _get_stack_trace

from openrouter_provider.resources.registration import without_source_positions


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
