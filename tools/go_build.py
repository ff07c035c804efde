"""The pulumi command line and its hosts for Python and YAML, built from their Go modules at pinned versions."""

from __future__ import annotations

import os
import re
import shutil
import time
from collections.abc import Sequence
from pathlib import Path

from tools.pulumi_choice import Version, parse_version
from tools.shell import SetupError, digest, run, say, watch

SDK = "github.com/pulumi/pulumi/sdk/v3"
YAML = "github.com/pulumi/pulumi-yaml"
# program: (folder of its go.mod, package, module whose version it reports)
PROGRAMS = {
    "pulumi": ("cli", "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi", "github.com/pulumi/pulumi/pkg/v3"),
    "pulumi-language-python": ("language-python", f"{SDK}/python/cmd/pulumi-language-python", SDK),
    "pulumi-language-yaml": ("language-yaml", f"{YAML}/cmd/pulumi-language-yaml", YAML),  # for examples/yaml alone
}
# Scripts that official releases keep beside the binaries; they come with the sdk module of the command line.
COMPANIONS = ("python/cmd/pulumi-language-python-exec", "python/dist/pulumi-resource-pulumi-python")
LINK = f"-s -w -X {SDK}/go/common/version.Version="  # go install leaves the version out


def build(root: Path, target: Path) -> None:
    """Build the programs into a folder and put their two companions beside them.

    Raises:
        SetupError: with the last lines that go printed.

    """
    say("this takes 3 to 8 minutes on 2 cores the first time, and seconds when Go's build cache is warm")
    started = time.monotonic()
    target.mkdir(parents=True)
    for program, (folder, package, module) in PROGRAMS.items():
        source = _modules(root) / folder
        version = pinned(source / "go.mod", module)
        options = ["-v", "-mod=readonly", "-ldflags", LINK + version, "-o", str(target / program)]
        watch(["go", "build", *options, package], f"go build of {program}", progress, cwd=source, env=_env())
    home = run(
        ["go", "list", "-mod=readonly", "-m", "-f", "{{.Dir}}", SDK], cwd=_modules(root) / "cli", env=_env()
    ).strip()
    for companion in COMPANIONS:
        shutil.copy(Path(home) / companion, target)
        (target / Path(companion).name).chmod(0o755)
    say(f"built pulumi and its language hosts in {time.monotonic() - started:.0f} s")


def pinned(go_mod: Path, module: str) -> str:
    """Return the version of a module that a go.mod requires."""
    found = re.search(rf"^\s*{re.escape(module)} (v\S+)", go_mod.read_text(encoding="utf-8"), re.MULTILINE)
    if not found:
        raise SetupError(f"{go_mod} does not require {module}")
    return found[1]


def needed_go(root: Path) -> Version:
    """Return the newest Go version that the go.mod files ask for."""
    files = [_modules(root) / folder / "go.mod" for folder, _, _ in PROGRAMS.values()]
    asked = [re.search(r"^go (\S+)", file.read_text(encoding="utf-8"), re.MULTILINE) for file in files]
    return max(version for match in asked if match and (version := parse_version(match[1])))


def recipe(root: Path) -> str:
    """Return a fingerprint of everything that a build is made from."""
    folders = [_modules(root) / folder for folder, _, _ in PROGRAMS.values()]
    files = [folder / name for folder in folders for name in ("go.mod", "go.sum")]
    return digest([repr((PROGRAMS, COMPANIONS, LINK)), *files])


def _modules(root: Path) -> Path:
    return root / "tools" / "pulumi"


def _env() -> dict[str, str]:
    return {**os.environ, "GOWORK": "off"}  # a go.work somewhere above this checkout is another project's


def progress(lines: Sequence[str]) -> str:
    """Return how far go build is, from the lines it has printed."""
    downloads = sum(line.startswith("go: downloading") for line in lines)
    return f"{downloads} modules fetched, {len(lines) - downloads} packages compiled"
