"""AWS in a thread of this process."""

import os
from typing import Self

from moto.server import ThreadedMotoServer

from sandbox.aws.corrections import correct_secrets_manager


class AwsServer:
    """Moto, corrected, on a port of loopback; works as a context manager.

    Args:
        port: 0 takes a free one.
    """

    def __init__(self, port: int = 0) -> None:
        correct_secrets_manager()
        self._server = ThreadedMotoServer(ip_address="127.0.0.1", port=port, verbose=False)

    def __enter__(self) -> Self:
        self._server.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.stop()

    @property
    def port(self) -> int:
        """The port that it serves on."""
        return self._server.get_host_and_port()[1]

    @property
    def url(self) -> str:
        """The endpoint for boto3 and plugins."""
        return f"http://127.0.0.1:{self.port}"


def leave() -> None:
    """End this process at once: open keep-alive connections would hold an orderly stop."""
    os._exit(0)
