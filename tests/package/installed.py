"""The built wheel, installed in an environment of its own as a user would."""

import subprocess
import sys
import sysconfig
import venv
import zipfile
from dataclasses import dataclass
from email.message import Message
from email.parser import Parser
from pathlib import Path

from tests.harness import ROOT

SOURCES = ("openrouter_provider", "pyproject.toml", "setup.py", "MANIFEST.in", "README.md", "LICENSE", "docs")


@dataclass(frozen=True)
class Installed:
    """A wheel and the environment it was installed in."""

    wheel: Path
    environment: Path

    @property
    def python(self) -> Path:
        """The environment's interpreter."""
        return self.environment / "bin" / "python"

    def files(self) -> list[str]:
        """Return the names of what the wheel holds."""
        with zipfile.ZipFile(self.wheel) as archive:
            return archive.namelist()

    def metadata(self) -> Message:
        """Return the wheel's own description of itself."""
        with zipfile.ZipFile(self.wheel) as archive:
            (name,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
            return Parser().parsestr(archive.read(name).decode())


def build(folder: Path) -> Path:
    """Return the wheel, built from a copy of the sources so that the checkout stays clean."""
    copy = folder / "sources"
    copy.mkdir(parents=True)
    for name in SOURCES:
        subprocess.run(["cp", "-r", str(ROOT / name), str(copy)], check=True)  # noqa: S607 - coreutils
    _pip("wheel", "-q", "--no-deps", "--no-build-isolation", "--wheel-dir", str(folder), str(copy))
    (wheel,) = folder.glob("*.whl")
    return wheel


def install(wheel: Path, folder: Path) -> Installed:
    """Install the wheel in a new environment that takes everything else from this one's locked packages.

    Those lie on the path behind its own, without this checkout: its editable installation hangs on a `.pth` file,
    which counts in an interpreter's own folder alone.
    """
    environment = folder / "environment"
    venv.create(environment, with_pip=False)
    (packages,) = environment.glob("lib/python*/site-packages")
    _pip("install", "-q", "--no-deps", "--target", str(packages), str(wheel))
    (packages / "locked.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return Installed(wheel, environment)


def _pip(*arguments: str) -> None:
    subprocess.run([sys.executable, "-m", "pip", *arguments], check=True)
