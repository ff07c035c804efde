"""The SDK's debug messages on their way to the engine: many at a time, and the program does not wait for them.

For every resource the SDK sends four of them, whether anybody wants to see them or not, and waits 2 ms until the engine
has taken each: longer than all else that a registration does. What `pulumi up --debug` shows stays the same but
for the lines that share a heading.
"""

import atexit
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import Any

from pulumi.runtime.proto.engine_pb2 import DEBUG, LogRequest
from pulumi.runtime.settings import get_engine

GATHERING_SECONDS = 0.05
FLUSH_SECONDS = 1.0
"""How long the end of a program waits for messages on their way."""

Log = Callable[[LogRequest], object]


def gather_debug_messages() -> bool:
    """Send the SDK's debug messages gathered from now on; return whether that could be done.

    Only messages that belong to no resource and no stream are gathered; warnings, errors and all others are
    sent and waited for as before.
    """
    engine: Any = get_engine()
    if not hasattr(engine, "Log"):
        return False
    gathered = GatheredMessages(engine.Log)
    engine.Log = gathered.log
    atexit.register(gathered.close)
    return True


class GatheredMessages:
    """Debug messages that wait for a thread to send them, in their order, as one message.

    Args:
        log: the engine's own method.
    """

    def __init__(self, log: Log) -> None:
        self._log = log
        self._waiting: SimpleQueue[str | None] = SimpleQueue()
        self._sender = threading.Thread(target=self._send_all, daemon=True)
        self._sender.start()

    def log(self, request: LogRequest) -> object:
        """Send a message, or have it sent soon."""
        if request.severity == DEBUG and not request.urn and not request.streamId:
            self._waiting.put(request.message)
            return None
        return self._log(request)

    def close(self) -> None:
        """Send what waits, and wait for a moment until it is sent."""
        self._waiting.put(None)
        self._sender.join(FLUSH_SECONDS)

    def _send_all(self) -> None:
        # Where the engine has gone, nobody sees them any more; a debug message is no reason for a run to fail.
        with suppress(Exception):
            while (first := self._waiting.get()) is not None:
                messages, ended = self._gathered(first)
                self._log(LogRequest(severity=DEBUG, message="\n".join(messages)))
                if ended:
                    return

    def _gathered(self, first: str) -> tuple[list[str], bool]:
        """Return the messages of a moment, and whether they were the last."""
        time.sleep(GATHERING_SECONDS)
        messages = [first]
        with suppress(Empty):
            while True:
                message = self._waiting.get_nowait()
                if message is None:
                    return messages, True
                messages.append(message)
        return messages, False
