"""Which host serves a project's dynamic resources, and how a project names ours.

Pulumi.yaml: https://www.pulumi.com/docs/iac/concepts/projects/project-file/ (plugins)
"""

import os
import shutil
import sys
from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import Any

from ..api.errors import ConfigurationError
from ..api.scrub import printable
from ..config.files import Unusable, load_yaml

PLUGIN = "pulumi-python"
EXECUTABLE = f"pulumi-resource-{PLUGIN}"
INSTALLED = Path("share", "openrouter-keys", "host")
"""Where an installation puts the executable, below its environment's folder."""


def named_host(project: Path) -> Path | None:
    """Return the folder that Pulumi.yaml names for the host, None where Pulumi's own one serves.

    Raises:
        ConfigurationError: Pulumi.yaml can't be read.
    """
    plugins = _loaded(project / "Pulumi.yaml").get("plugins")
    providers = plugins.get("providers") if isinstance(plugins, Mapping) else None
    for each in providers if isinstance(providers, list) else []:
        if isinstance(each, Mapping) and each.get("name") == PLUGIN and isinstance(each.get("path"), str):
            return project / str(each["path"])
    return None


def name_host(project: Path, prefix: Path = Path(sys.prefix)) -> str:
    """Make the project's Pulumi.yaml name our host, as it is installed beside this Python; return what was done.

    Args:
        project: the folder with Pulumi.yaml.
        prefix: the environment's folder.

    Raises:
        ConfigurationError: Pulumi.yaml can't be read, or has plugins of its own, which a person must add to.
    """
    if os.name == "nt":
        raise ConfigurationError("the host is a shell script: on Windows, run pulumi in WSL, or do with Pulumi's own")
    folder = _installed(prefix)
    file = project / "Pulumi.yaml"
    known = named_host(project)
    if known is not None and known.resolve() == folder.resolve():
        return f"{file} names the host already: {known}"
    lines = _override(_below(project, folder))
    if "plugins" in _loaded(file):
        raise ConfigurationError(f"{file} has plugins of its own: add there by hand:\n{lines}")
    text = file.read_text(encoding="utf-8")
    file.write_text(f"{text.rstrip()}\n{lines}", encoding="utf-8")
    return f"{file} names the host now: {_below(project, folder)}"


def _installed(prefix: Path) -> Path:
    """Return the folder of the executable; an editable installation leaves it out, so it is put there then."""
    folder = prefix / INSTALLED
    if not (folder / EXECUTABLE).is_file():
        folder.mkdir(parents=True, exist_ok=True)
        with resources.as_file(resources.files("openrouter_provider") / "host" / EXECUTABLE) as source:
            shutil.copy(source, folder / EXECUTABLE)
        (folder / EXECUTABLE).chmod(0o755)
    return folder


def _below(project: Path, folder: Path) -> str:
    """Return the folder as Pulumi.yaml names it: from the project's, where it is below that."""
    root = project.absolute()
    return str(folder.relative_to(root)) if folder.is_relative_to(root) else str(folder)


def _override(path: str) -> str:
    return f"plugins:\n  providers:\n    - name: {PLUGIN}\n      path: {path}\n"


def _loaded(file: Path) -> Mapping[str, Any]:
    try:
        loaded = load_yaml(file.read_bytes())
    except OSError:
        raise ConfigurationError(f"{printable(str(file))} can't be read: run this in the project's folder") from None
    except Unusable as error:
        raise ConfigurationError(f"{printable(str(file))}: {error}") from None
    return loaded if isinstance(loaded, Mapping) else {}
