"""Serves the simulator on loopback: in a thread for tests, in the foreground for the sandbox."""

import socket
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self

import uvicorn

from sandbox.openrouter.app import CONTROL_PREFIX, make_app
from sandbox.openrouter.client import Control
from sandbox.openrouter.middleware import API_PREFIX
from sandbox.openrouter.store import Store
from sandbox.openrouter.wire import CuttableProtocol

HOST = "127.0.0.1"
_START_SECONDS = 10.0


class _Server(uvicorn.Server):
    """A server that says when it accepts connections."""

    def __init__(self, store: Store, on_started: Callable[[], None]) -> None:
        config = uvicorn.Config(
            make_app(store),
            http=CuttableProtocol,
            ws="none",
            lifespan="off",
            log_config=None,
            log_level="warning",
            access_log=False,
            proxy_headers=False,
            date_header=False,
            timeout_keep_alive=75,
            timeout_graceful_shutdown=1,
        )
        super().__init__(config)
        self._on_started = on_started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen, then say so."""
        await super().startup(sockets=sockets)
        self._on_started()


def listen(port: int = 0) -> socket.socket:
    """Return a socket bound to loopback; port 0 chooses a free one."""
    # asyncio switches Nagle's delay off only where the protocol is named; without it every answer takes 40 ms.
    bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    bound.bind((HOST, port))
    return bound


def serve(store: Store, bound: socket.socket, on_started: Callable[[], None]) -> None:
    """Serve in the foreground until SIGTERM or SIGINT."""
    _Server(store, on_started).run(sockets=[bound])


class SimulatorServer:
    """The simulator in a thread of this process; a context manager that may be stopped and started again.

    A server started again listens on the same port and has the same state, so that a test can let connections
    be refused for a while.
    """

    def __init__(self, store: Store | None = None, *, port: int = 0) -> None:
        self.store = store or Store()
        self.port = port
        self._server: _Server | None = None
        self._thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        """Return the base URL of the API."""
        return f"http://{HOST}:{self.port}{API_PREFIX}"

    @property
    def control_url(self) -> str:
        """Return the base URL of the control endpoint."""
        return f"http://{HOST}:{self.port}{CONTROL_PREFIX}"

    @property
    def management_key(self) -> str:
        """Return the management key of the account the server starts with."""
        return self.store.first.management_key

    def control(self) -> Control:
        """Return a control of the account the server starts with."""
        return Control(self.control_url, self.management_key)

    def open_account(self) -> Control:
        """Open an account of its own and return its control."""
        return Control.open_account(self.control_url)

    def start(self) -> Self:
        """Start serving and return once connections are accepted."""
        bound = listen(self.port)
        self.port = bound.getsockname()[1]
        started = threading.Event()
        self._server = _Server(self.store, started.set)
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [bound]}, daemon=True)
        self._thread.start()
        if not started.wait(_START_SECONDS):
            raise RuntimeError("the simulator didn't start")
        return self

    def stop(self) -> None:
        """Stop serving, cutting what is under way."""
        if self._server and self._thread:
            self._server.should_exit = True
            self._server.force_exit = True
            self._thread.join(_START_SECONDS)
        self._server = self._thread = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
