"""What every file of the repository must be free of."""

from __future__ import annotations

import base64
import re
import subprocess
from pathlib import Path
from urllib.parse import quote_from_bytes

import pytest

ROOT = Path(__file__).resolve().parents[2]
# Written in two halves so that this file does not hold what it looks for.
KEY = re.compile(
    rb"sk-or-"
    + rb"v1-[0-9a-f]{16,}"
    + rb"|sk%2Dor%2D"
    + rb"v1%2D[0-9a-f]{16,}"
    # The same in base64, at each of the three alignments.
    + rb"|(?:c2stb3It"
    + rb"djEt|NrLW9yL"
    + rb"XYxL|zay1vci"
    + rb"12MS)[A-Za-z0-9+/_-]{20,}"
)
MADE_UP = b"sk-or-" + b"v1-0123456789abcdef0123"
MACHINE_PATH = re.compile(rb"(?<![\w.$}])/(?:root|" + rb"work)/[\w.]")
LOCKS = (
    "requirements.txt",
    "requirements-dev.txt",
    "tools/pulumi/cli/go.sum",
    "tools/pulumi/language-python/go.sum",
)


def committable() -> list[Path]:
    """Return the files that git tracks or would add."""
    try:
        listed = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],  # noqa: S607 - git on PATH
            cwd=ROOT,
            capture_output=True,
            check=True,
        ).stdout
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("not a git checkout")
    return [path for name in listed.decode().split("\0") if name and (path := ROOT / name).is_file()]


def offenders(pattern: re.Pattern[bytes]) -> list[str]:
    """Name the files that hold a pattern, and not what matched: it may be a secret."""
    return [str(path.relative_to(ROOT)) for path in committable() if pattern.search(path.read_bytes())]


def test_no_file_holds_a_key() -> None:
    """Nothing that looks like a real OpenRouter key is in a file that is or could be committed."""
    assert offenders(KEY) == []


def test_no_commit_holds_a_key() -> None:
    """Nothing that looks like a real OpenRouter key was ever in a file or a message of the history."""
    arguments = ["git", "log", "--all", "--patch", "--text", "-m", "--format=commit %H%n%B"]
    with subprocess.Popen(arguments, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as log:
        assert log.stdout is not None
        commits, found = [b"none"], set()
        for line in log.stdout:
            if line.startswith(b"commit "):
                commits.append(line.split()[1])
            elif KEY.search(line):
                found.add(commits[-1].decode())
    if log.returncode:
        pytest.skip("not a git checkout")
    assert len(commits) > 1
    assert found == set()


def test_no_file_names_a_machine_path() -> None:
    """No file names a folder of one person's machine."""
    assert offenders(MACHINE_PATH) == []


@pytest.mark.parametrize("lock", LOCKS)
def test_locks_name_no_registry(lock: str) -> None:
    """A lock says what to install, and leaves from where to the machine."""
    assert "://" not in (ROOT / lock).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (b"OPENROUTER_API_KEY=sk-or-" + b"v1-0123456789abcdef0123", True),
        (quote_from_bytes(MADE_UP, safe="").encode().replace(b"-", b"%2D"), True),
        *((base64.b64encode(b"ab"[:shift] + MADE_UP), True) for shift in range(3)),
        (b"a key looks like sk-or-v1-...", False),
        (b"sk-or-v1-canary", False),
    ],
)
def test_the_search_for_keys_finds_keys(text: bytes, found: bool) -> None:
    """The pattern tells a value from a placeholder."""
    assert bool(KEY.search(text)) is found


@pytest.mark.parametrize(
    ("text", "found"),
    [(b"cd /wo" + b"rk/main", True), (b"docs/work/notes", False), (b"https://example.com/work/x", False)],
)
def test_the_search_for_paths_finds_paths(text: bytes, found: bool) -> None:
    """The pattern tells an absolute path from a part of another one."""
    assert bool(MACHINE_PATH.search(text)) is found
