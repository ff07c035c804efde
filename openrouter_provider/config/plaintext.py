"""Refuses a credential that stands in the stack's config unencrypted."""

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from ..api.scrub import holds_key
from ..keys.credential_checks import HOLDS_KEY, places_of_keys
from ..settings import MANAGEMENT_KEY_CONFIG, PROJECT
from .around import SECTIONS, credentials
from .names import NEW_MANAGEMENT_KEY
from .parsing import is_name
from .problems import Problem, config_step, problem_at


def misplaced_keys(settings: Mapping[str, Any]) -> Iterator[Problem]:
    """Yield each setting, by its full path, that has an OpenRouter key in it or in its name.

    An adopted key's and a provider key's value are in their place; that they are encrypted is for plaintext.py to say.

    Args:
        settings: the project's settings by name.
    """
    for steps in places_of_keys(settings):
        if not _is_place_of_one(steps):
            yield problem_at("", steps, HOLDS_KEY)


def _is_place_of_one(steps: tuple[str, ...]) -> bool:
    match steps:
        case ("services", _, "adopt", "key") | ("byokKeys", _, "key"):
            return True
    credentials = {(each.setting, each.credentials) for each in SECTIONS if each.credentials}
    named = all(_NAME.fullmatch(step) and not holds_key(step) for step in steps[3:])
    return len(steps) in (4, 5) and (steps[0], steps[2]) in credentials and named


_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
"""A credential's or a header's name; the number of a list's entry is none."""
SHORTEST_CREDENTIAL = 12
"""A shorter text could be found in a file by chance."""


_PLACES = (("services", ("adopt", "key")), ("byokKeys", ("key",)))
"""The settings whose entries may hold a credential, and the steps from an entry to it."""


def plaintext_management_key(value: object, is_secret: Callable[[str], bool]) -> Iterator[Problem]:
    """Yield the management key where it stands in the clear, with the command that encrypts another one.

    Args:
        value: the setting's value.
        is_secret: tells of a full config key whether it is encrypted.
    """
    if value and not is_secret(MANAGEMENT_KEY_CONFIG):
        command = f"pulumi config set --secret {MANAGEMENT_KEY_CONFIG}"
        yield Problem(MANAGEMENT_KEY_CONFIG, f"is in plaintext; {NEW_MANAGEMENT_KEY}, and run: {command}")


def plaintext_credentials(
    settings: Mapping[str, Any], is_secret: Callable[[str], bool], stack_file: str
) -> Iterator[Problem]:
    """Yield each adopted key and each provider key that is not encrypted, with the command that encrypts it.

    Pulumi tells only of a whole setting whether anything in it is encrypted. A value that stands in the clear beside
    one that doesn't is found in the file itself.

    Args:
        settings: the project's settings by name, checked or not.
        is_secret: tells of a full config key whether any part of it is encrypted.
        stack_file: the text of the stack's config file, empty where there is none to look into.
    """
    for setting, name, last, value in _credentials(settings):
        if not is_secret(f"{PROJECT}:{setting}") or (len(value) >= SHORTEST_CREDENTIAL and value in stack_file):
            command = f"pulumi config set --secret --path '{PROJECT}:{setting}{config_step(name)}.{last}'"
            yield Problem(f"{setting}.{name}.{last}", f"is in plaintext; run: {command}")


def _credentials(settings: Mapping[str, Any]) -> Iterator[tuple[str, str, str, str]]:
    """Yield the setting, the name in it, the rest of the path, and the value."""
    for setting, steps in _PLACES:
        entries = settings.get(setting)
        for name, entry in entries.items() if isinstance(entries, Mapping) else ():
            value = _at(entry, steps)
            if is_name(name) and isinstance(value, str) and value:
                yield setting, name, ".".join(steps), value
    yield from credentials(settings)


def _at(value: Any, steps: tuple[str, ...]) -> Any:
    for step in steps:
        value = value.get(step) if isinstance(value, Mapping) else None
    return value


def read_stack_file(project: Path, stack: str) -> str:
    """Return the text of the stack's config file; empty where it is kept elsewhere (`--config-file`).

    Args:
        project: the project's folder.
        stack: the stack's name.
    """
    try:
        return (project / f"Pulumi.{stack}.yaml").read_text(encoding="utf-8")
    except (OSError, ValueError):
        return ""
