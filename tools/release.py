"""Build a release into dist/ and check it, by `make release`. Nothing is signed or uploaded."""

from __future__ import annotations

import re
import shutil
import sys
import sysconfig
import tarfile
import tempfile
import tomllib
import venv
from collections.abc import Iterator
from email.parser import Parser
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zipfile import ZipFile

import markdown

from tools.shell import ROOT, SetupError, run

PYTHON = sys.executable
HOST = Path("share", "openrouter-keys", "host", "pulumi-resource-pulumi-python")
NEEDED = ("setup.py", "docs/errors.md", "CHANGELOG.md", "LICENSE", "openrouter_provider/py.typed")
"""What an sdist must hold beside the modules."""
PLACEHOLDER = "ORG"


def main(target: Path) -> None:
    """Build the sdist, and the wheel from it, into a folder, and look at both.

    Raises:
        SetupError: something of it can't be released.
    """
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    version, changelog = project["version"], (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    shutil.rmtree(target, ignore_errors=True)
    run([PYTHON, "-m", "build", "--no-isolation", "--outdir", target])
    sdist, wheel = (next(target.glob(f"openrouter_keys-{version}{end}")) for end in (".tar.gz", "-*.whl"))
    run([PYTHON, "-m", "twine", "check", "--strict", sdist, wheel])
    problems = [*unready(changelog, version), *strangers(files_of(sdist))]
    problems += [*unreachable(description(wheel), project["urls"]), *tried(wheel, version)]
    if problems:
        raise SetupError("; ".join(problems))
    for built in (sdist, wheel):
        say(f"{built.name}  {built.stat().st_size // 1024} KiB")
    for notice in to_do(changelog, version, project["urls"]):
        say(f"before you upload: {notice}")


def unready(changelog: str, version: str) -> Iterator[str]:
    """Yield that the changelog has no entry of the version."""
    if not re.search(rf"^## {re.escape(version)}(?!\S)", changelog, re.MULTILINE):
        yield f"CHANGELOG.md has no entry for {version}"


def files_of(sdist: Path) -> set[str]:
    """Return the names in an sdist, without its own folder."""
    with tarfile.open(sdist) as archive:
        return {name.partition("/")[2] for name in archive.getnames()}


def strangers(names: set[str]) -> Iterator[str]:
    """Yield what an sdist lacks, or has of a checkout that is nobody else's."""
    for name in NEEDED:
        if name not in names:
            yield f"the sdist has no {name}"
    for name in sorted(names):
        if name.startswith((".env", ".sandbox", "tests/")) or "__pycache__" in name:
            yield f"the sdist has {name}"


def description(wheel: Path) -> str:
    """Return the README as a package index will show it."""
    with ZipFile(wheel) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        return str(Parser().parsestr(archive.read(name).decode()).get_payload())


class Targets(HTMLParser):
    """Collects where a page's links and pictures lead."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note the target of a link or a picture."""
        wanted = {"a": "href", "img": "src"}.get(tag)
        self.found += [value for name, value in attrs if name == wanted and value]


def unreachable(readme: str, urls: dict[str, Any]) -> Iterator[str]:
    """Yield the README's targets that are no address, or lead into the documents where no file is.

    Args:
        readme: the text that the wheel carries.
        urls: the project's addresses; what they lead to is looked for in docs/, without the network.
    """
    page = Targets()
    page.feed(markdown.markdown(readme, extensions=["tables", "fenced_code"]))
    for target in page.found:
        if not target.startswith(("https://", "#")):
            yield f"the README names {target}, which is nothing on a package index"
        elif target.startswith(urls["Documentation"]):
            name = urlsplit(target).path.removeprefix(urlsplit(urls["Documentation"]).path)
            if not any((ROOT / "docs" / file).exists() for file in (name, name.replace(".html", ".md"))):
                yield f"the README names {target}, and docs/ has no such page"


def tried(wheel: Path, version: str) -> Iterator[str]:
    """Yield what of the wheel doesn't work in an empty environment, on top of this checkout's locked packages."""
    with tempfile.TemporaryDirectory() as scratch:
        empty = Path(scratch, "environment")
        venv.create(empty, with_pip=False)
        python = empty / "bin" / "python"
        run([PYTHON, "-m", "pip", "--python", python, "install", "-q", "--no-deps", wheel])
        (packages,) = empty.glob("lib/python*/site-packages")
        (packages / "locked.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
        command = empty / "bin" / "openrouter-keys"
        if run([command, "--version"], cwd=empty) != f"openrouter-keys {version}\n":
            yield "openrouter-keys --version says something else"
        if not run([command, "explain", "daily-limit"], cwd=empty).startswith("Daily limit\n"):
            yield "openrouter-keys explain knows no errors"
        where = run([python, "-c", "import openrouter_provider as here; print(here.__file__)"], cwd=empty)
        if not Path(where.strip()).is_relative_to(empty):
            yield "the package was not imported from the wheel"
        if not (empty / HOST).exists():
            yield f"{HOST} was not installed"


def to_do(changelog: str, version: str, urls: dict[str, Any]) -> Iterator[str]:
    """Yield what only a person can do before an upload."""
    if re.search(rf"^## {re.escape(version)} \(unreleased\)", changelog, re.MULTILINE):
        yield f"give {version} its date in CHANGELOG.md"
    if any(re.search(rf"\b{PLACEHOLDER}\b", url) for url in urls.values()):
        yield f"put who publishes this in place of {PLACEHOLDER} in pyproject.toml's project.urls"


def say(text: str) -> None:
    """Print one line."""
    sys.stdout.write(f"release: {text}\n")


if __name__ == "__main__":
    try:
        main(ROOT / "dist")
    except SetupError as error:
        sys.exit(f"release: {error}")
