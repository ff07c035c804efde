"""Warnings from the provider's process to whoever runs Pulumi.

A dynamic provider's calls can fail or answer, and nothing between. The engine starts the process with the address of
its own service, which takes messages. Without that address, as in a test, they go to Python's log alone.
"""

import logging
import re
import sys
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress

import grpc  # type: ignore[import-untyped]  # it has no types here
from pulumi.runtime.proto.engine_pb2 import WARNING, LogRequest
from pulumi.runtime.proto.engine_pb2_grpc import EngineStub

LOG = logging.getLogger("openrouter_provider")
LOG_SECONDS = 5
_ADDRESS = re.compile(r"127\.0\.0\.1:\d+")


class Warnings:
    """Tells each warning once a process.

    Args:
        send: tells one; it may fail, since no warning is worth a failed run.
    """

    def __init__(self, send: Callable[[str], None]) -> None:
        self._send = send
        self._told: set[str] = set()
        self._lock = threading.Lock()

    def __call__(self, message: str) -> None:
        """Tell a warning, unless it was told already."""
        with self._lock:
            if message in self._told:
                return
            self._told.add(message)
        self._send(message)


def engine_address(arguments: Sequence[str]) -> str | None:
    """Return the address of the engine among a provider process's arguments; None where there is none."""
    return next((each for each in reversed(arguments) if _ADDRESS.fullmatch(each)), None)


def warnings_to_engine() -> Warnings:
    """Return what tells warnings to the engine that started this process, or to the log where none did."""
    address = engine_address(sys.argv[1:])
    return Warnings(LOG.warning if address is None else _sender(address))


def _sender(address: str) -> Callable[[str], None]:
    engine = EngineStub(grpc.insecure_channel(address))

    def send(message: str) -> None:
        LOG.warning(message)
        with suppress(grpc.RpcError):
            engine.Log(LogRequest(severity=WARNING, message=message), timeout=LOG_SECONDS)

    return send
