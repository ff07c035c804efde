"""What is the same for every command of every test, and is asked for once in a process: pip's list, an empty stack.

Both are what the real commands said; `python -m sandbox`, the quick start and the installed wheel ask each time.
"""

import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

PIP_LIST = "-m pip list -v --format json"
"""How Pulumi's language host asks, at each run of a program, which packages are installed."""
_STATE = (".json", ".yaml")
FEWER_COLLECTIONS = {"GOGC": "400"}
"""Go's own setting: a command line that lives for a second need not tidy its memory five times."""


def spared(folder: Path) -> dict[str, str]:
    """Return the variables with which the commands of a project need not ask pip again.

    Args:
        folder: the project's; the Python that knows pip's answer is put beside it.
    """
    python, answer = (folder.parent / f"{folder.name}.{name}" for name in ("python", "packages"))
    answer.write_bytes(_installed_packages())
    known = f'case "$*" in "{PIP_LIST}") exec cat "{answer}";; esac'
    python.write_text(f'#!/bin/sh\n{known}\nexec "{sys.executable}" "$@"\n')
    python.chmod(0o755)
    return {"PULUMI_PYTHON_CMD": str(python), **FEWER_COLLECTIONS}


@cache
def _installed_packages() -> bytes:
    # In a folder that has no package: pip lists what lies in the one where it is asked.
    asked = [sys.executable, *PIP_LIST.split()]
    return subprocess.run(asked, cwd="/", check=True, capture_output=True).stdout


@dataclass(frozen=True)
class _EmptyStack:
    name: str
    salt: str
    files: dict[str, str]


_empty_stacks: list[_EmptyStack] = []
"""The first that this process made, once it is there."""


def initialise(name: str, backend: Path, config: Path, command: Callable[[], object]) -> None:
    """Make an empty stack in a backend of its own: by the command at first, and then as the command left that one.

    Args:
        name: the stack's.
        backend: the folder of its state, which is empty.
        config: its file in the project, which is there.
        command: runs `pulumi stack init`.
    """
    if _empty_stacks:
        _repeat(_empty_stacks[0], name, backend, config)
        return
    command()
    files = {str(path.relative_to(backend)): path.read_text() for path in backend.rglob("*") if path.suffix in _STATE}
    _empty_stacks.append(_EmptyStack(name, yaml.safe_load(config.read_text())["encryptionsalt"], files))


def _repeat(empty: _EmptyStack, name: str, backend: Path, config: Path) -> None:
    for path, text in empty.files.items():
        file = backend / path.replace(empty.name, name)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text.replace(empty.name, name))
    settings = yaml.safe_load(config.read_text()) | {"encryptionsalt": empty.salt}
    config.write_text(yaml.safe_dump(settings))
