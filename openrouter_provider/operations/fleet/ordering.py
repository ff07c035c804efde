"""Which stack's turn it is: several side by side, and one that reads another's outputs after that one."""

from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from graphlib import CycleError, TopologicalSorter
from typing import TypeVar

from ...api.errors import ConfigurationError

Done = TypeVar("Done")
Needs = Mapping[str, Collection[str]]
"""The stacks that must come before a stack, by its name."""


def in_turn(
    stacks: Sequence[str],
    needs: Needs,
    at_once: int,
    run: Callable[[str], Done],
    left_out: Callable[[str, Sequence[str]], Done | None],
    done: dict[str, Done],
) -> None:
    """Run each stack once, after those that it needs; the others go on whatever becomes of one.

    Args:
        stacks: their names; of those that stand ready the first ones begin.
        needs: what must come before each; what is not among the stacks counts as there.
        at_once: how many run side by side.
        run: runs one, from a thread.
        left_out: says what becomes of one whose needs, as they are in `done`, are not met; None where it can run.
        done: takes what became of each.

    Raises:
        ConfigurationError: they wait for each other.
    """
    wanted = set(stacks)
    order = TopologicalSorter({stack: wanted.intersection(needs.get(stack, ())) for stack in stacks})
    try:
        order.prepare()
    except CycleError as error:
        raise ConfigurationError(f"these stacks wait for each other: {' -> '.join(error.args[1])}") from None
    with ThreadPoolExecutor(max(1, at_once)) as pool:
        running: dict[Future[Done], str] = {}
        while order.is_active():
            for stack in sorted(order.get_ready(), key=stacks.index):
                missed = left_out(stack, sorted(wanted.intersection(needs.get(stack, ()))))
                if missed is None:
                    running[pool.submit(run, stack)] = stack
                else:
                    done[stack] = missed
                    order.done(stack)
            ended, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in ended:
                stack = running.pop(future)
                done[stack] = future.result()
                order.done(stack)


def reversed_needs(needs: Needs) -> dict[str, set[str]]:
    """Return the needs of taking down: what is needed goes after those that need it.

    >>> reversed_needs({"eu": ["base"], "us": ["base"]})["base"] == {"eu", "us"}
    True
    """
    found: dict[str, set[str]] = {}
    for stack, needed in needs.items():
        for each in needed:
            found.setdefault(each, set()).add(stack)
    return found
