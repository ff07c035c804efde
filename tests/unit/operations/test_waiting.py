"""A sign of life where something takes long, on a terminal alone."""

import io
import threading

import pytest
from rich.console import Console

from openrouter_provider.operations.progress import waiting


class Watched(io.StringIO):
    """A terminal that says when something was written to it."""

    def __init__(self) -> None:
        super().__init__()
        self.written = threading.Event()

    def write(self, text: str) -> int:
        """Note the text."""
        self.written.set()
        return super().write(text)


def test_a_terminal_shows_what_takes_long() -> None:
    """After a moment the name of what goes on is shown, and it is gone at the end."""
    out = Watched()
    with waiting("report", Console(file=out, force_terminal=True), after_seconds=0):
        assert out.written.wait(10)
    assert "report …" in out.getvalue()
    assert out.getvalue().rstrip("\n").endswith(("\x1b[2K", "\x1b[?25h", "\r"))


def test_what_is_quick_shows_nothing() -> None:
    """A terminal stays clean where the answer is there at once, an error too."""
    out = io.StringIO()
    with pytest.raises(ValueError, match="x"), waiting("report", Console(file=out, force_terminal=True), 60):
        raise ValueError("x")
    assert "report" not in out.getvalue()


def test_a_log_has_no_sign_of_life() -> None:
    """What is no terminal gets nothing, however long it takes."""
    out = io.StringIO()
    with waiting("report", Console(file=out), after_seconds=0):
        pass
    assert out.getvalue() == ""
