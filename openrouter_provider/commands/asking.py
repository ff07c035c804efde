"""How a reading command asks one stack, or several with `--all` or more than one `--stack`."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import typer

if TYPE_CHECKING:
    from ..operations.each_stack import StackAnswer

Found = TypeVar("Found")


def is_of_many(named: Sequence[str] | None, every: bool) -> bool:
    """Return whether several stacks are asked for, so that what is printed says of which it is."""
    return every or len(named or ()) > 1


def ask_stacks(
    command: str, project: Path, named: Sequence[str] | None, every: bool, ask: Callable[[str], Found]
) -> "list[StackAnswer[Found]]":
    """Ask each of the stacks; what can't be asked is said on stderr.

    Args:
        command: the command's name, for the lines of progress.
        project: the folder with Pulumi.yaml.
        named: the stacks that were named.
        every: whether every stack is asked for.
        ask: asks one.
    """
    from ..operations.each_stack import ask_each, failures
    from ..operations.progress import progress
    from ..operations.stack.opening import stack_names

    names = stack_names(project, named or [], every)
    with progress(names, what=command) as shown:
        answers = ask_each(names, ask, shown.step)
    for line in failures(answers):
        typer.echo(f"openrouter-keys: {line}", err=True)
    return answers


def ask_one(command: str, named: Sequence[str] | None, ask: Callable[[str | None], Found]) -> Found:
    """Ask the stack that was named, or the selected one; where that takes long, a terminal shows that it goes on."""
    from ..operations.progress import waiting

    with waiting(command):
        return ask(named[0] if named else None)
