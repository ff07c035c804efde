"""The text of a stack's config file with services put in or taken out; what else stands there stays as it is.

Comments are kept with the lines they stand on or above. Where the text is written in a way that lines can't be cut
from, as in `{a: …, b: …}`, that part is written anew. Either way the result is read again and compared.
"""

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from ...api.errors import ConfigurationError
from ...config.files import Unusable, load_yaml
from ...settings import PROJECT
from .yaml_lines import STEP, YamlLines, indented, key_of, written

SERVICES = f"{PROJECT}:services"

Changes = Mapping[str, Any]
"""By setting, what it becomes."""


def settings_of(text: str | None, file: str) -> dict[str, Any]:
    """Return what stands under `config:`; values that are encrypted as `{secure: …}`.

    Raises:
        ConfigurationError: the file can't be edited; says why.
    """
    try:
        loaded = load_yaml((text or "").encode())
    except Unusable as refused:
        raise ConfigurationError(f"{file} can't be edited: it {refused}") from None
    config = (loaded.get("config") if isinstance(loaded, Mapping) else None) or {}
    return {str(name): value for name, value in config.items()} if isinstance(config, Mapping) else {}


def head_of(text: str, names: Collection[str]) -> str:
    """Return a file with nothing but these of the settings beside `config:`."""
    rest, _ = _parts(load_yaml(text.encode()))
    return "".join(f"{line}\n" for name in names if name in rest for line in written(name, rest[name]))


def section_of(settings: Mapping[str, Any]) -> str:
    """Return how the file spells the name of the services: with the project's name before it, or without."""
    return "services" if "services" in settings and SERVICES not in settings else SERVICES


def services_of(settings: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the services that stand in the file itself."""
    found = settings.get(section_of(settings))
    return found if isinstance(found, Mapping) and "secure" not in found else {}


def without_services(text: str, file: str, names: Collection[str]) -> str:
    """Return a file without these services."""
    settings = settings_of(text, file)
    section = section_of(settings)
    left = {name: wish for name, wish in services_of(settings).items() if name not in names}
    lines = YamlLines(text)
    if left and lines.is_block(("config", section)):
        lines.cut([("config", section, name) for name in names])
    else:
        lines.write(("config", section), left)
    return _checked(lines.text, text, {**settings, section: left})


def with_services(text: str, file: str, entries: Mapping[str, "WrittenService"]) -> str:
    """Return a file with these services after its own."""
    settings = settings_of(text, file)
    section = section_of(settings)
    both = {**services_of(settings), **{name: entry.value for name, entry in entries.items()}}
    lines = YamlLines(text)
    if services_of(settings) and lines.is_block(("config", section)):
        for entry in entries.values():
            lines.append(("config", section), entry.lines)
    else:
        own = [line for name, wish in services_of(settings).items() for line in written(name, wish)]
        inner = [*own, *(line for entry in entries.values() for line in entry.lines)]
        lines.write_lines(("config", section), [f"{key_of(section)}:", *indented(inner, STEP)])
    return _checked(lines.text, text, {**settings, section: both})


def with_settings(text: str, file: str, settings: Changes) -> str:
    """Return a file with these settings as well, which it does not have."""
    before = settings_of(text, file)
    lines = YamlLines(text)
    for name, value in settings.items():
        lines.write_lines(("config", name), written(name, value))
    return _checked(lines.text, text, {**before, **settings})


@dataclass(frozen=True)
class WrittenService:
    """A service as it goes into another file: its settings, and the lines that say so."""

    value: Any
    lines: list[str]


def entries_of(text: str, file: str, changes: Mapping[str, Changes]) -> dict[str, WrittenService]:
    """Return services as they stand in a file, each with what of its settings becomes something else.

    Args:
        text: the file's text.
        file: its name.
        changes: by service.
    """
    settings, services = settings_of(text, file), services_of(settings_of(text, file))
    path = ("config", section_of(settings))
    return {name: _entry(text, (*path, name), services.get(name), changed) for name, changed in changes.items()}


def _entry(text: str, path: tuple[str, ...], wish: Any, changes: Changes) -> WrittenService:
    value = {**(wish or {}), **changes}
    file = YamlLines(text)
    if not file.is_block(path[:-1]) or (changes and not file.is_block(path)):
        return WrittenService(value, written(path[-1], value))
    for setting, each in changes.items():
        file.write_lines((*path, setting), written(setting, each))
    return WrittenService(value if changes else wish, file.taken(path))


def _checked(after: str, before: str, wanted: Mapping[str, Any]) -> str:
    """Return the text if it says what it should; the file written anew, without its comments, if it does not."""
    try:
        loaded = load_yaml(after.encode())
        rest, config = _parts(loaded)
        if config == wanted and rest == _parts(load_yaml(before.encode()))[0]:
            return after
    except Unusable:
        pass
    rest, _ = _parts(load_yaml(before.encode()))
    lines = ["config:", *indented([line for each in wanted.items() for line in written(*each)], STEP)]
    return "".join(f"{line}\n" for line in [*lines, *(line for each in rest.items() for line in written(*each))])


def _parts(loaded: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    whole = dict(loaded) if isinstance(loaded, Mapping) else {}
    config = whole.pop("config", None)
    return whole, dict(config) if isinstance(config, Mapping) else {}


def recrypted(value: Any, plain: Any, encrypt: Callable[[str], Any]) -> Any:
    """Return a setting as it stands in a file, with everything that is encrypted in it encrypted anew.

    Args:
        value: the setting, encrypted values as `{secure: …}`.
        plain: the same in the clear.
        encrypt: encrypts a text for the other stack.
    """
    if isinstance(value, Mapping):
        if set(value) == {"secure"}:
            return encrypt(plain if isinstance(plain, str) else json.dumps(plain))
        inner = plain if isinstance(plain, Mapping) else {}
        return {name: recrypted(part, inner.get(name), encrypt) for name, part in value.items()}
    if isinstance(value, list) and isinstance(plain, list):
        return [recrypted(part, inner, encrypt) for part, inner in zip(value, plain, strict=False)]
    return value


def holds_ciphertext(value: Any) -> bool:
    """Return whether anything in a setting is encrypted."""
    parts = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()
    return (isinstance(value, Mapping) and set(value) == {"secure"}) or any(map(holds_ciphertext, parts))
