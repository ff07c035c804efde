"""One question asked of several stacks side by side; a stack that can't answer hides no other's answer."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from ..api.errors import OpenRouterError
from ..api.scrub import printable, scrub
from .progress import Report

STACKS_AT_ONCE = 4
Answer = TypeVar("Answer")


@dataclass(frozen=True)
class StackAnswer(Generic[Answer]):
    """What one stack answered.

    Attributes:
        stack: its name.
        found: the answer; None where there is none.
        error: why there is none.
    """

    stack: str
    found: Answer | None = None
    error: str | None = None


def ask_each(
    stacks: Sequence[str],
    ask: Callable[[str], Answer],
    report: Report,
    *,
    at_once: int = STACKS_AT_ONCE,
    begun: str = "asking",
    ended: Callable[[Answer], str] = lambda _answer: "done",
) -> list[StackAnswer[Answer]]:
    """Return the stacks' answers in the order given.

    Args:
        stacks: their names.
        ask: asks one, from a thread.
        report: told what is being done.
        at_once: how many are asked side by side.
        begun: what is said of a stack first; nothing where it is empty.
        ended: says how an answer ended.
    """

    def guarded(stack: str) -> StackAnswer[Answer]:
        if begun:
            report(stack, begun)
        try:
            answer = StackAnswer(stack, ask(stack))
        except OpenRouterError as error:
            answer = StackAnswer(stack, error=str(error))
        except Exception as error:  # noqa: BLE001 - the other stacks' answers must not be lost
            answer = StackAnswer(stack, error=f"{type(error).__name__}: {scrub(str(error))}")
        report(stack, "failed" if answer.found is None else ended(answer.found))
        return answer

    with ThreadPoolExecutor(max(1, at_once)) as pool:
        return list(pool.map(guarded, stacks))


def answered(answers: Iterable[StackAnswer[Answer]]) -> list[Answer]:
    """Return the answers that there are."""
    return [each.found for each in answers if each.found is not None]


def as_objects(
    answers: Iterable[StackAnswer[Answer]], written: Callable[[Answer], Mapping[str, Any]]
) -> dict[str, list[Mapping[str, Any]]]:
    """Return an object a stack, each with its name; that of a stack without an answer says why."""
    return {
        "stacks": [
            {"stack": each.stack, "error": each.error} if each.found is None else written(each.found)
            for each in answers
        ]
    }


def failures(answers: Iterable[StackAnswer[Answer]]) -> list[str]:
    """Return a line for each stack that has no answer."""
    return [f"stack {printable(each.stack)}: {each.error}" for each in answers if each.error is not None]
