"""Write requirements.txt and requirements-dev.txt, with hashes, from the dependencies in pyproject.toml.

Run by `make lock` on the oldest supported Python, whose dependencies include those of the newer ones.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import tomllib
from pathlib import Path

from tools.shell import ROOT, SetupError, run, say

LOCKS = ("requirements.txt", "requirements-dev.txt")
OPTIONS = (
    "--quiet",
    "--generate-hashes",
    "--strip-extras",
    "--allow-unsafe",  # pip's word for setuptools, which installs the project itself
    "--annotation-style=line",
    "--no-emit-options",  # a lock names packages, not the places that one machine takes them from
    "--no-emit-index-url",
    "--no-emit-find-links",
    "--no-emit-trusted-host",
)


def main() -> None:
    """Lock the runtime first, then development on top of exactly that; `UPGRADE=1` takes newer versions."""
    if sys.version_info[:2] != (3, 11):
        raise SetupError("lock with Python 3.11, the oldest supported: make PYTHON=python3.11 lock")
    runtime, development = wishes((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        if not os.environ.get("UPGRADE"):
            for lock in LOCKS:
                shutil.copy(ROOT / lock, folder)
        _compile(folder, "runtime", runtime, LOCKS[0])
        _compile(folder, "development", [f"-r {LOCKS[0]}", *development], LOCKS[1])
        for lock in LOCKS:
            shutil.copy(folder / lock, ROOT)


def wishes(pyproject: str) -> tuple[list[str], list[str]]:
    """Return the runtime dependencies, and those of development: its group, all extras and what builds the project."""
    config = tomllib.loads(pyproject)
    runtime: list[str] = config["project"]["dependencies"]
    extras = [wish for extra in config["project"].get("optional-dependencies", {}).values() for wish in extra]
    return runtime, [*config["dependency-groups"]["dev"], *extras, *config["build-system"]["requires"]]


def _compile(folder: Path, name: str, wanted: list[str], lock: str) -> None:
    say(f"resolving {lock} (a minute or two)")
    (folder / name).write_text("\n".join(wanted) + "\n", encoding="utf-8")
    # Wheels that one machine keeps locally have other hashes than the index, so they may not take part.
    env = {**os.environ, "PIP_FIND_LINKS": "", "CUSTOM_COMPILE_COMMAND": "make lock"}
    run([sys.executable, "-m", "piptools", "compile", *OPTIONS, "-o", lock, name], cwd=folder, env=env)


if __name__ == "__main__":
    try:
        main()
    except SetupError as error:
        sys.exit(f"lock: {error}")
