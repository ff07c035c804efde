"""The names of all settings that a program was given; Pulumi's Config answers for a name and lists none.

The engine hands all settings over at once, whatever they come from: the stack's file, the project's `config:`, an
environment. The language host has them in PULUMI_CONFIG, and a program within another one in the SDK's own variable.
Where both are gone, the names come from the stack's and the project's files, and those of environments are missing.
"""

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import pulumi.runtime.config

from ..config.files import Unusable, load_yaml


def setting_names(project: Path, stack: str, name: str, told: Mapping[str, object] | None = None) -> list[str]:
    """Return the full names of the program's settings, other namespaces' too.

    Args:
        project: the project's folder.
        stack: the stack's name.
        name: the project's name, the namespace of the settings that have none in its file.
        told: the settings that the SDK holds; None to ask it.
    """
    found = _told_by_the_sdk() if told is None else told
    return sorted(
        found or {*_names_in(project / f"Pulumi.{stack}.yaml", name), *_names_in(project / "Pulumi.yaml", name)}
    )


def _told_by_the_sdk() -> Mapping[str, object]:
    found: dict[str, object] = {}
    with suppress(AttributeError, LookupError, TypeError, ValueError):
        found |= pulumi.runtime.config.get_config_env()
    with suppress(AttributeError, LookupError, TypeError, ValueError):
        found |= pulumi.runtime.config.CONFIG.get()
    return found


def _names_in(file: Path, project: str) -> list[str]:
    try:
        loaded = load_yaml(file.read_bytes())
    except (OSError, Unusable):
        return []
    config = loaded.get("config") if isinstance(loaded, Mapping) else None
    names = [name for name in config if isinstance(name, str)] if isinstance(config, Mapping) else []
    return [name if ":" in name else f"{project}:{name}" for name in names]
