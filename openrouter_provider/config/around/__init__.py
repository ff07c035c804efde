"""The sections of what surrounds the keys, one file each: a file here is a setting, and is known by being here.

Each has a SECTION. What it needs of others is said in it, so that reading, checking and declaring are the same for all.
"""

from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from ..parsing import did_you_mean, is_name, parse_named, parse_section
from ..problems import Problem
from .section import AroundConfig, Section

SECTIONS: tuple[Section, ...] = tuple(
    import_module(f"{__name__}.{file.stem}").SECTION
    for file in sorted(Path(__file__).parent.glob("[a-z]*.py"))
    if file.stem != "section"
)
SETTINGS = tuple(section.setting for section in SECTIONS)
"""The names of the settings."""
Around = Mapping[str, Mapping[str, AroundConfig]]
"""By setting and name, what is declared."""


def parsed(raw: Mapping[str, Any], problems: list[Problem]) -> dict[str, dict[str, AroundConfig]]:
    """Return what is declared, or add what is wrong to the problems."""
    return {section.setting: _of_section(section, raw.get(section.setting), problems) for section in SECTIONS}


def _of_section(section: Section, raw: Any, problems: list[Problem]) -> dict[str, AroundConfig]:
    if not section.single:
        return parse_named(section.model, raw, section.setting, section.example, problems)
    if raw in (None, ""):
        return {}
    if not isinstance(raw, Mapping):
        problems.append(Problem(section.setting, f"must be an object of settings, like {section.example}"))
        return {}
    found = parse_section(section.model, raw, section.setting, problems)
    return {section.setting: found} if found else {}


def dangling(around: Around, workspaces: Any, services: Any) -> Iterator[Problem]:
    """Yield the names of workspaces and services that lead nowhere."""
    for setting, wishes in around.items():
        for name, wish in wishes.items():
            named = [("workspace", "workspaces", wish.workspace, workspaces)] if wish.workspace else []
            named += [
                (f"allowedServices.{number}", "services", each, services)
                for number, each in enumerate(wish.services or ())
            ]
            for last, where, target, known in named:
                if target not in known:
                    what = f"is no name in {where}; {did_you_mean(target, known, 'there are')}"
                    yield Problem(f"{setting}.{name}.{last}", what)


def adoptions(around: Around) -> Iterator[tuple[str, str, str]]:
    """Yield where something is taken over, its setting, and which it is."""
    for setting, wishes in around.items():
        for name, wish in wishes.items():
            adopted = getattr(wish, "adopt", None)
            if adopted:
                yield f"{setting}.{name}.adopt", setting, adopted


def credentials(settings: Mapping[str, Any]) -> Iterator[tuple[str, str, str, str]]:
    """Yield the setting, the name in it, the rest of the path and the text of each credential.

    Args:
        settings: the project's settings by name, checked or not.
    """
    for section in SECTIONS:
        entries = settings.get(section.setting) if section.credentials else None
        for name, wish in entries.items() if isinstance(entries, Mapping) else ():
            held = wish.get(section.credentials) if isinstance(wish, Mapping) else None
            if is_name(name):
                yield from (
                    (section.setting, name, last, text) for last, text in _texts(str(section.credentials), held)
                )


def _texts(path: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, str) and value:
        yield path, value
    elif isinstance(value, Mapping):
        for name, part in value.items():
            yield from _texts(f"{path}.{name}" if is_name(name) else path, part)
