"""How a provider tells the engine of a resource that exists but isn't whole."""

from typing import Any, NoReturn

import grpc  # type: ignore[import-untyped]  # it has no types here
from google.protobuf.struct_pb2 import Struct  # type: ignore[import-untyped]  # it has no types here

# Pulumi brings a copy of this module, and a process that loads both the copy and Google's own fails.
from google.rpc import status_pb2  # type: ignore[import-untyped]  # it has no types here
from pulumi.runtime.proto import provider_pb2


class _Status(grpc.Status):  # type: ignore[misc]  # grpc has no types
    """A failed call with details for the engine."""

    def __init__(self, message: str, details: bytes) -> None:
        self.code = grpc.StatusCode.UNKNOWN
        self.details = message
        self.trailing_metadata = (("grpc-status-details-bin", details),)


def partly_created(context: Any, identifier: str, state: Struct, reason: str) -> NoReturn:
    """Fail the call, yet have the engine record the resource, so that nothing is orphaned."""
    failed = provider_pb2.ErrorResourceInitFailed(id=identifier, properties=state, reasons=[reason], inputs=state)
    status = status_pb2.Status(code=grpc.StatusCode.UNKNOWN.value[0], message=reason)
    status.details.add().Pack(failed)
    context.abort_with_status(_Status(reason, status.SerializeToString()))
    raise AssertionError("aborting a call raises")
