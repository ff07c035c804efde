"""The TypeScript client from its locked packages, installed once for as long as the lock stays the same."""

import hashlib
import re
import shutil
import subprocess
from functools import cache

import pytest

from tests.examples.example_clients import Client
from tests.harness import ROOT

FOLDER = ROOT / "examples" / "typescript-client"
_UNREACHABLE = re.compile(
    r"code (ENOTFOUND|ECONNREFUSED|ECONNRESET|ETIMEDOUT|EAI_AGAIN|ENETUNREACH|ERR_SOCKET_TIMEOUT)"
)
# The AWS SDK warns a person whose node will be too old for its later versions.
_QUIET = {"AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED": "true"}


@cache
def typescript_client() -> Client:
    """Install and compile the TypeScript client, and return it; skip the test where that can't be done here."""
    if not (shutil.which("node") and shutil.which("npm")):
        pytest.skip("the TypeScript client needs node and npm")
    _install()
    _npm("run", "build")
    program = str(FOLDER / "dist" / "main.js")
    return Client(("node", program), ("node", "--env-file=.env", program), _QUIET)


def _install() -> None:
    """Install the locked packages, unless exactly these are installed."""
    lock = hashlib.sha256((FOLDER / "package-lock.json").read_bytes()).hexdigest()
    note = FOLDER / "node_modules" / ".lock-sha256"
    if not note.exists() or note.read_text() != lock:
        _npm("ci", "--no-audit", "--no-fund", "--ignore-scripts", "--prefer-offline", "--fetch-retries=1")
        note.write_text(lock)


def _npm(*arguments: str) -> None:
    run = subprocess.run(
        ["npm", *arguments],  # noqa: S607 - the person's own npm
        cwd=FOLDER,
        check=False,
        capture_output=True,
        text=True,
        timeout=300,
    )
    if unreachable := _UNREACHABLE.search(run.stderr):
        pytest.skip(f"the TypeScript client's packages can't be fetched: npm says {unreachable[1]}")
    assert run.returncode == 0, run.stdout + run.stderr
