"""Puts the stand-in plugins where the Pulumi engine looks for them: a private PULUMI_HOME."""

import os
import shlex
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

from sandbox.environment import PROJECT_ROOT, find_pulumi
from sandbox.errors import SandboxError
from sandbox.services import socket_of

_INSTALL_SECONDS = 120


def install(directory: Path, pulumi_home: Path, name: str = "aws") -> None:
    """Install a plugin at the version of its pulumi package; SandboxError when the CLI is missing or refuses.

    Args:
        directory: the sandbox's folder.
        pulumi_home: where the engine looks.
        name: the provider's name: the package is `pulumi_NAME`, the stand-in `sandbox.NAME_plugin`.
    """
    number = version(f"pulumi_{name}")
    if (pulumi_home / "plugins" / f"resource-{name}-v{number}" / f"pulumi-resource-{name}").exists():
        return
    pulumi = find_pulumi()
    if pulumi is None:
        raise SandboxError("there is no pulumi command, neither in .tools/bin nor on PATH: run `make setup`")
    folder = directory / "plugin" / name
    write_launcher(directory, folder, name)
    command = [pulumi, "plugin", "install", "resource", name, number, "--file", str(folder)]
    environment = os.environ | {
        "PULUMI_HOME": str(pulumi_home),
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "PULUMI_BACKEND_URL": f"file://{directory / 'backend'}",
    }
    answer = subprocess.run(
        command, env=environment, capture_output=True, text=True, check=False, timeout=_INSTALL_SECONDS
    )
    if answer.returncode != 0:
        words = " ".join(answer.stderr.split()) or f"exit code {answer.returncode}"
        raise SandboxError(f"pulumi couldn't install the sandbox's {name} plugin: {words}")


def write_launcher(directory: Path, folder: Path, name: str) -> Path:
    """Write what the engine starts for a plugin, and return it.

    Args:
        directory: the sandbox's folder.
        folder: where it is written.
        name: the provider's name.
    """
    folder.mkdir(parents=True, exist_ok=True)
    launcher = folder / f"pulumi-resource-{name}"
    words = [sys.executable, "-I", "-S", str(PROJECT_ROOT / "sandbox" / "plugins" / "launching.py")]
    words += [str(socket_of(directory)), str(PROJECT_ROOT), f"sandbox.{name}_plugin"]
    launcher.write_text(f'#!/bin/sh\nexec {shlex.join(words)} "$@"\n')
    launcher.chmod(0o755)
    return launcher
