"""Puts the stand-in AWS plugin where the Pulumi engine looks for it: a private PULUMI_HOME."""

import os
import shlex
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

from sandbox.environment import PROJECT_ROOT, find_pulumi
from sandbox.errors import SandboxError

_INSTALL_SECONDS = 120


def install(directory: Path, pulumi_home: Path) -> None:
    """Install the plugin at the version of the pulumi_aws package; SandboxError when the CLI is missing or refuses."""
    number = version("pulumi_aws")
    if (pulumi_home / "plugins" / f"resource-aws-v{number}" / "pulumi-resource-aws").exists():
        return
    pulumi = find_pulumi()
    if pulumi is None:
        raise SandboxError("there is no pulumi command, neither in .tools/bin nor on PATH: run `make setup`")
    folder = directory / "plugin"
    _write_launcher(folder)
    command = [pulumi, "plugin", "install", "resource", "aws", number, "--file", str(folder)]
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
        raise SandboxError(f"pulumi couldn't install the sandbox's AWS plugin: {words}")


def _write_launcher(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    launcher = folder / "pulumi-resource-aws"
    # -P keeps the program's folder, where the engine starts plugins, off the import path.
    launcher.write_text(
        "#!/bin/sh\n"
        f"PYTHONPATH={shlex.quote(str(PROJECT_ROOT))} "
        f'exec {shlex.quote(sys.executable)} -P -m sandbox.aws_plugin "$@"\n'
    )
    launcher.chmod(0o755)
