"""Whose turn it is among several stacks."""

import threading

import pytest

from openrouter_provider.api.errors import ConfigurationError
from openrouter_provider.operations.fleet.ordering import Needs, in_turn


def told(stacks: list[str], needs: Needs, bad: str = "", at_once: int = 1) -> dict[str, str]:
    """Return what became of each stack, in the order in which it ended."""
    done: dict[str, str] = {}

    def left_out(_stack: str, needed: object) -> str | None:
        return "left out" if bad and bad in str(needed) else None

    in_turn(stacks, needs, at_once, lambda stack: "failed" if stack == bad else "done", left_out, done)
    return done


def test_a_stack_comes_after_what_it_reads_from() -> None:
    """Whatever the names' order; what is not among the stacks is not waited for."""
    first, *others = told(["a", "b", "base"], {"a": {"base", "elsewhere"}, "b": {"base"}})
    assert (first, sorted(others)) == ("base", ["a", "b"])


def test_what_needs_a_failed_stack_is_left_out_and_the_rest_goes_on() -> None:
    """One failure stops only those that read from it."""
    found = told(["a", "b", "base"], {"a": {"base"}}, bad="base")
    assert found == {"base": "failed", "a": "left out", "b": "done"}


def test_stacks_run_side_by_side() -> None:
    """As many as are asked for: each of two waits until the other has begun too."""
    both = threading.Barrier(2, timeout=10)
    done: dict[str, int] = {}
    in_turn(["a", "b"], {}, 2, lambda _stack: both.wait(), lambda _stack, _needed: None, done)
    assert sorted(done.values()) == [0, 1]


def test_stacks_that_wait_for_each_other_are_named() -> None:
    """A circle is an error before anything runs."""
    with pytest.raises(ConfigurationError, match="these stacks wait for each other: "):
        told(["a", "b"], {"a": {"b"}, "b": {"a"}})
