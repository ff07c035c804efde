"""Starts stand-in plugins by forking a process that has imported everything: an engine then waits for no imports.

A command of Pulumi's starts one plugin or two, and each would import gRPC and boto3 anew, which takes longer than what
it does for a small stack. What the engine starts is `launching.py`; it sends its files, folder, environment and
arguments here, and stays until the plugin ends. A plugin ends when its launcher does, whoever killed that.
"""

import argparse
import json
import os
import signal
import socket
import sys
import threading
from importlib import import_module
from pathlib import Path
from typing import Any

STANDARD_FILES = 3
_WAITING = 64


def serve(path: Path, modules: list[str]) -> None:
    """Fork a plugin for each launcher that connects, until this process is ended.

    Args:
        path: where the socket is made; what was left there is replaced.
        modules: the plugins' modules, each with a PLUGIN, imported before the first is asked for.
    """
    for module in ("sandbox.plugins.serve", *modules):
        import_module(module)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # Nobody asks how a plugin ended.
    path.unlink(missing_ok=True)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listening:
        listening.bind(str(path))
        listening.listen(_WAITING)
        while True:
            connection, _ = listening.accept()
            if os.fork() == 0:
                listening.close()
                _be_plugin(connection)
            connection.close()


def _be_plugin(connection: socket.socket) -> None:
    """Be the plugin that a launcher asks for, until it ends; never returns."""
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        _, files, _, _ = socket.recv_fds(connection, 1, STANDARD_FILES)
        asked = connection.makefile("rb").readline()
        if asked:
            _take_over(json.loads(asked), files)
            threading.Thread(target=_end_with, args=(connection,), daemon=True).start()
            _run(sys.argv[0])
    finally:
        os._exit(0)


def _take_over(request: dict[str, Any], files: list[int]) -> None:
    for number, file in enumerate(files):
        os.dup2(file, number)
        os.close(file)
    os.chdir(request["folder"])
    os.environ.clear()
    os.environ.update(request["environment"])
    sys.argv = request["arguments"]


def _run(module: str) -> None:
    from sandbox.plugins.serve import serve as serve_plugin  # noqa: PLC0415 - gRPC is not needed to listen

    serve_plugin(import_module(f"{module}.plugin").PLUGIN)


def _end_with(connection: socket.socket) -> None:
    connection.recv(1)  # A launcher sends nothing more: this returns when it is gone.
    os._exit(1)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m sandbox.plugins.forking")
    parser.add_argument("--socket", type=Path, required=True, help="where launchers connect")
    parser.add_argument("modules", nargs="+", help="the plugins' modules")
    options = parser.parse_args()
    serve(options.socket, options.modules)
