"""The virtual environment: .venv from the committed lock, and the project itself in it."""

from __future__ import annotations

import importlib.util
import shutil
import sys
import time
import tomllib
from collections.abc import Sequence
from pathlib import Path

from tools.shell import ROOT, SetupError, digest, read_stamp, run, say, watch

LOCK = "requirements-dev.txt"
HOST = Path("openrouter_provider", "host", "pulumi-resource-pulumi-python")
# Not compiled in advance: that takes longer than the installation, and most modules of pulumi-aws are never imported.
PIP_INSTALL = ("install", "--no-compile", "--no-input", "--progress-bar=off", "--require-hashes", "-r")


def ensure(root: Path = ROOT) -> None:
    """Make .venv hold exactly what the lock and pyproject.toml say; do nothing when it does already.

    The stamps are written last, so an environment without them is half made and is made again.
    """
    venv = root / ".venv"
    locked, project = venv / ".locked", venv / ".project"
    python = venv / "bin" / "python"
    wanted = lock_key(root)
    if read_stamp(locked) != wanted or not python.exists():
        locked.unlink(missing_ok=True)
        _install_lock(root, python)
        locked.write_text(wanted, encoding="utf-8")
    wanted = project_key(root)
    if read_stamp(project) != wanted or not (venv / "bin" / "openrouter-keys").exists():
        run([python, "-m", "pip", "install", "-q", "--no-deps", "--no-build-isolation", "-e", root], cwd=root)
        # An editable installation leaves out the data files, and Pulumi.yaml names this one.
        host = venv / "share" / "openrouter-keys" / "host"
        host.mkdir(parents=True, exist_ok=True)
        shutil.copy(root / HOST, host)
        project.write_text(wanted, encoding="utf-8")


def lock_key(root: Path) -> str:
    """Return what .venv is made from: the lock, the Python, and its place (scripts name it)."""
    return digest([root / LOCK, f"{sys.version_info[:2]} {sys.base_prefix}", str(root)])


def project_key(root: Path) -> str:
    """Return what the installed project depends on: its metadata, not the linters' settings beside it."""
    config = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    packaging = {"setuptools": config.get("tool", {}).get("setuptools")}
    return digest([lock_key(root), root / HOST, repr((config["build-system"], config["project"], packaging))])


def _install_lock(root: Path, python: Path) -> None:
    if importlib.util.find_spec("ensurepip") is None:
        raise SetupError(
            "this Python has no ensurepip; install it (Debian: apt-get install python3-venv) and try again"
        )
    say(f"installing the locked Python packages into {root / '.venv'} (1 to 3 minutes)")
    started = time.monotonic()
    run([base_python(), "-m", "venv", "--clear", root / ".venv"], cwd=root)
    watch([python, "-m", "pip", *PIP_INSTALL, root / LOCK], "pip", progress, cwd=root)
    say(f"Python packages installed in {time.monotonic() - started:.0f} s")


def base_python() -> Path:
    """Return the interpreter outside any environment: the one in .venv cannot make .venv anew."""
    named = Path(sys.base_prefix) / "bin" / f"python{sys.version_info.major}.{sys.version_info.minor}"
    return named if named.exists() else Path(sys.executable)


def progress(lines: Sequence[str]) -> str:
    """Return how far pip is, from the lines it has printed."""
    if any(line.startswith("Installing collected packages") for line in lines):
        return "unpacking"
    return f"{sum(line.startswith('Collecting') for line in lines)} packages fetched"
