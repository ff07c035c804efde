"""`python -m sandbox.openrouter`: serve the simulator on loopback until SIGTERM.

The first account's management key is OPENROUTER_SIMULATOR_MANAGEMENT_KEY, or made up when that isn't set.
"""

import argparse
import os
import socket
from pathlib import Path

from sandbox.openrouter.server import listen, serve
from sandbox.openrouter.store import Store


def main() -> None:
    """Serve until told to end; the port file appears once connections are accepted."""
    parser = argparse.ArgumentParser(prog="python -m sandbox.openrouter", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="port on 127.0.0.1; 0 chooses a free one")
    parser.add_argument("--port-file", type=Path, help="file that receives the port")
    options = parser.parse_args()
    bound = listen(options.port)
    store = Store(os.environ.get("OPENROUTER_SIMULATOR_MANAGEMENT_KEY") or None)
    serve(store, bound, lambda: announce(bound, options.port_file))


def announce(bound: socket.socket, port_file: Path | None) -> None:
    """Write the port into the file in one step, so that a reader never sees half of it."""
    if port_file is None:
        return
    draft = port_file.with_name(f".{port_file.name}.{os.getpid()}")
    draft.write_text(f"{bound.getsockname()[1]}\n")
    draft.replace(port_file)


if __name__ == "__main__":
    main()
