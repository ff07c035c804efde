"""A door before the API that can be shut: connections are really refused until it opens again."""

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

from tests.faults.lives import ROTATE, Step, Witness
from tests.harness import Stack

SHUT_SECONDS = 2.5
"""Longer than the client's first two waits together, 1.5 s: the call of the key begun first meets it shut twice."""
PATIENCE_SECONDS = 120.0
EVENTS = "events.json"
"""The engine's event log, in the stack's folder."""


class Door:
    """Forwards connections to an address as long as it is open; a shut door is a closed port.

    Args:
        target: host and port of the API.
    """

    def __init__(self, target: tuple[str, int]) -> None:
        self._target = target
        self._listener: socket.socket | None = None
        self._connections: list[socket.socket] = []
        self.port = 0
        self.open()

    def open(self) -> None:
        """Accept connections, on the same port every time."""
        self._listener = socket.create_server(("127.0.0.1", self.port))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def shut(self) -> None:
        """Close the port and every connection."""
        ends, self._connections = self._connections, []
        for end in [self._listener, *ends]:
            if end:
                # Closing alone doesn't end an accept or a recv in another thread.
                with suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)
                end.close()

    def _accept(self, listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                near, _ = listener.accept()
                far = socket.create_connection(self._target)
                self._connections += [near, far]
                for source, sink in ((near, far), (far, near)):
                    threading.Thread(target=_pump, args=(source, sink), daemon=True).start()


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
    with suppress(OSError):
        sink.shutdown(socket.SHUT_RDWR)


class Refused:
    """The trouble of a shut door: connections are refused while the engine begins its work on keys.

    A refusal leaves no trace at the port, so it is proved by what the engine had begun: the door opens only
    SHUT_SECONDS after the engine began to work on a key. Of a rotation it is the reading of the superseded keys that
    meets it: the door shuts when the first of them is begun, and what is counted is begun later.

    The services store the API's address with their keys, so one door lasts the whole life.
    """

    def __init__(self) -> None:
        self._door: Door | None = None

    @contextmanager
    def __call__(self, stack: Stack, step: Step) -> Iterator[Witness]:
        """Shut the door for a step."""
        door = self._door = self._door or _before(stack)
        events = stack.folder / EVENTS
        events.unlink(missing_ok=True)
        rotates = step.name == ROTATE.name
        watch = Watch(events, "SupersededKeys" if rotates else "ApiKey")
        if not rotates:
            door.shut()
        keeper = threading.Thread(target=watch.keep, args=(door,), kwargs={"shuts": rotates})
        keeper.start()
        try:
            yield Witness(met=lambda: watch.met > 0)
        finally:
            keeper.join()


def _before(stack: Stack) -> Door:
    """Put a door before a stack's API."""
    api = urlsplit(stack.environment["OPENROUTER_BASE_URL"])
    door = Door((str(api.hostname), api.port or 80))
    stack.environment |= {"OPENROUTER_BASE_URL": f"http://127.0.0.1:{door.port}{api.path}"}
    stack.environment |= {"PULUMI_DEBUG_COMMANDS": "true"}  # Without it the CLI has no --event-log.
    return door


class Watch:
    """Reads the engine's event log while a run goes on.

    Args:
        events: the log.
        kind: the resources that matter.
    """

    def __init__(self, events: Path, kind: str) -> None:
        self._events = events
        self._kind = kind
        self.met = 0
        """How many resources were begun while the door was shut."""

    def keep(self, door: Door, *, shuts: bool) -> None:
        """Open the door once it has been shut for long enough after the first resource was begun."""
        before = 0
        if self._wait() and shuts:
            door.shut()
            before = self._begun()
        time.sleep(SHUT_SECONDS)
        self.met = self._begun() - before
        door.open()

    def _wait(self) -> bool:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not self._begun():
            if time.monotonic() > deadline:
                return False
            time.sleep(0.02)
        return True

    def _begun(self) -> int:
        """Return how many resources the engine has begun to work on."""
        if not self._events.exists():
            return 0
        lines = [line for line in self._events.read_text().split("\n") if f"openrouter:{self._kind}" in line]
        began = [json.loads(line).get("resourcePreEvent") for line in lines if line.endswith("}")]
        return sum(event is not None and event["metadata"]["op"] != "same" for event in began)
