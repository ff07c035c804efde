"""Saying things to the person at the terminal, and running other programs without a shell."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

PROGRESS_SECONDS = 15.0


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
        done = subprocess.run(
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


def watch(
    command: Sequence[str | Path],
    name: str,
    describe: Callable[[Sequence[str]], str],
    *,
    cwd: Path = ROOT,
    env: Mapping[str, str] | None = None,
) -> None:
    """Run a long command and say every few seconds how far it is.

    Args:
        command: its words.
        name: what the person sees it called.
        describe: says how far it is, from the lines printed until then.
        cwd: the folder to run it in.
        env: its whole environment; the present one when left out.

    Raises:
        SetupError: it could not be started or failed; the message ends with its last words.

    """
    started, lines = time.monotonic(), list[str]()
    words = [str(word) for word in command]
    try:
        process = subprocess.Popen(
            words,
            cwd=cwd,
            env=env,
            text=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
    except OSError as error:
        raise SetupError(f"{name} did not start: {error}") from None
    with process:
        reader = threading.Thread(target=lambda: lines.extend(process.stdout or ()), daemon=True)
        reader.start()
        while reader.is_alive():
            reader.join(PROGRESS_SECONDS)
            if reader.is_alive():
                say(f"  {name}: {time.monotonic() - started:.0f} s, {describe(list(lines))}")
    if process.returncode:
        raise SetupError(f"{name} failed: {last_words(lines)}")


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
