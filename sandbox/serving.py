"""Serves a small ASGI application on loopback: in a thread for tests, in the foreground for the sandbox."""

import argparse
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

import uvicorn

from sandbox.openrouter.__main__ import announce
from sandbox.openrouter.server import HOST, listen

_START_SECONDS = 10.0


class _Server(uvicorn.Server):
    """A server that says when it accepts connections."""

    def __init__(self, application: Any, on_started: Callable[[], None]) -> None:
        super().__init__(uvicorn.Config(application, ws="none", lifespan="off", log_config=None, access_log=False))
        self._on_started = on_started

    async def startup(self, sockets: Any = None) -> None:
        """Listen, then say so."""
        await super().startup(sockets=sockets)
        self._on_started()


class AppServer:
    """An application in a thread of this process; works as a context manager.

    Args:
        application: what to serve.
    """

    def __init__(self, application: Any) -> None:
        self._started = threading.Event()
        self._server = _Server(application, self._started.set)
        self._socket = listen()
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [self._socket]}, daemon=True)
        self.url = f"http://{HOST}:{self._socket.getsockname()[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        if not self._started.wait(_START_SECONDS):
            raise RuntimeError("the server didn't start")
        return self

    def __exit__(self, *_: object) -> None:
        self._server.should_exit = self._server.force_exit = True
        self._thread.join(_START_SECONDS)


def serve(application: Any, program: str) -> None:
    """Serve until SIGTERM, as the command line asks; the port file appears once connections are accepted."""
    parser = argparse.ArgumentParser(prog=program)
    parser.add_argument("--port", type=int, default=0, help="port on 127.0.0.1; 0 chooses a free one")
    parser.add_argument("--port-file", type=Path, help="file that receives the port")
    options = parser.parse_args()
    bound = listen(options.port)
    _Server(application, lambda: announce(bound, options.port_file)).run(sockets=[bound])
