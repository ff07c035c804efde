"""Saying things to the person at the terminal, and running other programs without a shell."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


class SetupError(Exception):
    """Setup cannot go on; the message is one line with the cause and the fix."""


def say(text: str) -> None:
    """Print one line at once, so that a long step is announced before it starts."""
    sys.stdout.write(f"setup: {text}\n")
    sys.stdout.flush()


def run(
    command: Sequence[str | Path],
    *,
    cwd: Path = ROOT,
    env: Mapping[str, str] | None = None,
    timeout: float | None = None,
) -> str:
    """Return the standard output of a command.

    Raises:
        SetupError: the command is missing, failed or took too long; the message ends with its last words.

    """
    words = [str(word) for word in command]
    try:
        done = subprocess.run(  # noqa: S603 - a list of words from this package, never a shell
            words,
            cwd=cwd,
            env=env,
            timeout=timeout,
            capture_output=True,
            text=True,
            check=False,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise SetupError(f"{Path(words[0]).name} did not run: {error}") from None
    if done.returncode:
        said = last_words(done.stderr.splitlines() or done.stdout.splitlines())
        raise SetupError(f"`{' '.join(words[:4])} …` failed: {said}")
    return done.stdout


def last_words(lines: Sequence[str], count: int = 3) -> str:
    """Return the last lines that say something, joined to one."""
    return " | ".join([line.strip() for line in lines if line.strip()][-count:]) or "it said nothing"


def digest(parts: Iterable[str | bytes | Path]) -> str:
    """Return a fingerprint of texts and of the contents of files, in order."""
    total = hashlib.sha256()
    for part in parts:
        data = part.read_bytes() if isinstance(part, Path) else part
        total.update(hashlib.sha256(data.encode() if isinstance(data, str) else data).digest())
    return total.hexdigest()


def read_stamp(path: Path) -> str:
    """Return what an earlier, finished step wrote, or an empty string."""
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""
