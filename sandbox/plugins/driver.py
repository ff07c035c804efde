"""Drives the plugin over gRPC the way the engine does, without an engine."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Self

import grpc  # type: ignore[import-untyped]  # it has no types here
from google.protobuf.empty_pb2 import Empty  # type: ignore[import-untyped]  # it has no types here
from pulumi.runtime.proto import provider_pb2 as pb
from pulumi.runtime.proto.provider_pb2_grpc import ResourceProviderStub, add_ResourceProviderServicer_to_server

from sandbox.plugins.cloud import Cloud
from sandbox.plugins.plugin import Plugin
from sandbox.plugins.resource_type import Found
from sandbox.plugins.servicer import PluginServicer
from sandbox.plugins.wire import Properties, decode, encode


class PluginError(Exception):
    """The plugin refused a call; the message is what a user would see."""


@dataclass(frozen=True)
class Plan:
    """What the plugin says an update would do."""

    kinds: dict[str, str]
    replaces: list[str]
    delete_first: bool


class PluginDriver:
    """One plugin served in this process; works as a context manager.

    Args:
        plugin: the provider.
        settings: its configuration.
        cloud: its hold on the cloud, when a test brings its own.
    """

    def __init__(self, plugin: Plugin, settings: Properties, cloud: Cloud | None = None) -> None:
        self._server = grpc.server(ThreadPoolExecutor(max_workers=8))
        add_ResourceProviderServicer_to_server(PluginServicer(plugin, cloud), self._server)
        self._settings = settings

    def __enter__(self) -> Self:
        port = self._server.add_insecure_port("127.0.0.1:0")
        self._server.start()
        self._channel = grpc.insecure_channel(f"127.0.0.1:{port}")
        self.stub: Any = ResourceProviderStub(self._channel)
        self.call("Configure", pb.ConfigureRequest(args=encode(self._settings), acceptSecrets=True))
        return self

    def __exit__(self, *_: object) -> None:
        self._channel.close()
        self._server.stop(0)

    def call(self, method: str, request: Any) -> Any:
        """Call a method of the protocol; PluginError when it is refused."""
        try:
            return getattr(self.stub, method)(request, timeout=30)
        except grpc.RpcError as error:
            raise PluginError(error.details()) from error

    def check(
        self, token: str, given: Properties, previous: Properties | None = None
    ) -> tuple[Properties, dict[str, str]]:
        """Return the completed inputs, and the reason of each failure by property."""
        request = pb.CheckRequest(urn=_urn(token), news=encode(given), olds=encode(previous or {}), randomSeed=b"seed")
        answer = self.call("Check", request)
        return decode(answer.inputs).values, {failure.property: failure.reason for failure in answer.failures}

    def plan(self, token: str, found: Found, wanted: Properties) -> Plan:
        """Return what the plugin would change; `wanted` as a program gives it."""
        inputs, _ = self.check(token, wanted)
        answer = self.call(
            "Diff", pb.DiffRequest(id=found.id, urn=_urn(token), olds=encode(found.state), news=encode(inputs))
        )
        kinds = {name: pb.PropertyDiff.Kind.Name(part.kind) for name, part in answer.detailedDiff.items()}
        return Plan(kinds, list(answer.replaces), answer.deleteBeforeReplace)

    def create(self, token: str, given: Properties, *, preview: bool = False) -> Found:
        """Make a resource from what a program gives."""
        inputs, failures = self.check(token, given)
        if failures:
            raise PluginError(str(failures))
        request = pb.CreateRequest(urn=_urn(token), properties=encode(inputs), preview=preview)
        answer = self.call("Create", request)
        return Found(answer.id, decode(answer.properties).values)

    def read(self, token: str, identifier: str, state: Properties | None = None) -> Found | None:
        """Return a resource as it is now; without a state as an import does."""
        request = pb.ReadRequest(id=identifier, urn=_urn(token), properties=encode(state or {}))
        answer = self.call("Read", request)
        return Found(answer.id, decode(answer.properties).values) if answer.id else None

    def update(self, token: str, found: Found, wanted: Properties) -> Found:
        """Change a resource to what a program gives."""
        inputs, _ = self.check(token, wanted)
        request = pb.UpdateRequest(id=found.id, urn=_urn(token), olds=encode(found.state), news=encode(inputs))
        return Found(found.id, decode(self.call("Update", request).properties).values)

    def delete(self, token: str, found: Found) -> None:
        """Remove a resource."""
        self.call("Delete", pb.DeleteRequest(id=found.id, urn=_urn(token), properties=encode(found.state)))

    def invoke(self, token: str, arguments: Properties | None = None) -> Properties:
        """Call a function."""
        answer = self.call("Invoke", pb.InvokeRequest(tok=token, args=encode(arguments or {})))
        return decode(getattr(answer, "return")).values

    def cancel(self) -> None:
        """Tell the plugin that the deployment was cancelled."""
        self.call("Cancel", Empty())


def _urn(token: str) -> str:
    return f"urn:pulumi:dev::project::{token}::logical"
