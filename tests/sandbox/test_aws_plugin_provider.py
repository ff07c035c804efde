"""The stand-in plugin's own configuration, functions, and handling of secret and unknown values."""

import json
from collections.abc import Iterator

import grpc  # type: ignore[import-untyped]  # it has no types here
import pytest
from moto.secretsmanager.exceptions import InvalidRequestException
from moto.secretsmanager.models import SecretsManagerBackend
from pulumi.runtime.proto import provider_pb2 as pb

from sandbox.aws.server import AwsServer
from sandbox.aws_plugin.plugin import PLUGIN
from sandbox.aws_plugin.secret import Secret
from sandbox.aws_plugin.secret_version import SecretVersion
from sandbox.plugins.driver import PluginDriver, PluginError
from sandbox.plugins.wire import UNKNOWN, decode, encode

URN = f"urn:pulumi:dev::project::parent$child${SecretVersion.token}::name"


@pytest.fixture(scope="module")
def server() -> Iterator[AwsServer]:
    """Serve AWS in a thread."""
    with AwsServer() as served:
        yield served


@pytest.fixture(scope="module")
def plugin(server: AwsServer) -> Iterator[PluginDriver]:
    """Serve the plugin."""
    with PluginDriver(PLUGIN, server.provider_settings()) as driver:
        yield driver


def test_unknown_configuration_is_an_error(plugin: PluginDriver) -> None:
    """Configuration that pulumi_aws doesn't know is a failure; all that it knows passes."""
    news = encode({"region": "us-east-1", "profile": "p", "version": "7", "reigon": "x"})
    answer = plugin.call("CheckConfig", pb.CheckRequest(news=news))
    assert [failure.property for failure in answer.failures] == ["reigon"]


def test_missing_region_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a region the provider refuses to start and says how to set one."""
    monkeypatch.delenv("AWS_REGION", raising=False)
    monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)
    with pytest.raises(PluginError, match="pulumi config set aws:region"), PluginDriver(PLUGIN, {}):
        pass


def test_caller_identity(plugin: PluginDriver) -> None:
    """The account's number is known."""
    identity = plugin.invoke("aws:index/getCallerIdentity:getCallerIdentity")
    assert identity["accountId"] == identity["id"] == "123456789012"


def test_policy_document(plugin: PluginDriver) -> None:
    """A policy document's statements become IAM's JSON."""
    statement = {
        "actions": ["secretsmanager:GetSecretValue"],
        "principals": [{"type": "AWS", "identifiers": ["a", "b"]}],
        "resources": ["*"],
    }
    answer = plugin.invoke("aws:iam/getPolicyDocument:getPolicyDocument", {"statements": [statement]})
    assert json.loads(answer["json"])["Statement"] == [
        {
            "Effect": "Allow",
            "Action": "secretsmanager:GetSecretValue",
            "Resource": "*",
            "Principal": {"AWS": ["a", "b"]},
        }
    ]


def test_unknown_function_and_resource(plugin: PluginDriver) -> None:
    """What the sandbox doesn't have is named, with what it has."""
    with pytest.raises(PluginError, match="no function aws:s3/x:x; it has aws:iam"):
        plugin.invoke("aws:s3/x:x")
    with pytest.raises(PluginError, match="no resource aws:s3/bucket:Bucket; it has aws:secretsmanager"):
        plugin.check("aws:s3/bucket:Bucket", {})


def test_value_is_marked_secret_even_when_given_plain(plugin: PluginDriver, server: AwsServer) -> None:
    """The engine is told that secretString is secret in checked inputs, outputs and imports."""
    secret = server.client().create_secret(Name="acme/dev/marked")["ARN"]
    news = encode({"secretId": secret, "secretString": "canary"})
    checked = plugin.call("Check", pb.CheckRequest(urn=URN, news=news))
    assert "secretString" in decode(checked.inputs).secret_names
    created = plugin.call("Create", pb.CreateRequest(urn=URN, properties=checked.inputs))
    assert "secretString" in decode(created.properties).secret_names
    read = plugin.call("Read", pb.ReadRequest(urn=URN, id=created.id))
    assert "secretString" in decode(read.properties).secret_names
    assert "secretString" in decode(read.inputs).secret_names


def test_secret_input_stays_secret(plugin: PluginDriver) -> None:
    """An input that a program made secret is secret in the outputs too."""
    urn = f"urn:pulumi:dev::project::{Secret.token}::name"
    properties = encode({"name": "acme/dev/hidden", "description": "d"}, {"description"})
    created = plugin.call("Create", pb.CreateRequest(urn=urn, properties=properties))
    assert "description" in decode(created.properties).secret_names


def test_unknown_value_replaces(plugin: PluginDriver) -> None:
    """In a preview a value that isn't known yet counts as changed, and replaces where a change would."""
    news = encode({"secretId": "s", "secretString": UNKNOWN})
    answer = plugin.call(
        "Diff", pb.DiffRequest(urn=URN, olds=encode({"secretId": "s", "secretString": "x"}), news=news)
    )
    assert list(answer.replaces) == ["secretString"]


def test_failed_policy_leaves_no_orphan(
    plugin: PluginDriver, server: AwsServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A secret whose policy is refused fails, but its id is reported to the engine all the same."""

    def refuse(*_: object, **__: object) -> None:
        raise InvalidRequestException("no")

    monkeypatch.setattr(SecretsManagerBackend, "put_resource_policy", refuse)
    urn = f"urn:pulumi:dev::project::{Secret.token}::name"
    properties = encode({"name": "acme/dev/partial", "policy": '{"Version": "2012-10-17"}'})
    with pytest.raises(grpc.RpcError) as caught:
        plugin.stub.Create(pb.CreateRequest(urn=urn, properties=properties))
    arn = server.client().describe_secret(SecretId="acme/dev/partial")["ARN"]
    details = dict(caught.value.trailing_metadata())["grpc-status-details-bin"]
    assert arn.encode() in details
    assert b"ErrorResourceInitFailed" in details
