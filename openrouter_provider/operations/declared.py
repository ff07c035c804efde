"""What the stack's config declares, for commands that must not go by the state alone."""

from collections.abc import Callable
from pathlib import Path

from ..config.problems import StackConfigError
from ..config.source import read_config
from ..config.stack import StackConfig


def declared_config(
    get: Callable[[str], str | None], project: Path, stack: str, project_name: str
) -> StackConfig | None:
    """Return the checked config; None where it is wrong, which every preview says in full.

    A program of a user's own, which declares its services itself, has none in its config.

    Args:
        get: returns the text of a full config key, None where it is not set.
        project: the project's folder.
        stack: the stack's name, with or without its organisation.
        project_name: the project's name.
    """
    try:
        return read_config(get, project).parsed(stack.rpartition("/")[2], project_name)
    except StackConfigError:
        return None
