"""`python -m openrouter_provider.host`: the process that the engine starts for the dynamic resources of a run."""

import sys
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import grpc  # type: ignore[import-untyped]  # it has no types here
from pulumi.runtime.proto import provider_pb2_grpc

from .process import leave_out_httpx_command_line, serve_one_engine
from .servicer import Servicer

CALLS_AT_ONCE = 64
"""More than any engine makes: `--parallel` decides."""
MESSAGE_BYTES = 1024 * 1024 * 400
"""As much as Pulumi's own host takes in one message."""


def main() -> None:
    """Serve on a free port of this machine, say which to the engine, and end with it."""
    leave_out_httpx_command_line()
    serve_one_engine()
    options = (("grpc.max_receive_message_length", MESSAGE_BYTES), ("grpc.max_send_message_length", MESSAGE_BYTES))
    server = grpc.server(ThreadPoolExecutor(max_workers=CALLS_AT_ONCE), options=options)
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(Servicer(), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    sys.stdout.buffer.write(f"{port}\n".encode())
    sys.stdout.flush()
    try:
        Event().wait()
    except KeyboardInterrupt:
        server.stop(0)


if __name__ == "__main__":
    main()
