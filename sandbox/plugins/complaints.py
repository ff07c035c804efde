"""How a provider tells of a failure: the bridge between Pulumi and Terraform's code says it twice."""

from typing import Any

import grpc  # type: ignore[import-untyped]  # it has no types here
from pulumi.runtime.proto import engine_pb2
from pulumi.runtime.proto.engine_pb2_grpc import EngineStub


def as_error(message: str) -> str:
    """Return a failure as the call's own error has it: a count, and the words on a line of their own."""
    return f"1 error occurred:\n\t* {message}\n\n"


def as_diagnostic(message: str, plugin: str) -> str:
    """Return a failure as the engine's log has it before.

    Args:
        message: what failed.
        plugin: name and version, as in `aws@7.51.1`.
    """
    return f"sdk-v2/provider2.go:572: sdk.helper_schema: {message}: provider={plugin}"


class EngineLog:
    """The engine's log, as far as a provider writes to it; without an engine nothing is written.

    Args:
        address: where the engine serves; None where there is none.
    """

    def __init__(self, address: str | None = None) -> None:
        self._engine: Any = EngineStub(grpc.insecure_channel(address)) if address else None

    def error(self, urn: str, message: str) -> None:
        """Write that an operation on a resource failed."""
        if self._engine:
            request = engine_pb2.LogRequest(severity=engine_pb2.ERROR, message=message, urn=urn)
            self._engine.Log(request)
