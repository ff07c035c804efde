"""What a program knows at once, and what comes of another resource or stack and is known only while it is deployed."""

import inspect
from collections.abc import Callable, Mapping
from typing import Any, TypeVar, cast

from pulumi import Input, Output

From = TypeVar("From")
To = TypeVar("To")


def is_late(value: object) -> bool:
    """Return whether the value itself, or a part of it, is known only later."""
    if isinstance(value, Output) or inspect.isawaitable(value):
        return True
    if isinstance(value, Mapping):
        return any(is_late(part) for part in value.values())
    return isinstance(value, list | tuple) and any(is_late(part) for part in value)


def at(value: Any, steps: str) -> Any:
    """Return the part that the steps lead to (`readers.0`), or the innermost one that there is."""
    for step in steps.split("."):
        if isinstance(value, Mapping) and step in value:
            value = value[step]
        elif isinstance(value, list | tuple) and step.isdecimal() and int(step) < len(value):
            value = value[int(step)]
        else:
            break
    return value


def known_then(value: Input[From], act: Callable[[From], To]) -> Input[To]:
    """Return what is made of a value: at once where all of it is known, else as an output.

    >>> known_then("90d", len)
    3
    """
    if not is_late(value):
        return act(cast("From", value))
    # What is made may have outputs in it: an apply alone would leave them where they are.
    made: Output[Any] = Output.from_input(value).apply(lambda known: Output.from_input(act(known)))
    return cast("Output[To]", made)
