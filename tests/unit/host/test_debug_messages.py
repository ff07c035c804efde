"""Debug messages of the SDK: all of them arrive, in their order, and only they are not waited for."""

from dataclasses import dataclass
from typing import Any

import grpc  # type: ignore[import-untyped]  # its types are a package of their own, which isn't locked
import pulumi
import pytest
from pulumi.runtime import settings
from pulumi.runtime.proto.engine_pb2 import DEBUG, WARNING, LogRequest
from pulumi.runtime.proto.engine_pb2_grpc import EngineStub

from openrouter_provider.host.debug_messages import GatheredMessages, gather_debug_messages


def test_debug_messages_arrive_together_in_their_order() -> None:
    """Three messages in a row are one call, which has them line by line."""
    sent: list[LogRequest] = []
    messages = GatheredMessages(sent.append)
    for number in range(3):
        messages.log(LogRequest(severity=DEBUG, message=f"message {number}"))
    messages.close()
    assert [(each.severity, each.message) for each in sent] == [(DEBUG, "message 0\nmessage 1\nmessage 2")]


def test_everything_else_is_sent_at_once() -> None:
    """A warning, and a debug message about a resource or in a stream, has arrived when the call returns."""
    sent: list[LogRequest] = []
    messages = GatheredMessages(sent.append)
    others = [
        LogRequest(severity=WARNING, message="look here"),
        LogRequest(severity=DEBUG, message="about one", urn="urn:pulumi:s::p::t::n"),
        LogRequest(severity=DEBUG, message="in a stream", streamId=7),
    ]
    for other in others:
        messages.log(other)
    assert sent == others
    messages.close()
    assert sent == others


def test_an_engine_that_has_gone_ends_the_sending() -> None:
    """What can't be sent is dropped: neither the program nor its end is held up or fails."""

    def gone(_request: LogRequest) -> None:
        raise grpc.RpcError

    messages = GatheredMessages(gone)
    messages.log(LogRequest(severity=DEBUG, message="lost"))
    messages.close()
    messages.log(LogRequest(severity=DEBUG, message="lost too"))
    messages.close()


@dataclass
class Engine:
    """An engine that takes messages."""

    Log: Any


def test_the_sdk_sends_through_the_engine_that_gathers(monkeypatch: pytest.MonkeyPatch) -> None:
    """The SDK's own functions go through what was put in the place of the engine's method."""
    sent: list[LogRequest] = []
    engine = Engine(sent.append)
    monkeypatch.setattr(settings.SETTINGS, "engine", engine)
    assert gather_debug_messages() is True
    pulumi.log.debug("registering")
    assert sent == []
    pulumi.log.warn("look here")
    assert [each.message for each in sent] == ["look here"]
    engine.Log.__self__.close()
    assert [each.message for each in sent] == ["look here", "registering"]


def test_without_an_engine_nothing_is_gathered(monkeypatch: pytest.MonkeyPatch) -> None:
    """Under Pulumi's mocks there is none."""
    monkeypatch.setattr(settings.SETTINGS, "engine", None)
    assert gather_debug_messages() is False


def test_the_sdk_s_engine_lets_its_method_be_replaced() -> None:
    """What is relied on: the real stub takes another method. Where it can't, gathering is what has to go."""
    with grpc.insecure_channel("127.0.0.1:1") as channel:
        stub = EngineStub(channel)
        stub.Log = print
        assert stub.Log is print
