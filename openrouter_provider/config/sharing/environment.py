"""The stacks of one environment: those that share a name prefix, read from their files by the program's own reader."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ...settings import PROJECT
from ..files import Unusable, load_yaml_fast
from ..services import Services
from ..source import RawConfig, read_config
from .stack_files import PROJECT_FILE, stack_files

_ENCRYPTED = "secure"


def stacks_of_environment(project: Path, stack: str, project_name: str, prefix: str) -> dict[str, Services]:
    """Return the services of the other stacks of a project that have this prefix, by stack.

    What a stack has from a Pulumi environment stands in no file, and is not among them. A file that is no YAML is left
    out: its own stack's runs say so.

    Args:
        project: the project's folder.
        stack: the stack that is left out.
        project_name: the project's name.
        prefix: the namePrefix.
    """
    found = {}
    shared = _settings_of(project / PROJECT_FILE, project_name)
    for name, path in stack_files(project).items():
        if name != stack:
            raw = _read(project, {**shared, **_settings_of(path, project_name)})
            if raw.settings["namePrefix"] == prefix:
                found[name] = raw.services(name)
    return found


def stacks_read_from(project: Path) -> dict[str, set[str]]:
    """Return which of a project's other stacks each one reads workspaces or guardrails from, by stack.

    Args:
        project: the project's folder.
    """
    name = _project_name(project)
    shared = _settings_of(project / PROJECT_FILE, name)
    found = {}
    for stack, path in stack_files(project).items():
        settings = _read(project, {**shared, **_settings_of(path, name)}).settings
        wishes = [wish for section in ("workspaces", "guardrails") for wish in _entries(settings[section])]
        named = {str(wish["stack"]) for wish in wishes if wish.get("stack")}
        found[stack] = {_short(each, name) for each in named} - {stack}
    return found


def _entries(section: object) -> list[Mapping[str, Any]]:
    return [each for each in section.values() if isinstance(each, Mapping)] if isinstance(section, Mapping) else []


def _short(stack: str, project_name: str) -> str:
    """Return a stack's own name where it is of this project; another project's keeps its whole name."""
    *place, name = stack.split("/")
    return name if not place or place[-1] == project_name else stack


def _project_name(project: Path) -> str:
    try:
        loaded = load_yaml_fast((project / PROJECT_FILE).read_bytes())
    except (OSError, Unusable):
        return PROJECT
    return str(loaded.get("name")) if isinstance(loaded, Mapping) else PROJECT


def _read(project: Path, config: Mapping[str, Any]) -> RawConfig:
    texts = {name: value if isinstance(value, str) else json.dumps(value) for name, value in config.items()}
    return read_config(texts.get, project)


def _settings_of(file: Path, project_name: str) -> dict[str, Any]:
    """Return what a stack's or the project's file sets, by full name."""
    try:
        loaded = load_yaml_fast(file.read_bytes())
    except (OSError, Unusable):
        return {}
    config = loaded.get("config") if isinstance(loaded, Mapping) else None
    full = {_full(name, project_name): value for name, value in config.items()} if isinstance(config, Mapping) else {}
    if file.name == PROJECT_FILE:
        full = {name: _default(entry) for name, entry in full.items() if _default(entry) is not None}
    return {name: _legible(value) for name, value in full.items() if name.startswith(f"{PROJECT}:")}


def _full(name: object, project_name: str) -> str:
    return str(name) if ":" in str(name) else f"{project_name}:{name}"


def _default(entry: Any) -> Any:
    """Return the value that the project's file gives a setting of its stacks."""
    return entry.get("value", entry.get("default")) if isinstance(entry, Mapping) else entry


def _legible(value: Any) -> Any:
    """Return a value with a word in each place of an encrypted one: that there is one is all that matters here."""
    if isinstance(value, Mapping):
        return _ENCRYPTED if set(value) == {_ENCRYPTED} else {name: _legible(each) for name, each in value.items()}
    return [_legible(each) for each in value] if isinstance(value, list) else value


def services_in_files(project: Path, stack: str = "") -> list[str]:
    """Return the names of the services that a project's files declare, sorted.

    Args:
        project: the project's folder.
        stack: the stack whose services they are, with or without its organisation; empty for all stacks.
    """
    name, short = _project_name(project), stack.rpartition("/")[2]
    shared = _settings_of(project / PROJECT_FILE, name)
    files = {each: path for each, path in stack_files(project).items() if short in ("", each)}
    declared = [_read(project, {**shared, **_settings_of(path, name)}).services(each) for each, path in files.items()]
    return sorted({service for services in declared for service in services.paths})
