"""Pulumi's provider protocol, served for Python's dynamic resources, with previews and imports.

Protocol: provider.proto in https://github.com/pulumi/pulumi
"""

import asyncio
import traceback
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, TypeVar

import grpc  # type: ignore[import-untyped]  # it has no types here
from google.protobuf import empty_pb2  # type: ignore[import-untyped]  # no types are installed
from google.protobuf.struct_pb2 import Struct  # type: ignore[import-untyped]  # no types are installed
from pulumi.dynamic import DiffResult, ResourceProvider
from pulumi.runtime import proto, rpc
from pulumi.runtime.proto import ResourceProviderServicer

from .drawing import drawing_from
from .providers import PROVIDER_KEY, Providers, own_class, pickled

Values = dict[str, Any]
Answer = TypeVar("Answer")


def answering(method: Callable[..., Answer]) -> Callable[..., Answer]:
    """Turn what a provider raises into the call's error: one line for ours, a traceback for anybody else's."""

    @wraps(method)
    def call(self: "Servicer", request: Any, context: Any) -> Answer:
        try:
            return method(self, request, context)
        except Exception as error:
            text = _line(error) if own_class(request.urn) else traceback.format_exc()
            context.abort(grpc.StatusCode.UNKNOWN, text)
            raise  # abort() raises, which a type checker can't see.

    return call


def _line(error: Exception) -> str:
    kind = type(error)
    module = "" if kind.__module__ == "builtins" else f"{kind.__module__}."
    return f"{module}{kind.__qualname__}: {error}"


class Servicer(ResourceProviderServicer):
    """One engine's run: the calls that it makes for each dynamic resource.

    A provider may answer `planned_create(props)` and `planned_update(id, olds, news)`, the outputs that a preview can
    know, and `imported(id)`, an existing object. One that doesn't is previewed as Pulumi's own host would: by its
    inputs. Its `newest_inputs` are the inputs that a deletion takes in the place of the outputs of those names.
    """

    _providers = Providers({})

    def Configure(self, request: Any, _context: Any) -> Any:
        """Take the stack's config; the providers are configured when they are first needed."""
        config = rpc.deserialize_properties(request.args)
        self._providers = Providers({name: rpc.unwrap_rpc_secret(value) for name, value in config.items()})
        return proto.ConfigureResponse(acceptSecrets=False, supportsPreview=True)

    def GetPluginInfo(self, _request: Any, _context: Any) -> Any:
        """Return the version that Pulumi's own host has: it stands in states."""
        return proto.PluginInfo(version="0.1.0")

    def Attach(self, _request: Any, _context: Any) -> Any:
        """Do nothing: the engine that uses a host it did not start needs nothing but its calls."""
        return empty_pb2.Empty()

    def Cancel(self, _request: Any, _context: Any) -> Any:
        """Do nothing: calls under way end by themselves, and those that the engine no longer makes don't begin."""
        return empty_pb2.Empty()

    @answering
    def Check(self, request: Any, _context: Any) -> Any:
        """Return the checked inputs, and what is wrong with them."""
        olds, news = _properties(request.olds, True), _properties(request.news, True)
        with drawing_from(request.randomSeed):
            result = self._providers.serving(request.urn, news, olds).check(olds, news)
        failures = [proto.CheckFailure(property=each.property, reason=each.reason) for each in result.failures]
        return proto.CheckResponse(inputs=_wire(result.inputs, request.urn, news), failures=failures)

    @answering
    def Diff(self, request: Any, _context: Any) -> Any:
        """Return whether the resource changes, and which properties replace it."""
        olds, news = _properties(request.olds, True), _properties(request.news, True)
        return _diff_answer(self._providers.serving(request.urn, news, olds).diff(request.id, olds, news))

    @answering
    def Create(self, request: Any, _context: Any) -> Any:
        """Make the resource, or say what is known of it before."""
        props = _properties(request.properties, request.preview)
        provider = self._providers.serving(request.urn, props)
        if request.preview:
            planned = getattr(provider, "planned_create", dict)
            return proto.CreateResponse(properties=_wire(planned(props), request.urn, props))
        result = provider.create(props)
        return proto.CreateResponse(id=result.id, properties=_wire(result.outs, request.urn, props))

    @answering
    def Read(self, request: Any, _context: Any) -> Any:
        """Return what the resource is now; one that is to be imported has neither inputs nor state."""
        props = _properties(request.properties) or _properties(request.inputs)
        provider = self._providers.serving(request.urn, props)
        result = _read(provider, request.id, props)
        answer = proto.ReadResponse(id=result.id, properties=_wire(result.outs, request.urn, props))
        if result.inputs is not None:
            newest = _newest(provider, _properties(request.inputs))
            answer.inputs.CopyFrom(_wire({**result.inputs, **newest}, request.urn, props))
        return answer

    @answering
    def Update(self, request: Any, _context: Any) -> Any:
        """Change the resource, or say what will be known of it afterwards."""
        olds, news = _properties(request.olds, request.preview), _properties(request.news, request.preview)
        provider = self._providers.serving(request.urn, news, olds)
        if request.preview:
            planned = getattr(provider, "planned_update", _as_wished)
            return proto.UpdateResponse(properties=_wire(planned(request.id, olds, news), request.urn, news))
        result = provider.update(request.id, olds, news)
        return proto.UpdateResponse(properties=_wire(result.outs, request.urn, news))

    @answering
    def Delete(self, request: Any, _context: Any) -> Any:
        """Delete the resource."""
        props = _properties(request.properties)
        provider = self._providers.serving(request.urn, props)
        provider.delete(request.id, props | _newest(provider, _properties(request.old_inputs)))
        return empty_pb2.Empty()


def _as_wished(_id: str, _olds: Values, news: Values) -> Values:
    return news


def _newest(provider: ResourceProvider, inputs: Values) -> Values:
    """Return those inputs that a state's outputs may have as they were before, since no update came of their change."""
    names = getattr(provider, "newest_inputs", ())
    return {name: inputs[name] for name in names if inputs.get(name) is not None}


def _read(provider: ResourceProvider, id_: str, props: Values) -> Any:
    imported = getattr(provider, "imported", None)
    return imported(id_) if imported and not props else provider.read(id_, props)


def _diff_answer(result: DiffResult) -> Any:
    answer = proto.DiffResponse()
    if result.changes is None:
        answer.changes = proto.DiffResponse.DIFF_UNKNOWN
    else:
        answer.changes = proto.DiffResponse.DIFF_SOME if result.changes else proto.DiffResponse.DIFF_NONE
    answer.replaces.extend(result.replaces or ())
    answer.deleteBeforeReplace = bool(result.delete_before_replace)
    return answer


def _properties(struct: Struct, keep_unknowns: bool = False) -> Values:
    return dict(rpc.deserialize_properties(struct, keep_unknowns))


def _wire(props: Mapping[str, Any] | None, urn: str, known: Mapping[str, Any]) -> Struct:
    """Return properties as the engine takes them, with what names the provider."""
    own = own_class(urn)
    named = known.get(PROVIDER_KEY) or (pickled(own) if own else None)
    whole = {**(props or {}), **({PROVIDER_KEY: named} if named and (props or own) else {})}
    return asyncio.run(rpc.serialize_properties(whole, {}))
