"""What is wrong with a stack's config: one line each, by full path, with the fix and without any value."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from ..api.errors import ConfigurationError
from ..api.scrub import printable

_KEY = re.compile(r"(?i)sk-or-[^\s.]*")


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong: the full config path, and what to do about it. Values are never quoted."""

    path: str
    what: str

    def __str__(self) -> str:
        """Return one line."""
        return f"{self.path}: {self.what}"


def problem_at(path: str, steps: Iterable[str], what: str) -> Problem:
    """Return the problem of a setting, whatever a setting of that name would do to a terminal.

    Args:
        path: the path of the section, fit to be shown.
        steps: what leads on to the setting, as it came; a key that somebody pasted as a name is not shown.
        what: what is wrong, and the fix.
    """
    shown = (printable(_KEY.sub("sk-or-…", step), length=80) for step in steps)
    return Problem(".".join(part for part in (path, *shown) if part), what)


def config_step(service: str) -> str:
    """Return a service's step in a config path: `.name`, or `["a.b"]` for a name that a dot would split."""
    plain = service.replace("_", "a").replace("-", "a").isalnum() and not service[0].isdigit()
    return f".{service}" if plain else f'["{service}"]'


class StackConfigError(ConfigurationError):
    """The stack's config is wrong; the message lists every problem on a line of its own."""

    def __init__(self, problems: list[Problem]) -> None:
        count = f"{len(problems)} problem{'s' if len(problems) > 1 else ''}"
        lines = "\n".join(f"  {problem}" for problem in problems)
        super().__init__(f"{count} in the stack config; nothing was changed:\n{lines}")
        self.problems = problems
