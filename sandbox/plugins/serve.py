"""Serves a plugin to the engine, which reads the port from its first line of output."""

import signal
import sys
from concurrent.futures import ThreadPoolExecutor

import grpc  # type: ignore[import-untyped]  # it has no types here
from pulumi.runtime.proto.provider_pb2_grpc import add_ResourceProviderServicer_to_server

from sandbox.plugins.complaints import EngineLog
from sandbox.plugins.plugin import Plugin
from sandbox.plugins.servicer import PluginServicer

THREADS = 32
_MAX_MESSAGE_BYTES = 400 * 1024 * 1024


def serve(plugin: Plugin) -> None:
    """Serve on a free port of loopback until told to end; the engine's address is the first argument."""
    server = grpc.server(
        ThreadPoolExecutor(max_workers=THREADS),
        options=[("grpc.max_receive_message_length", _MAX_MESSAGE_BYTES)],
    )
    add_ResourceProviderServicer_to_server(
        PluginServicer(plugin, log=EngineLog(next(iter(sys.argv[1:]), None))), server
    )
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    signal.signal(signal.SIGTERM, lambda *_: server.stop(0))
    signal.signal(signal.SIGINT, lambda *_: server.stop(0))
    server.wait_for_termination()
