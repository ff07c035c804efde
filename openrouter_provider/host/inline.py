"""A program of this process, served to an engine in the place of a language host.

The Automation API does the same for its inline programs, and its server is the only one: a private class of pulumi's
(`pulumi.automation._server.LanguageServer`). Where it is gone, ImportError lets the caller leave the program to Pulumi.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

_LARGEST_MESSAGE_BYTES = 400 * 1024 * 1024
_AT_ONCE = 4


@contextmanager
def served_program(program: Callable[[], None]) -> Iterator[int]:
    """Yield the port on which an engine can ask for the program; it runs in a thread of this process.

    Raises:
        ImportError: this version of pulumi has no such server.
    """
    # Only the process that serves needs gRPC; the command line does without.
    import grpc  # type: ignore[import-untyped]  # noqa: PLC0415 - it has no types here; see above
    from pulumi.automation._server import LanguageServer  # noqa: PLC0415 - see above
    from pulumi.runtime.proto.language_pb2_grpc import (  # noqa: PLC0415 - see above
        add_LanguageRuntimeServicer_to_server as serve_language,
    )

    options = [("grpc.max_receive_message_length", _LARGEST_MESSAGE_BYTES)]
    server = grpc.server(ThreadPoolExecutor(_AT_ONCE), options=options)
    serve_language(LanguageServer(program), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        yield port
    finally:
        server.stop(None)
