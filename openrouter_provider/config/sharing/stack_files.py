"""The stacks' files of a project: which stacks it means to have, told by names alone."""

from collections.abc import Mapping
from pathlib import Path

from ..files import Unusable, load_yaml_fast

PROJECT_FILE = "Pulumi.yaml"
_BEFORE, _AFTER = "Pulumi.", ".yaml"


def stack_files(project: Path) -> dict[str, Path]:
    """Return the files `Pulumi.<stack>.yaml` by stack, in the order of the names; none where the folder has none.

    Args:
        project: the folder with Pulumi.yaml, which may say in `stackConfigDir` that they are in another one.
    """
    found = (_folder(project)).glob(f"{_BEFORE}*{_AFTER}")
    names = {path.name[len(_BEFORE) : -len(_AFTER)]: path for path in found if path.is_file()}
    return dict(sorted(names.items()))


def _folder(project: Path) -> Path:
    try:
        loaded = load_yaml_fast((project / PROJECT_FILE).read_bytes())
    except (OSError, Unusable):
        return project
    elsewhere = loaded.get("stackConfigDir") if isinstance(loaded, Mapping) else None
    return project / elsewhere if isinstance(elsewhere, str) else project
