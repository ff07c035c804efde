"""The provider's host ends with its engine, whose end of the pipe closes."""

import subprocess
import sys

from openrouter_provider.host.process import is_host

WAITS = (
    "import sys, threading\n"
    "from openrouter_provider.host.process import end_with_engine\n"
    "assert end_with_engine()\n"
    "assert not end_with_engine(), 'a second watch began'\n"
    "print('ready', flush=True)\n"
    "threading.Event().wait()\n"
)
PATIENCE_SECONDS = 30


def test_host_ends_when_nobody_reads_its_output() -> None:
    """Once the reader of its standard output is gone the process ends, though it waits for ever."""
    with subprocess.Popen([sys.executable, "-c", WAITS], stdout=subprocess.PIPE) as host:
        assert host.stdout is not None
        assert host.stdout.readline() == b"ready\n"
        assert host.poll() is None
        host.stdout.close()
        assert host.wait(PATIENCE_SECONDS) == 1


def test_only_the_host_is_watched() -> None:
    """A test runner, or the program itself, is no host and may lose its output."""
    assert not is_host()
