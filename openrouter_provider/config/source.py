"""Where the project's settings are read, for the program and for the commands alike."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..settings import PROJECT
from .files import ServiceFiles, read_service_files
from .names import SETTING_NAMES, unknown_names
from .problems import Problem, StackConfigError
from .services import Services
from .sharing.extending import SETTING as EXTENDS
from .sharing.extending import BaseSettings, located, over_base, read_base
from .stack import Offered, Siblings, StackConfig, as_meant, parse_stack_config, services_in

_TEXTS = (EXTENDS, "namePrefix", "environment", "expiryNotice")


@dataclass(frozen=True)
class RawConfig:
    """The project's settings as they stand, not yet checked.

    Attributes:
        settings: by name; None where one is not set. Those of a file that the stack extends are in them.
        files: what `servicesFrom` names.
        problems: what was found wrong while they were read.
        own: the stack's own, without the file's.
        base: the file's.
    """

    settings: Mapping[str, Any] = field(repr=False)
    files: ServiceFiles = field(default_factory=ServiceFiles)
    problems: tuple[Problem, ...] = ()
    own: Mapping[str, Any] = field(default_factory=dict, repr=False)
    base: BaseSettings = field(default_factory=BaseSettings)

    @property
    def wishes(self) -> list[tuple[str, Mapping[str, Any]]]:
        """What each service says for itself, by name, right or wrong; those in files too."""
        groups = [self.settings.get("services"), *(file.services for file in self.files.files)]
        found = [pair for group in groups if isinstance(group, Mapping) for pair in group.items()]
        return [(str(name), wish if isinstance(wish, Mapping) else {}) for name, wish in found]

    def parsed(
        self, stack: str, project: str = PROJECT, siblings: Siblings | None = None, offered: Offered | None = None
    ) -> StackConfig:
        """Return the checked config.

        Args:
            stack: the stack's name, which is in the default prefix.
            project: the project's name, which is in it too.
            siblings: returns the services of the other stacks that share a name prefix.
            offered: asks OpenRouter which models there are.

        Raises:
            StackConfigError: names every problem with its full path and its fix.
        """
        try:
            place = f"{project}/{stack}"
            return parse_stack_config(self.settings, place, self.files, self.problems, siblings, offered)
        except StackConfigError as error:
            if not self.base.file:
                raise
            by_path: dict[str, Problem] = {}
            for problem in error.problems:
                found = located(problem, self.own, self.base)
                by_path.setdefault(found.path, found)
            raise StackConfigError(list(by_path.values())) from None

    def services(self, stack: str) -> Services:
        """Return the services of the stack alone, with what is wrong with them."""
        return services_in(self.settings, self.files, stack)


def read_config(
    get: Callable[[str], str | None],
    project: Path,
    names: Iterable[str] = (),
    is_secret: Callable[[str], bool] = lambda _name: True,
) -> RawConfig:
    """Return the project's settings, and the services' files that they name.

    Args:
        get: returns the text of a full config key such as `openrouter-keys:services`, None where it is not set.
        project: the project's folder.
        names: the full names of all settings that there are; one of ours that no setting has is a problem.
        is_secret: tells of a full name whether any part of its value is encrypted.
    """
    texts = {name: get(f"{PROJECT}:{name}") for name in SETTING_NAMES}
    values = {name: text if name in _TEXTS else value_of(text) for name, text in texts.items()}
    own = as_meant(values)
    base = read_base(own[EXTENDS], project, SETTING_NAMES)
    settings = over_base(own, as_meant(base.settings))
    files = read_service_files(settings["servicesFrom"], project)
    problems = (*base.problems, *unknown_names(names, get, is_secret))
    return RawConfig(settings, files, problems, own, base)


def value_of(text: str | None) -> Any:
    """Return a setting's value: objects, lists, numbers and booleans come as JSON, and texts as they are."""
    try:
        return json.loads(text) if text is not None else None
    except (ValueError, RecursionError):
        return text
