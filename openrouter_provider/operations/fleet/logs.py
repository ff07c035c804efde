"""Each stack's own output in a file of its own, and what it says of errors at hand."""

from collections import deque
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from ...api.errors import ConfigurationError
from ...api.scrub import spelled_out, without_keys

FOLDER = Path(".openrouter-keys") / "logs"
SHOWN_LINES = 200


class StackLog:
    """The output of one stack's run.

    Args:
        project: the project's folder; the file is in a folder below it that git leaves out.
        stack: the stack's name.
        command: what is run.

    Raises:
        ConfigurationError: the file can't be written.
    """

    def __init__(self, project: Path, stack: str, command: str) -> None:
        self.path = project / FOLDER / f"{stack.replace('/', '_')}.{command}.log"
        self.errors: list[str] = []
        try:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            (self.path.parent.parent / ".gitignore").write_text("*\n", encoding="utf-8")
            self._file = self.path.open("w", encoding="utf-8", errors="replace")
        except OSError as error:
            raise ConfigurationError(f"{self.path} can't be written: {error.strerror}") from None

    def write(self, line: str) -> str:
        """Keep a line; return it without what a terminal acts on, and with any key in it masked."""
        clean = spelled_out(without_keys(line))
        if "error:" in clean or self.errors:
            self.errors.append(clean)
        with suppress(OSError):  # A full disk must not stop a run that is making keys.
            self._file.write(f"{clean}\n")
        return clean

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with suppress(OSError):
            self._file.close()


def last_lines(path: Path) -> list[str]:
    """Return the end of a kept output, with a first line that says so where there is more."""
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            kept, count = _end_of(file)
    except OSError:
        return [f"(its output in {path} can't be read)"]
    return [f"(the last {SHOWN_LINES} lines of {path})", *kept] if count > SHOWN_LINES else kept


def _end_of(lines: Iterable[str]) -> tuple[list[str], int]:
    kept: deque[str] = deque(maxlen=SHOWN_LINES)
    count = 0
    for line in lines:
        kept.append(line.rstrip("\n"))
        count += 1
    return list(kept), count
