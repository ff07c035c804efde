"""Engines under way and the signals that reach them, with a program in pulumi's place that says what it got."""

import os
import signal
import sys
import threading
from pathlib import Path

import pytest
from pulumi.automation import CommandError

from openrouter_provider.operations.fleet.engines import Engines, Stopped

PROGRAM = f"""#!{sys.executable}
import signal, sys, time
if "version" in sys.argv:
    print("v3.259.0"); sys.exit()
count = 0
def got(number, frame):
    global count
    count += 1
    print("got", count, flush=True)
    if count == 2:
        sys.exit(8)
signal.signal(signal.SIGINT, got)
print("ready", *sys.argv[1:], flush=True)
if "quick" in sys.argv:
    sys.exit()
while True:
    time.sleep(0.01)
"""


@pytest.fixture
def engines(tmp_path: Path) -> Engines:
    """Engines that run that program."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "pulumi").write_text(PROGRAM)
    (tmp_path / "bin" / "pulumi").chmod(0o700)
    return Engines(str(tmp_path))


def test_both_streams_are_told_in_order(engines: Engines, tmp_path: Path) -> None:
    """A command that ends well comes back with what it said."""
    lines: list[str] = []
    result = engines.run(["quick"], str(tmp_path), {}, lines.append)
    assert (lines, result.stdout) == (["ready --non-interactive quick"], "ready --non-interactive quick")


def test_each_signal_reaches_a_running_engine_once(engines: Engines, tmp_path: Path) -> None:
    """SIGTERM and Ctrl-C to this process become the engine's first and second; no engine is started after that."""
    lines: list[str] = []
    ready, first = threading.Event(), threading.Event()
    ended: list[BaseException] = []

    def line(text: str) -> None:
        lines.append(text)
        (first if text == "got 1" else ready).set()

    def run() -> None:
        try:
            engines.run(["up"], str(tmp_path), {}, line)
        except CommandError as error:
            ended.append(error)

    thread = threading.Thread(target=run)
    with engines.passing_signals_on():
        thread.start()
        assert ready.wait(20)
        os.kill(os.getpid(), signal.SIGTERM)
        assert first.wait(20)
        os.kill(os.getpid(), signal.SIGINT)
        thread.join(20)
    assert lines == ["ready --non-interactive up", "got 1", "got 2"]
    assert len(ended) == 1
    with pytest.raises(Stopped):
        engines.run(["quick"], str(tmp_path), {})


def test_signals_are_this_process_s_own_again_afterwards(engines: Engines) -> None:
    """The handlers that were there come back."""
    before = signal.getsignal(signal.SIGINT)
    with engines.passing_signals_on():
        assert signal.getsignal(signal.SIGINT) == engines.stop
    assert signal.getsignal(signal.SIGINT) is before
