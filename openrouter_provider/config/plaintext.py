"""Refuses a credential that stands in the stack's config unencrypted."""

from collections.abc import Callable, Iterator
from pathlib import Path

from ..settings import PROJECT
from .problems import Problem, config_step
from .stack import StackConfig

SHORTEST_CREDENTIAL = 12
"""A shorter text could be found in a file by chance."""


def plaintext_credentials(config: StackConfig, is_secret: Callable[[str], bool], stack_file: str) -> Iterator[Problem]:
    """Yield each adopted key and each provider key that is not encrypted, with the command that encrypts it.

    Pulumi tells only of a whole setting whether anything in it is encrypted. A value that stands in the clear beside
    one that doesn't is found in the file itself.

    Args:
        config: the checked config.
        is_secret: tells of a full config key whether any part of it is encrypted.
        stack_file: the text of the stack's config file, empty where there is none to look into.
    """
    for setting, name, last, value in _credentials(config):
        if not is_secret(f"{PROJECT}:{setting}") or (len(value) >= SHORTEST_CREDENTIAL and value in stack_file):
            command = f"pulumi config set --secret --path '{PROJECT}:{setting}{config_step(name)}.{last}'"
            yield Problem(f"{setting}.{name}.{last}", f"is in plaintext; run: {command}")


def _credentials(config: StackConfig) -> Iterator[tuple[str, str, str, str]]:
    """Yield the setting, the name in it, the rest of the path, and the value."""
    for name, service in config.services.items():
        if service.adopt:
            yield "services", name, "adopt.key", service.adopt.key
    for name, byok_key in config.byok_keys.items():
        if byok_key.key:
            yield "byokKeys", name, "key", byok_key.key


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
