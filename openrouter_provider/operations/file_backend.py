"""What a kill can break in Pulumi's file backend itself: an attribute file that was begun and not written.

The backend writes each file under another name and renames it, but the `.attrs` file beside it directly. Killed
between, it leaves an empty one, and from then on every command of this stack ends with nothing but `EOF`. An empty one
says nothing and is missed by nobody: Pulumi makes it anew with the next write.
"""

from pathlib import Path

SCHEME = "file://"
ATTRIBUTES = ".attrs"


def backend_folder(url: str | None) -> Path | None:
    """Return the folder of a file backend, None for any other."""
    if not url or not url.startswith(SCHEME):
        return None
    return Path(url.removeprefix(SCHEME).partition("?")[0]).expanduser() / ".pulumi"


def stack_names(folder: Path, project: str) -> list[str]:
    """Return the names of a project's stacks, damaged ones too.

    Args:
        folder: the backend's `.pulumi` folder.
        project: the project's name.
    """
    states = [path.name for path in (folder / "stacks" / project).glob("*.json*")]
    return sorted({name.partition(".json")[0] for name in states if name.endswith((".json", ".json.gz"))})


def unwritten_attributes(folder: Path, stack: str) -> list[Path]:
    """Return the empty attribute files of one stack: beside its state, its locks, its history and its backups.

    Args:
        folder: the backend's `.pulumi` folder.
        stack: the stack's name; an organisation before it does not count.
    """
    short = stack.rpartition("/")[2]
    found = folder.rglob(f"*{ATTRIBUTES}")
    return sorted(path for path in found if _is_of(path.relative_to(folder), short) and path.stat().st_size == 0)


def _is_of(path: Path, stack: str) -> bool:
    return stack in path.parts[:-1] or path.name.startswith(f"{stack}.")
