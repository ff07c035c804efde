"""Services in files of their own, one for each team: which files, and what stands in them."""

import re
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any

import yaml

from ..api.scrub import printable
from .problems import Problem


class Unusable(Exception):
    """A file can't be used as config; says why, without a value of it."""


class _Loader(yaml.SafeLoader):
    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012 - the base class declares it so

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            raise Unusable("has an alias (*name): write the settings out, or put them into defaults")
        return super().compose_node(parent, index)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode) and key.value in seen:
                raise Unusable(f"has {printable(key.value, length=63)} twice: keep one of the two")
            seen.add(key.value if isinstance(key, yaml.ScalarNode) else None)
        return super().construct_mapping(node, deep)


# The core types of YAML 1.2: NO stays a country's code, 12:30 a text, and 2027-01-01 a token.
for _tag, _form, _first in (
    ("null", r"(?:~|null|Null|NULL|)", "~nN"),
    ("bool", r"(?:true|True|TRUE|false|False|FALSE)", "tTfF"),
    ("int", r"[-+]?(?:0|[1-9][0-9]{0,399})", "-+0123456789"),
    ("float", r"[-+]?(?:\.[0-9]+|(?:0|[1-9][0-9]*)(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]{1,9})?", "-+.0123456789"),
):
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(f"^{_form}$"), [*_first, ""])


def load_yaml(content: bytes) -> object:
    """Return what a YAML document holds.

    Raises:
        Unusable: it is no YAML, goes too deep, has an alias, or has a name twice.
    """
    try:
        return yaml.load(content.decode("utf-8"), _Loader)  # noqa: S506 - a loader of plain data
    except yaml.MarkedYAMLError as error:
        line = f" at line {error.problem_mark.line + 1}" if error.problem_mark else ""
        raise Unusable(f"is no YAML{line}") from None
    except (yaml.YAMLError, ValueError, OverflowError):
        raise Unusable("is no YAML in UTF-8") from None
    except RecursionError:
        raise Unusable("goes too deep") from None


class _FastLoader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]  # which of them, PyYAML's build says
    yaml_implicit_resolvers = _Loader.yaml_implicit_resolvers


def load_yaml_fast(content: bytes) -> object:
    """Return what a YAML document holds that Pulumi reads itself, without the checks that our own files get.

    Raises:
        Unusable: it is no YAML.
    """
    try:
        return yaml.load(content.decode("utf-8"), _FastLoader)  # noqa: S506 - a loader of plain data
    except (yaml.YAMLError, ValueError, OverflowError, RecursionError):
        raise Unusable("is no YAML in UTF-8") from None


MAX_FILE_BYTES = 1024 * 1024
_SETTING = "servicesFrom"


@dataclass(frozen=True)
class ServiceFile:
    """One file: its name within the project, fit to be shown, and its services by name, not yet checked."""

    name: str
    services: Mapping[Any, Any]


@dataclass(frozen=True)
class ServiceFiles:
    """What `servicesFrom` names: the files that could be read, and what is wrong with the others."""

    files: tuple[ServiceFile, ...] = ()
    problems: tuple[Problem, ...] = ()


def read_service_files(patterns: object, project: Path) -> ServiceFiles:
    """Return what the files hold that `servicesFrom` names.

    Args:
        patterns: the setting's value: a list of paths or globs within the project's folder; None for none.
        project: the project's folder; nothing outside of it is read.
    """
    if patterns is None:
        return ServiceFiles()
    if not isinstance(patterns, list) or not all(isinstance(pattern, str) for pattern in patterns):
        what = 'must be a list of paths in the project\'s folder, like ["services/*.yaml"]'
        return ServiceFiles(problems=(Problem(_SETTING, what),))
    root = project.resolve()
    files: dict[Path, ServiceFile] = {}
    problems: list[Problem] = []
    for number, pattern in enumerate(patterns):
        try:
            for path in _matching(pattern, root):
                _read_into(files, path, root, problems)
        except Unusable as refused:
            problems.append(Problem(f"{_SETTING}.{number}", str(refused)))
    return ServiceFiles(tuple(files.values()), tuple(problems))


def _read_into(files: dict[Path, ServiceFile], path: Path, root: Path, problems: list[Problem]) -> None:
    if path in files:
        return
    name = printable(path.relative_to(root).as_posix())
    try:
        files[path] = ServiceFile(name, _services_in(path))
    except Unusable as refused:
        files[path] = ServiceFile(name, {})
        problems.append(Problem(name, str(refused)))


def _matching(pattern: str, root: Path) -> list[Path]:
    """Return the files that a pattern names, in order, each by its real path."""
    windows = PureWindowsPath(pattern)
    if not pattern.strip() or windows.drive or windows.root or ".." in windows.parts or PurePosixPath(pattern).root:
        raise Unusable("must be a path within the project's folder, without ..")
    try:
        found = sorted({path.resolve(strict=True) for path in root.glob(pattern) if path.is_file()})
    except (ValueError, NotImplementedError, OSError, RuntimeError):
        raise Unusable("can't be looked for: give a path or a glob, like services/*.yaml") from None
    if not found:
        raise Unusable("names no file: correct it, or take it out")
    if any(not path.is_relative_to(root) for path in found):
        raise Unusable("leads out of the project's folder by a link: put the file itself there")
    return found


def _services_in(path: Path) -> Mapping[Any, Any]:
    return mapping_in(path, "an object of services by name, like checkout: {limit: 50}")


def file_within(name: str, root: Path) -> Path:
    """Return the file of the project's folder that a name means, by its real path.

    Args:
        name: its path within the folder; no pattern.
        root: the folder's real path.

    Raises:
        Unusable: the name leads to no file, or out of the folder.
    """
    windows = PureWindowsPath(name)
    if windows.drive or windows.root or ".." in windows.parts or PurePosixPath(name).root:
        raise Unusable("must be a path within the project's folder, without ..")
    try:
        path = (root / name).resolve(strict=True)
    except (ValueError, OSError, RuntimeError):
        raise Unusable("names no file: correct it, or take it out") from None
    if not path.is_file():
        raise Unusable("names no file: correct it, or take it out")
    if not path.is_relative_to(root):
        raise Unusable("leads out of the project's folder by a link: put the file itself there")
    return path


def mapping_in(path: Path, what: str) -> Mapping[Any, Any]:
    """Return what stands in a file of settings; an empty one has none.

    Args:
        path: the file.
        what: what must stand in it, for the message.

    Raises:
        Unusable: it can't be read, is too large, is no YAML, or holds something else.
    """
    try:
        content = path.read_bytes() if path.stat().st_size <= MAX_FILE_BYTES else None
    except OSError as error:
        raise Unusable(f"can't be read: {error.strerror}") from None
    if content is None:
        raise Unusable(f"is larger than {MAX_FILE_BYTES // 1024} KiB: split it")
    loaded = load_yaml(content)
    if loaded is None:
        return {}
    if not isinstance(loaded, Mapping):
        raise Unusable(f"must be {what}")
    return loaded


def settings_in(file: Path) -> list[str]:
    """Return the names under `config:` in a stack's or a project's file; none where it can't be read."""
    try:
        loaded = load_yaml(file.read_bytes())
    except (OSError, Unusable):
        return []
    config = loaded.get("config") if isinstance(loaded, Mapping) else None
    return [name for name in config if isinstance(name, str)] if isinstance(config, Mapping) else []
