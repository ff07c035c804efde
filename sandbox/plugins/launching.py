"""What the engine starts for a stand-in plugin: has it forked by the sandbox, or becomes it where that is away.

Run as `python -I -S launching.py SOCKET ROOT MODULE ARGUMENT…`; it imports as little as it can, and pathlib is much.
"""

import json
import os
import select
import signal
import socket
import sys

LOOK_SECONDS = 1.0


def main(path: str, root: str, module: str, *arguments: str) -> None:
    """Start the plugin, and stay until it ends.

    Args:
        path: the sandbox's socket.
        root: the folder that holds the package `sandbox`.
        module: the plugin's, such as `sandbox.aws_plugin`.
        arguments: the engine's address.
    """
    environment = {**os.environ, "PYTHONPATH": root}
    request = {"folder": os.getcwd(), "environment": environment, "arguments": [module, *arguments]}  # noqa: PTH109 - see above
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        connection.connect(path)
        socket.send_fds(connection, [b"\n"], [0, 1, 2])
        connection.sendall(json.dumps(request).encode() + b"\n")
    except OSError:
        # -P keeps the program's folder, where the engine starts plugins, off the import path.
        alone = [sys.executable, "-P", "-m", module, *arguments]
        os.execve(sys.executable, alone, environment)  # noqa: S606 - no shell is wanted
    # The engine asks a plugin to end by a signal.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    signal.signal(signal.SIGINT, lambda *_: sys.exit(0))
    # Its files are the plugin's now: the engine reads a closed pipe as the plugin's end, not as this process's.
    for number in (1, 2):
        os.close(number)
    engine = os.getppid()
    # An engine that was killed asks nothing of its plugins any more.
    while os.getppid() == engine and not select.select([connection], [], [], LOOK_SECONDS)[0]:
        pass


if __name__ == "__main__":
    main(*sys.argv[1:])
