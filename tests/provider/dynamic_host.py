"""The real dynamic provider host as a process, and the calls that the engine makes to it."""

import base64
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

import grpc  # type: ignore[import-untyped]  # it has no types here
from pulumi.runtime.proto import provider_pb2 as pb
from pulumi.runtime.proto.provider_pb2_grpc import ResourceProviderStub

from sandbox.plugins.wire import decode, encode

Props = dict[str, Any]
ROOT = Path(__file__).resolve().parents[2]
OURS, PULUMIS = "openrouter_provider.host", "pulumi.dynamic"
_PROVIDER = re.compile(rb"([A-Za-z]+)Provider")


class HostError(Exception):
    """The host refused a call; the message is what the engine shows the user."""


def urn_of(props: Mapping[str, Any]) -> str:
    """Return the URN of a resource whose properties name its provider."""
    found = _PROVIDER.search(base64.b64decode(props["__provider"]))
    assert found
    return f"urn:pulumi:dev::openrouter-keys::pulumi-python:dynamic/openrouter:{found[1].decode()}::checkout"


class Host:
    """One process of a host; works as a context manager.

    Args:
        environment: variables of its own.
        config: the stack's.
        module: what is run: our host, or Pulumi's.
    """

    def __init__(self, environment: Mapping[str, str], config: Props, module: str = OURS) -> None:
        inherited = {
            name: value for name, value in os.environ.items() if not name.startswith(("OPENROUTER_", "PULUMI_"))
        }
        self._environment = {**inherited, **environment}
        self._config = config
        self._module = module

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [sys.executable, "-u", "-m", self._module],
            cwd=ROOT,
            env=self._environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        try:
            self._connect()
        except BaseException:
            self.stop()
            raise
        return self

    def _connect(self) -> None:
        assert self._process.stdout is not None
        port = int(self._process.stdout.readline())
        self._channel = grpc.insecure_channel(f"127.0.0.1:{port}")
        self._stub: Any = ResourceProviderStub(self._channel)
        self.call("Configure", pb.ConfigureRequest(args=encode(self._config), acceptSecrets=True))

    def __exit__(self, *_: object) -> None:
        self._channel.close()
        self.stop()

    def stop(self) -> str:
        """End the process; return what it wrote."""
        self._process.terminate()
        out, err = self._process.communicate(timeout=10)
        return (out + err).decode()

    def call(self, method: str, request: Any) -> Any:
        """Call a method of the protocol."""
        try:
            return getattr(self._stub, method)(request, timeout=30)
        except grpc.RpcError as error:
            raise HostError(error.details()) from None

    def check(self, olds: Props, news: Props, provider: str) -> tuple[Props, dict[str, str]]:
        """Return the checked inputs and the failures by property."""
        request = pb.CheckRequest(
            urn=urn_of({"__provider": provider}), olds=encode(olds), news=encode({**news, "__provider": provider})
        )
        answer = self.call("Check", request)
        return decode(answer.inputs).values, {failure.property: failure.reason for failure in answer.failures}

    def diff(self, id_: str, olds: Props, news: Props) -> Any:
        """Return the answer to a diff."""
        return self.call("Diff", pb.DiffRequest(id=id_, urn=urn_of(news), olds=encode(olds), news=encode(news)))

    def create(self, inputs: Props) -> tuple[str, Props]:
        """Return the id and the outputs of a new resource."""
        answer = self.call("Create", pb.CreateRequest(urn=urn_of(inputs), properties=encode(inputs)))
        return answer.id, decode(answer.properties).values

    def read(self, id_: str, state: Props) -> tuple[str, Props, Props]:
        """Return id, outputs and inputs as they are now."""
        answer = self.call("Read", pb.ReadRequest(id=id_, urn=urn_of(state), properties=encode(state)))
        return answer.id, decode(answer.properties).values, decode(answer.inputs).values

    def update(self, id_: str, olds: Props, news: Props) -> Props:
        """Return the outputs after an update."""
        answer = self.call("Update", pb.UpdateRequest(id=id_, urn=urn_of(news), olds=encode(olds), news=encode(news)))
        return decode(answer.properties).values

    def delete(self, id_: str, state: Props) -> None:
        """Delete a resource."""
        self.call("Delete", pb.DeleteRequest(id=id_, urn=urn_of(state), properties=encode(state)))
