"""The pulumi command line: look at the machine, decide, and put what was decided into .tools/bin."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import threading
import urllib.request
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from tools import go_build
from tools.pulumi_choice import Choice, Machine, Source, Version, choose, parse_version
from tools.shell import ROOT, SetupError, digest, read_stamp, run, say

INSTALLER = "https://get.pulumi.com/install.sh"
PROBE_SECONDS = 4.0
INSTALL_SECONDS = 600.0
HOST = "pulumi-language-python"
FIX = (
    "Install Pulumi 3.226 or newer (https://www.pulumi.com/docs/install/) or Go (https://go.dev/dl/), "
    "then run make setup again"
)
INSTALL = "import sys; from pulumi.automation import PulumiCommand; PulumiCommand.install(root=sys.argv[1])"


def ensure(root: Path = ROOT) -> None:
    """Provide pulumi and its Python language host; do nothing when what was decided is still in place.

    The stamp is written last and names what the decision rested on: another pulumi on PATH, or another pin,
    decides anew.
    """
    tools = root / ".tools"
    stamp = tools / "pulumi.stamp"
    key = _key(root)
    source, _, rest = read_stamp(stamp).partition(" ")
    if rest == key and (source == Source.PATH or _complete(tools / "bin")):
        return
    stamp.unlink(missing_ok=True)
    choice = _provide(root, choose(look(root)))
    if choice.source is Source.PATH:
        _remove(tools / "bin")  # it comes first on PATH
    else:
        say(f"pulumi {run([tools / 'bin' / 'pulumi', 'version']).strip()} is in {tools / 'bin'}")
    stamp.write_text(f"{choice.source} {key}", encoding="utf-8")


def look(root: Path) -> Machine:
    """Return what this machine has, asking the network only when PATH does not answer the question."""
    search = _search_path(root)
    pulumi, go = shutil.which("pulumi", path=search), shutil.which("go", path=search)
    machine = Machine(
        cli=_version_of(pulumi, "version") if pulumi else None,
        language_host=bool(
            shutil.which(HOST, path=search) or (pulumi and (Path(pulumi).resolve().parent / HOST).exists())
        ),
        go=_version_of(go, "env", "GOVERSION") if go else None,
        go_switches=bool(go) and run([go or "", "env", "GOTOOLCHAIN"]).strip() != "local",
        go_needed=go_build.needed_go(root),
    )
    if choose(machine).source is Source.PATH:
        return machine
    return replace(machine, installer=reachable(INSTALLER, PROBE_SECONDS))


def reachable(url: str, seconds: float) -> bool:
    """Return whether a URL answers in time, counting the look-up of its name, which a socket does not."""
    answers: list[bool] = []

    def ask() -> None:
        try:
            with urllib.request.urlopen(url, timeout=seconds) as answer:  # noqa: S310 - the URL is a constant of ours
                answers.append(answer.status == 200)
        except OSError:
            answers.append(False)

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(seconds)
    return answers == [True]


def _provide(root: Path, choice: Choice) -> Choice:
    if choice.source is Source.NONE:
        raise SetupError(f"no pulumi command line: {choice.reason}. {FIX}")
    if choice.source is Source.PATH:
        say(f"using the pulumi on PATH: {choice.reason}")
    elif choice.source is Source.GO:
        say(f"building pulumi with Go: {choice.reason}")
        _replace_bin(root, go_build.build)
    else:
        say(f"installing pulumi with Pulumi's installer: {choice.reason}")
        try:
            _replace_bin(root, _install)
        except SetupError as error:
            say(f"Pulumi's installer was reached but did not work ({error})")
            return _provide(root, choose(replace(look(root), installer=False)))
    return choice


def _install(root: Path, target: Path) -> None:
    """Run Pulumi's official installer, at the version of the pulumi package in .venv."""
    run([root / ".venv" / "bin" / "python", "-c", INSTALL, target.parent], timeout=INSTALL_SECONDS)
    if not _complete(target):
        raise SetupError(f"it left no {HOST}")


def _replace_bin(root: Path, fill: Callable[[Path, Path], None]) -> None:
    """Fill a new folder and swap it in when it is whole, so that a killed build leaves no half of a bin."""
    tools = root / ".tools"
    _remove(*tools.glob("staging-*"))
    staging = Path(tempfile.mkdtemp(prefix="staging-", dir=tools))
    try:
        fill(root, staging / "bin")
        if (tools / "bin").exists():
            (tools / "bin").rename(staging / "old")
        (staging / "bin").rename(tools / "bin")
    finally:
        _remove(staging)


def _remove(*folders: Path) -> None:
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)


def _complete(folder: Path) -> bool:
    return all(os.access(folder / name, os.X_OK) for name in ("pulumi", HOST))


def _key(root: Path) -> str:
    found = shutil.which("pulumi", path=_search_path(root))
    facts = Path(found).resolve().stat() if found else None
    on_path = f"{found} {facts.st_mtime_ns} {facts.st_size}" if facts else "none"
    return digest([on_path, go_build.recipe(root), sys.platform])


def _search_path(root: Path) -> str:
    """Return PATH without this checkout's own tools, which would otherwise be found and chosen."""
    own = (root / ".tools" / "bin").resolve()
    return os.pathsep.join(p for p in os.environ.get("PATH", "").split(os.pathsep) if p and Path(p).resolve() != own)


def _version_of(program: str, *arguments: str) -> Version | None:
    try:
        return parse_version(
            run([program, *arguments], env={**os.environ, "PULUMI_SKIP_UPDATE_CHECK": "1"}, timeout=30)
        )
    except SetupError:
        return None
