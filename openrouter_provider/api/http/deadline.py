"""An end for a whole answer: httpx bounds each read, so a server that sends a byte now and then could hold a call."""

import threading
from collections.abc import Callable, Iterable
from ssl import SSLContext

import httpcore
import httpx


class Deadline(threading.local):
    """When the exchange that this thread is in has to be over.

    Args:
        monotonic: Seconds from an arbitrary start.
    """

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._at = float("inf")

    def begin(self, seconds: float) -> None:
        """Give the exchange that begins now so many seconds."""
        self._at = self._monotonic() + seconds

    def within(self, timeout: float | None) -> float | None:
        """Return the timeout of the next read or write, cut at the deadline.

        Raises:
            httpcore.ReadTimeout: The deadline has passed.
        """
        left = self._at - self._monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout("the answer trickled")
        return min(left, float("inf") if timeout is None else timeout)


class _Stream(httpcore.NetworkStream):
    """A connection whose reads and writes end with the exchange."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: Deadline) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._deadline.within(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._deadline.within(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return _Stream(self._stream.start_tls(ssl_context, server_hostname, timeout), self._deadline)

    def get_extra_info(self, info: str) -> object:
        return self._stream.get_extra_info(info)


class _Backend(httpcore.SyncBackend):
    """Makes such connections."""

    def __init__(self, deadline: Deadline) -> None:
        self._deadline = deadline

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        made = super().connect_tcp(host, port, timeout, local_address, socket_options)
        return _Stream(made, self._deadline)


def bound(client: httpx.Client, deadline: Deadline) -> bool:
    """Let a client's reads and writes end at the deadline; return whether every network transport could be reached.

    httpx passes httpcore's network backend through nowhere, so it is set on the pools, which are private. Where they
    are gone, each read is bounded as before and nothing else changes.
    """
    pools = [getattr(transport, "_pool", None) for transport in (client._transport, *client._mounts.values())]
    reached = [pool for pool in pools if hasattr(pool, "_network_backend")]
    for pool in reached:
        pool._network_backend = _Backend(deadline)  # type: ignore[union-attr]  # hasattr has just found it
    return len(reached) == len(pools)
