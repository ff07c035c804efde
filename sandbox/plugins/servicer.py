"""The provider protocol's methods, each a thin translation between the wire and a resource type."""

# ruff: noqa: ARG002, N802 - the protocol says what the methods are called and given

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import grpc  # type: ignore[import-untyped]  # it has no types here
from google.protobuf.empty_pb2 import Empty  # type: ignore[import-untyped]  # it has no types here
from pulumi.runtime.proto import plugin_pb2
from pulumi.runtime.proto import provider_pb2 as pb
from pulumi.runtime.proto.provider_pb2_grpc import ResourceProviderServicer

from sandbox.plugins.cloud import Cloud, CloudError
from sandbox.plugins.complaints import EngineLog, as_diagnostic, as_error
from sandbox.plugins.partial import partly_created
from sandbox.plugins.plugin import Plugin
from sandbox.plugins.resource_type import PartlyCreatedError, Problem, ResourceType
from sandbox.plugins.schema import Change, Difference
from sandbox.plugins.wire import Properties, decode, encode, has_unknown

_KINDS = {
    (Change.ADD, False): pb.PropertyDiff.ADD,
    (Change.ADD, True): pb.PropertyDiff.ADD_REPLACE,
    (Change.DELETE, False): pb.PropertyDiff.DELETE,
    (Change.DELETE, True): pb.PropertyDiff.DELETE_REPLACE,
    (Change.UPDATE, False): pb.PropertyDiff.UPDATE,
    (Change.UPDATE, True): pb.PropertyDiff.UPDATE_REPLACE,
}


