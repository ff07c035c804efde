"""Settings that several stacks share: one file under the stack's own settings, which win."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from ...api.scrub import printable
from ...keys.credential_checks import places_of_keys
from ...settings import PROJECT
from ..around import credentials
from ..files import Unusable, file_within, mapping_in
from ..parsing import did_you_mean
from ..problems import Problem, problem_at
from ..services import overlaid, secrets_in_file

SETTING = "extends"
_EXAMPLE = "settings by name, like defaults: {limit: 25}"


@dataclass(frozen=True)
class BaseSettings:
    """What the file says.

    Attributes:
        file: its name within the project, fit to be shown.
        settings: by name, each as its setting has it; what must not stand in a file is left out.
        problems: what is wrong with it.
    """

    file: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict, repr=False)
    problems: tuple[Problem, ...] = ()


def read_base(setting: object, project: Path, known: tuple[str, ...]) -> BaseSettings:
    """Return what the file holds that `extends` names.

    Args:
        setting: its value: a path within the project's folder; nothing for none.
        project: the project's folder; nothing outside of it is read.
        known: the names of the settings that there are.
    """
    if setting in (None, ""):
        return BaseSettings()
    if not isinstance(setting, str):
        what = "must be the path of one file in the project's folder, like environments/prod.yaml"
        return BaseSettings(problems=(Problem(SETTING, what),))
    try:
        path = file_within(setting, project.resolve())
    except Unusable as refused:
        return BaseSettings(problems=(Problem(SETTING, str(refused)),))
    return _read(path, printable(path.relative_to(project.resolve()).as_posix()), path.stat().st_mtime_ns, known)


@cache
def _read(path: Path, file: str, _changed: int, known: tuple[str, ...]) -> BaseSettings:
    """Read once for a whole environment's stacks, whose settings are read together."""
    try:
        loaded = mapping_in(path, _EXAMPLE)
    except Unusable as refused:
        return BaseSettings(file, problems=(Problem(file, str(refused)),))
    settings = {str(name).removeprefix(f"{PROJECT}:"): value for name, value in loaded.items()}
    problems = [*_misplaced(file, settings, known), *_secrets(file, settings)]
    usable = {name: value for name, value in settings.items() if name in known and name != SETTING}
    return BaseSettings(file, usable, tuple(problems))


def _misplaced(file: str, settings: Mapping[str, Any], known: tuple[str, ...]) -> Iterator[Problem]:
    for name in settings:
        if name == SETTING:
            yield Problem(
                f"{file}: {name}", "can't stand in a file that is extended itself: name one file in the stack"
            )
        elif name not in known:
            hint = "it belongs into the stack's config" if ":" in name else did_you_mean(name, known, "known settings")
            yield _in(file, problem_at("", [name], f"is no setting of {PROJECT}; {hint}"))


def _secrets(file: str, settings: Mapping[str, Any]) -> Iterator[Problem]:
    """Yield what must not stand in a file that nothing encrypts."""
    for name, wish in _entries(settings.get("services")):
        yield from secrets_in_file(f"{file}: services.{name}", wish)
    for name, wish in _entries(settings.get("byokKeys")):
        if wish.get("key") is not None:
            what = "holds a vendor's key, which nothing encrypts in this file: set it in the stack's config, --secret"
            yield Problem(f"{file}: byokKeys.{name}.key", what)
    for setting, name, last, _ in credentials(settings):
        what = "holds a credential, which nothing encrypts in this file: set it in the stack's config, --secret"
        yield Problem(f"{file}: {setting}.{printable(name, length=63)}.{last}", what)
    elsewhere = {name: value for name, value in settings.items() if name not in ("services", "byokKeys")}
    for steps in places_of_keys(elsewhere):
        what = "holds an OpenRouter key in plaintext: delete that key on OpenRouter, and take it out of the file"
        yield _in(file, problem_at("", steps, what))


def _entries(section: object) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for name, wish in section.items() if isinstance(section, Mapping) else ():
        if isinstance(wish, Mapping):
            yield printable(str(name), length=63), wish


def over_base(own: Mapping[str, Any], base: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings of both; where both have one, objects are merged and the stack's own wins in everything else.

    Args:
        own: the stack's settings by name; an empty one, as Pulumi.yaml declares them, counts as not set.
        base: the file's.
    """
    found = dict(own)
    for name, shared in base.items():
        value = own.get(name)
        if value in (None, "", [], {}):
            found[name] = shared
        elif isinstance(value, Mapping) and isinstance(shared, Mapping):
            merge = {"defaults": overlaid, "services": _each_overlaid}.get(name, _deep)
            found[name] = merge(shared, value)
    return found


def _each_overlaid(shared: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    both = {name: (shared[name] or {}, own[name] or {}) for name in own if name in shared}
    mergeable = {name: pair for name, pair in both.items() if all(isinstance(side, Mapping) for side in pair)}
    return {**shared, **own, **{name: overlaid(*pair) for name, pair in mergeable.items()}}


def _deep(shared: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    found = {**shared, **own}
    for name in own:
        if isinstance(own[name], Mapping) and isinstance(shared.get(name), Mapping):
            found[name] = _deep(shared[name], own[name])
    return found


def located(problem: Problem, own: Mapping[str, Any], base: BaseSettings) -> Problem:
    """Return the problem with the file before its path where what it is about stands there and not in the stack.

    Args:
        problem: with a path in the merged settings.
        own: the stack's own settings.
        base: the file's.
    """
    in_file = _depth(problem.path, base.settings)
    if in_file == 0 or in_file <= _depth(problem.path, own):
        return problem
    return _in(base.file, problem)


def _in(file: str, problem: Problem) -> Problem:
    return Problem(f"{file}: {problem.path}", problem.what)


def _depth(path: str, settings: object) -> int:
    """Return how far a path leads into settings; a name in it may have dots."""
    if not isinstance(settings, Mapping):
        return 0
    for name, value in settings.items():
        if value in (None, "", [], {}) and path != name:
            continue
        if path == name:
            return 1
        if isinstance(name, str) and path.startswith(f"{name}."):
            return 1 + _depth(path[len(name) + 1 :], value)
    return 0
