"""The dynamic provider's host must not outlive the engine: what it still does then, nobody records.

The host waits for calls for ever. Where the engine is killed, calls that wait in the host, for the rate limit or
for another attempt, would go on and make keys that no state will ever know. The engine holds the other end of the
host's standard output; when it goes, that end closes, and the host ends at once. Whatever it cut off is what
`openrouter-keys recover` looks for.
"""

import atexit
import gc
import os
import select
import sys
import threading

PULUMIS_HOST = "pulumi.dynamic.__main__"
_started = threading.Lock()
_serving = threading.Event()


def is_host() -> bool:
    """Return whether this process is the dynamic provider's host, which belongs to an engine."""
    return _serving.is_set() or _main_module() == PULUMIS_HOST


def _main_module() -> str | None:
    spec = getattr(sys.modules.get("__main__"), "__spec__", None)
    return getattr(spec, "name", None)


def serve_one_engine() -> None:
    """Do in this process what every host should: end with the engine, show errors in one line, and collect seldom.

    Pulumi's own host answers with the traceback of what a provider raises; without its lines, `Type: message` is left.
    """
    _serving.set()
    if _main_module() == PULUMIS_HOST:
        sys.tracebacklimit = 0
    end_with_engine()
    collect_seldom()


def end_with_engine(descriptor: int = 1) -> bool:
    """Watch, once a process, for the end of whoever reads this pipe, and end this process then.

    Returns:
        Whether a watch was begun: not where one runs already, or the platform cannot wait for this.

    Args:
        descriptor: the pipe's writing end; standard output by default.
    """
    if not hasattr(select, "poll") or not _started.acquire(blocking=False):
        return False
    threading.Thread(target=_watch, args=(descriptor,), name="engine watch", daemon=True).start()
    return True


def _watch(descriptor: int) -> None:
    watched = select.poll()
    # No event is asked for: an error is always told, and a pipe without a reader is one.
    watched.register(descriptor, 0)
    if any(events & (select.POLLERR | select.POLLHUP) for _, events in watched.poll()):
        # Nothing is flushed or awaited: every further call would be made for nobody.
        os._exit(1)


OBJECTS_BETWEEN_COLLECTIONS = 50_000


def collect_seldom() -> None:
    """Let Python look for garbage after 50,000 new objects instead of its usual 700; a rarer wish of the program stays.

    What a program declares lives until its end, a thousand objects a key, so that the looking finds next to nothing: it
    was a third of a program's CPU time at 1000 keys. What is found later instead is 1 MB. At the end it does not look
    at all, where the process gives back everything.
    """
    atexit.register(gc.freeze)
    youngest, *older = gc.get_threshold()
    if 0 < youngest < OBJECTS_BETWEEN_COLLECTIONS:
        gc.set_threshold(OBJECTS_BETWEEN_COLLECTIONS, *older)


def leave_out_httpx_command_line() -> None:
    """Have httpx imported without its command line; for processes of our own, before they import it.

    httpx loads that command line, with click, rich and pygments, where those are installed. It is most of what
    importing httpx costs; told that the module is missing, httpx does without.
    """
    if "httpx" not in sys.modules:
        sys.modules["httpx._main"] = None  # type: ignore[assignment]  # the import system's own mark of a missing module
