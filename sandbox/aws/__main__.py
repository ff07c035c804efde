"""Run AWS: `python -m sandbox.aws --port 0 --port-file FILE` serves on loopback until SIGTERM."""

import signal
import threading
from pathlib import Path
from typing import Annotated

import typer

from sandbox.aws.server import AwsServer, leave


def serve(
    port: Annotated[int, typer.Option(help="Port on 127.0.0.1; 0 takes a free one.")] = 0,
    port_file: Annotated[Path | None, typer.Option(help="Where to write the port once it answers.")] = None,
) -> None:
    """Serve AWS on loopback until SIGTERM or SIGINT."""
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    with AwsServer(port) as server:
        if port_file is not None:
            partial = port_file.with_suffix(".partial")
            partial.write_text(str(server.port))
            partial.replace(port_file)
        ended.wait()
        leave()


if __name__ == "__main__":
    typer.run(serve)
