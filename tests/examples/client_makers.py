"""Both example clients, ready to run: one by the tests' own interpreter, one from its locked packages."""

import fcntl
import hashlib
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path

import pytest

from tests.examples.example_clients import Client
from tests.harness import ROOT

PYTHON_CLIENT = ROOT / "examples" / "python-client"
TYPESCRIPT_CLIENT = ROOT / "examples" / "typescript-client"
_UNREACHABLE = re.compile(
    r"code (ENOTFOUND|ECONNREFUSED|ECONNRESET|ETIMEDOUT|EAI_AGAIN|ENETUNREACH|ERR_SOCKET_TIMEOUT)"
)
_OLDEST_NODE = 20
# The AWS SDK warns a person whose node will be too old for its later versions.
_QUIET = {"AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED": "true"}


def python_client() -> Client:
    """Return the Python client, run by the interpreter of the tests."""
    start = (sys.executable, "-m", "openrouter_service")
    shell = ("sh", "-c", 'set -a; . ./.env; set +a; exec "$@"', "sh")
    return Client(start, (*shell, *start), {"PYTHONPATH": str(PYTHON_CLIENT)})


@cache
def typescript_client() -> Client:
    """Install and compile the TypeScript client, and return it; skip the test where that can't be done here."""
    if not (shutil.which("node") and shutil.which("npm")):
        pytest.skip("the TypeScript client needs node and npm")
    if (found := _node_version()) < _OLDEST_NODE:
        pytest.skip(f"the TypeScript client needs node {_OLDEST_NODE} or newer, here is {found}")
    _make()
    program = str(TYPESCRIPT_CLIENT / "dist" / "main.js")
    return Client(("node", program), ("node", "--env-file=.env", program), _QUIET)


def _node_version() -> int:
    command = ["node", "-p", "process.versions.node"]
    return int(subprocess.run(command, check=True, capture_output=True, text=True).stdout.partition(".")[0])


def _make() -> None:
    """Install the locked packages and compile, unless that was done; test processes side by side take turns."""
    lock = TYPESCRIPT_CLIENT / "package-lock.json"
    with lock.open() as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        _once("node_modules", [lock], _install)
        sources = sorted((TYPESCRIPT_CLIENT / "src").rglob("*.ts"))
        _once("dist", [lock, TYPESCRIPT_CLIENT / "tsconfig.json", *sources], lambda: _npm("run", "build"))


def _once(folder: str, made_from: Iterable[Path], make: Callable[[], None]) -> None:
    """Make a folder, unless it was made from exactly these files."""
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in made_from)).hexdigest()
    note = TYPESCRIPT_CLIENT / folder / ".made-from-sha256"
    if not note.exists() or note.read_text() != digest:
        make()
        note.write_text(digest)


def _install() -> None:
    _npm("ci", "--no-audit", "--no-fund", "--ignore-scripts", "--prefer-offline", "--fetch-retries=1")


def _npm(*arguments: str) -> None:
    run = subprocess.run(
        ["npm", *arguments],  # noqa: S607 - the person's own npm
        cwd=TYPESCRIPT_CLIENT,
        check=False,
        capture_output=True,
        text=True,
        timeout=300,
    )
    if unreachable := _UNREACHABLE.search(run.stderr):
        pytest.skip(f"the TypeScript client's packages can't be fetched: npm says {unreachable[1]}")
    assert run.returncode == 0, run.stdout + run.stderr


MAKERS: dict[str, Callable[[], Client]] = {"python": python_client, "typescript": typescript_client}