class PluginServicer(ResourceProviderServicer):
    """A provider, as far as the sandbox has it; its methods may run side by side.

    Args:
        plugin: the provider.
        cloud: its hold on the cloud to begin with; Configure replaces its settings.
        log: where the engine is told of failures.
    """

    def __init__(self, plugin: Plugin, cloud: Cloud | None = None, log: EngineLog | None = None) -> None:
        self._plugin = plugin
        self._log = log or EngineLog()
        self._cloud = cloud or plugin.cloud()

    def Handshake(self, request: pb.ProviderHandshakeRequest, context: Any) -> pb.ProviderHandshakeResponse:
        """Say which kinds of value the plugin understands."""
        return pb.ProviderHandshakeResponse(accept_secrets=True)

    def GetPluginInfo(self, request: Empty, context: Any) -> plugin_pb2.PluginInfo:
        """Say the plugin's version."""
        return plugin_pb2.PluginInfo(version=self._plugin.version)

    def GetSchema(self, request: pb.GetSchemaRequest, context: Any) -> pb.GetSchemaResponse:
        """Give no schema: the sandbox writes no code from it."""
        return pb.GetSchemaResponse(schema="{}")

    def CheckConfig(self, request: pb.CheckRequest, context: Any) -> pb.CheckResponse:
        """Refuse configuration that the real provider doesn't know either."""
        problems = self._plugin.settings_problems(decode(request.news).values)
        return pb.CheckResponse(inputs=request.news, failures=_failures(problems))

    def DiffConfig(self, request: pb.DiffRequest, context: Any) -> pb.DiffResponse:
        """Report changed configuration as an update in place."""
        olds, news = decode(request.olds).values, decode(request.news).values
        changed = sorted(name for name in olds | news if olds.get(name) != news.get(name))
        return _diff_response({name: Difference(Change.UPDATE, replaces=False) for name in changed})

    def Configure(self, request: pb.ConfigureRequest, context: Any) -> pb.ConfigureResponse:
        """Take the configuration; what misses in it is an error at once."""
        self._cloud.settings = self._plugin.settings(decode(request.args).values)
        with _reporting(context):
            self._cloud.require_settings()
        return pb.ConfigureResponse(acceptSecrets=True, supportsPreview=True)

    def Invoke(self, request: pb.InvokeRequest, context: Any) -> pb.InvokeResponse:
        """Answer a function call."""
        with _reporting(context):
            answer = self._plugin.invoke(self._cloud, request.tok, decode(request.args).values)
        return pb.InvokeResponse(**{"return": encode(answer)})

    def Check(self, request: pb.CheckRequest, context: Any) -> pb.CheckResponse:
        """Complete the inputs and report every problem in them."""
        with _reporting(context):
            kind = self._kind(request.urn)
        news = decode(request.news)
        name = request.urn.rsplit("::", 1)[-1]
        inputs, problems = kind.check(name, news.values, decode(request.olds).values, request.randomSeed)
        return pb.CheckResponse(inputs=encode(inputs, _secret(kind, news.secret_names)), failures=_failures(problems))

    def Diff(self, request: pb.DiffRequest, context: Any) -> pb.DiffResponse:
        """Report each changed property and whether it needs a new resource."""
        with _reporting(context):
            kind = self._kind(request.urn)
        olds, news = decode(request.olds).values, decode(request.news).values
        found = kind.differences(olds, news)
        ignored = set(request.ignoreChanges)
        found = {name: difference for name, difference in found.items() if name not in ignored}
        return _diff_response(found, must_delete_first=kind.must_delete_first(olds, news))

    def Create(self, request: pb.CreateRequest, context: Any) -> pb.CreateResponse:
        """Make the resource, or in a preview say what it will be like."""
        with self._working(request.urn, context):
            kind = self._kind(request.urn)
            inputs = decode(request.properties)
            secret = _secret(kind, inputs.secret_names)
            if request.preview:
                return pb.CreateResponse(properties=encode(kind.preview(inputs.values), secret))
            try:
                found = kind.create(_plain(inputs.values))
            except PartlyCreatedError as failure:
                reason = self._complain(request.urn, failure.reason)
                partly_created(context, failure.found.id, encode(failure.found.state, secret), reason)
        return pb.CreateResponse(id=found.id, properties=encode(found.state, secret))

    def Read(self, request: pb.ReadRequest, context: Any) -> pb.ReadResponse:
        """Return the resource as the cloud has it, also for an import; an empty answer when it is gone."""
        old, inputs = decode(request.properties), decode(request.inputs)
        with self._working(request.urn, context):
            kind = self._kind(request.urn)
            found = kind.read(request.id, inputs.values | old.values)
        if found is None:
            return pb.ReadResponse()
        secret = _secret(kind, old.secret_names | inputs.secret_names)
        refreshed = kind.refreshed_inputs(inputs.values, found.state)
        return pb.ReadResponse(id=found.id, properties=encode(found.state, secret), inputs=encode(refreshed, secret))

    def Update(self, request: pb.UpdateRequest, context: Any) -> pb.UpdateResponse:
        """Change the resource in place, or in a preview say what it will be like."""
        with self._working(request.urn, context):
            kind = self._kind(request.urn)
            olds, news = decode(request.olds).values, decode(request.news)
            secret = _secret(kind, news.secret_names)
            if request.preview:
                return pb.UpdateResponse(properties=encode(kind.preview(news.values, olds), secret))
            found = kind.update(request.id, olds, _plain(news.values))
        return pb.UpdateResponse(properties=encode(found.state, secret))

    def Delete(self, request: pb.DeleteRequest, context: Any) -> Empty:
        """Remove the resource."""
        with self._working(request.urn, context):
            self._kind(request.urn).delete(request.id, decode(request.properties).values)
        return Empty()

    def Cancel(self, request: Empty, context: Any) -> Empty:
        """Stop waiting for names that are still taken."""
        self._cloud.cancelled.set()
        return Empty()

    @contextmanager
    def _working(self, urn: str, context: Any) -> Iterator[None]:
        """Fail the call, in the words of the real provider, where the work inside does."""
        try:
            yield
        except CloudError as failure:
            context.abort(grpc.StatusCode.UNKNOWN, self._complain(urn, str(failure)))

    def _complain(self, urn: str, message: str) -> str:
        """Write a failure into the engine's log; return the error of the call."""
        self._log.error(urn, as_diagnostic(message, f"{self._plugin.name}@{self._plugin.version}"))
        return as_error(message)

    def _kind(self, urn: str) -> ResourceType[Any]:
        return self._plugin.resource_type(urn, self._cloud)


@contextmanager
def _reporting(context: Any) -> Iterator[None]:
    try:
        yield
    except CloudError as failure:
        context.abort(grpc.StatusCode.UNKNOWN, str(failure))


def _failures(problems: Iterable[Problem]) -> list[pb.CheckFailure]:
    return [pb.CheckFailure(property=problem.property_name, reason=problem.reason) for problem in problems]


def _diff_response(found: dict[str, Difference], must_delete_first: bool = False) -> pb.DiffResponse:
    replaces = [name for name, difference in found.items() if difference.replaces]
    detailed = {
        name: pb.PropertyDiff(kind=_KINDS[difference.change, difference.replaces], inputDiff=False)
        for name, difference in found.items()
    }
    return pb.DiffResponse(
        changes=pb.DiffResponse.DIFF_SOME if found else pb.DiffResponse.DIFF_NONE,
        diffs=list(found),
        replaces=replaces,
        detailedDiff=detailed,
        hasDetailedDiff=True,
        deleteBeforeReplace=bool(replaces) and must_delete_first,
    )


def _secret(kind: ResourceType[Any], names: set[str]) -> set[str]:
    return names | set(kind.schema.secrets)


def _plain(inputs: Properties) -> Properties:
    return {name: value for name, value in inputs.items() if not name.startswith("__") and not has_unknown(value)}
