"""`make demo`: a real `pulumi up` of stack dev against the sandbox, each stored key verified, nothing left behind."""

import os
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

from .lifecycle import Sandbox

PROJECT = Path(__file__).resolve().parent.parent


def run(arguments: list[str], environment: Mapping[str, str]) -> None:
    """Run one command in the project's folder and show it; a failure ends the demo with its exit code."""
    print(f"\n$ {' '.join(arguments)}", flush=True)
    finished = subprocess.run(arguments, cwd=PROJECT, env=dict(environment), check=False)
    if finished.returncode:
        raise SystemExit(finished.returncode)


def host_environment() -> dict[str, str]:
    """Return this process's environment without what would point the demo at somebody's real account."""
    theirs = ("AWS_", "OPENROUTER_", "PULUMI_")
    return {name: value for name, value in os.environ.items() if not name.startswith(theirs)}


def main() -> None:
    """Run the demo against a sandbox of its own, so that one that is in use stays as it is."""
    with tempfile.TemporaryDirectory(prefix="openrouter-keys-demo-") as folder, Sandbox(Path(folder)) as sandbox:
        environment = host_environment() | sandbox.environment()
        run(["pulumi", "stack", "init", "dev", "--no-select"], environment)
        run(
            ["pulumi", "up", "--stack", "dev", "--yes", "--skip-preview", "--suppress-progress", "--suppress-outputs"],
            environment,
        )
        run(["openrouter-keys", "verify", "--stack", "dev", "--chat"], environment)
    print("\nThe sandbox is stopped and everything it held is gone.")


if __name__ == "__main__":
    main()
