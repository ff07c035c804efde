"""What the stand-in does as the real plugin was seen to, where it once did otherwise (sandbox/aws_plugin/README.md)."""

import itertools
import json
import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from pulumi.runtime.proto import provider_pb2 as pb

from sandbox.aws.client import AwsControl
from sandbox.aws.server import AwsServer
from sandbox.aws_plugin.cloud import ATTEMPTS_VARIABLE, AwsCloud
from sandbox.aws_plugin.plugin import PLUGIN
from sandbox.aws_plugin.policies import normal_policy
from sandbox.aws_plugin.secret import Secret
from sandbox.aws_plugin.secret_policy import SecretPolicy
from sandbox.aws_plugin.secret_version import SecretVersion
from sandbox.plugins.complaints import as_diagnostic, as_error
from sandbox.plugins.driver import PluginDriver, PluginError
from sandbox.plugins.resource_type import Found
from sandbox.plugins.wire import decode

GONE = "AROAJ2UCCR6DPCEXAMPLE"
ONE, TWO = "arn:aws:iam::123456789012:role/one", "arn:aws:iam::123456789012:role/two"
_numbers = itertools.count()


def policy(*readers: str, actions: tuple[str, ...] = ("a:Get", "a:Describe")) -> str:
    """Return a policy for readers."""
    statement = {"Effect": "Allow", "Principal": {"AWS": list(readers)}, "Action": list(actions), "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


class Patience:
    """A clock that each look moves on, and waits that only count."""

    def __init__(self) -> None:
        self.waits: list[float] = []
        self._clock = itertools.count(step=30)

    def wait(self, seconds: float) -> bool:
        """Count a wait; nothing was cancelled."""
        self.waits.append(seconds)
        return False

    def cloud(self) -> AwsCloud:
        """Return a cloud of this patience."""
        return AwsCloud(retry_seconds=120, wait=self.wait, monotonic=lambda: next(self._clock))


@pytest.fixture(scope="module")
def server() -> Iterator[AwsServer]:
    """Serve AWS in a thread."""
    with AwsServer() as served:
        yield served


@pytest.fixture
def aws(server: AwsServer) -> Any:
    """Look at AWS beside the plugin."""
    return server.client()


@pytest.fixture
def patience() -> Patience:
    """How the plugin waits."""
    return Patience()


@pytest.fixture
def plugin(server: AwsServer, patience: Patience) -> Iterator[PluginDriver]:
    """Serve the plugin."""
    with PluginDriver(PLUGIN, server.provider_settings(), patience.cloud()) as driver:
        yield driver


@pytest.fixture
def name() -> str:
    """Choose a secret name that no other test has."""
    return f"acme/reality/service-{next(_numbers)}"


def made(plugin: PluginDriver, name: str) -> dict[str, tuple[Found, dict[str, Any]]]:
    """Make one of each resource; return them by token, with the program's wishes."""
    secret = plugin.create(Secret.token, {"name": name})
    wishes: dict[str, dict[str, Any]] = {
        SecretVersion.token: {"secretId": secret.id, "secretString": "x", "versionStages": ["AWSCURRENT"]},
        SecretPolicy.token: {"secretArn": secret.id, "policy": policy(ONE)},
    }
    others = {token: (plugin.create(token, wish), wish) for token, wish in wishes.items()}
    return {Secret.token: (secret, {"name": name}), **others}


def test_the_region_is_an_input_and_another_one_replaces(server: AwsServer, plugin: PluginDriver, name: str) -> None:
    """Each resource gets its provider's region; what an earlier state has without it shows nothing to do."""
    everything = made(plugin, name)
    assert {plugin.check(token, wish)[0]["region"] for token, (_, wish) in everything.items()} == {"us-east-1"}
    assert [plugin.plan(token, found, wish).kinds for token, (found, wish) in everything.items()] == [{}] * 3
    with PluginDriver(PLUGIN, server.provider_settings() | {"region": "eu-west-1"}) as elsewhere:
        plans = [elsewhere.plan(token, found, wish) for token, (found, wish) in everything.items()]
    assert [plan.replaces for plan in plans] == [["region"]] * 3


def test_policies_of_one_meaning_are_no_difference(plugin: PluginDriver, aws: Any, name: str) -> None:
    """Order, and an account or its root, are the same policy, in a plan and after a read."""
    secret = plugin.create(Secret.token, {"name": name})
    wish = {"secretArn": secret.id, "policy": policy("123456789012", ONE)}
    found = plugin.create(SecretPolicy.token, wish)
    other = policy(ONE, "arn:aws:iam::123456789012:root", actions=("a:Describe", "a:Get"))
    aws.put_resource_policy(SecretId=name, ResourcePolicy=other)
    read = plugin.read(SecretPolicy.token, secret.id, found.state)
    assert read is not None
    assert read.state["policy"] == wish["policy"]
    assert plugin.plan(SecretPolicy.token, read, {**wish, "policy": other}).kinds == {}
    assert normal_policy(policy(ONE)) != normal_policy(policy(TWO))


@pytest.mark.parametrize("token", [Secret.token, SecretPolicy.token])
def test_a_deleted_reader_fails_the_read_after_two_minutes(
    plugin: PluginDriver, patience: Patience, aws: Any, name: str, token: str
) -> None:
    """A policy in which AWS shows a deleted role's id can't be read, neither with the secret nor by itself."""
    found, _ = made(plugin, name)[token]
    aws.put_resource_policy(SecretId=name, ResourcePolicy=policy(ONE, GONE))
    with pytest.raises(PluginError, match="contains invalid principals"):
        plugin.read(token, found.id, found.state)
    assert len(patience.waits) == 3
    aws.put_resource_policy(SecretId=name, ResourcePolicy=policy(ONE))
    assert plugin.read(token, found.id, found.state) is not None


@pytest.mark.parametrize(("refusals", "succeeds"), [(2, True), (-1, False)])
def test_a_new_role_is_waited_for(
    server: AwsServer, plugin: PluginDriver, name: str, refusals: int, succeeds: bool
) -> None:
    """A principal that AWS doesn't know yet is tried again for two minutes."""
    secret = plugin.create(Secret.token, {"name": name})
    wish = {"secretArn": secret.id, "policy": policy(ONE)}
    words = "This resource policy contains an unsupported principal."
    with AwsControl(server.url) as control:
        control.fault("PutResourcePolicy", "MalformedPolicyDocumentException", message=words, count=refusals)
        if succeeds:
            plugin.create(SecretPolicy.token, wish)
        else:
            with pytest.raises(PluginError, match="unsupported principal"):
                plugin.create(SecretPolicy.token, wish)
        control.clear()


def test_a_version_is_named_as_terraform_names_it(plugin: PluginDriver, name: str) -> None:
    """A version's id is `terraform-` and digits, and no two are the same."""
    secret = plugin.create(Secret.token, {"name": name})
    wish = {"secretId": secret.id, "secretString": "x"}
    ids = [plugin.create(SecretVersion.token, wish).state["versionId"] for _ in range(3)]
    assert all(re.fullmatch(r"terraform-[0-9a-f]{26}", each) for each in ids)
    assert len(set(ids)) == 3


def test_an_import_has_no_recovery_window(plugin: PluginDriver, aws: Any, name: str) -> None:
    """The window of an imported secret is unknown until the next update; a deletion before that forces."""
    arn = aws.create_secret(Name=name)["ARN"]
    urn = f"urn:pulumi:dev::project::{Secret.token}::logical"
    answer = plugin.call("Read", pb.ReadRequest(id=arn, urn=urn))
    inputs, state = decode(answer.inputs).values, decode(answer.properties).values
    assert "recoveryWindowInDays" not in inputs | state
    assert inputs["region"] == "us-east-1"
    imported = Found(arn, state)
    assert plugin.plan(Secret.token, imported, {"name": name}).kinds == {"recoveryWindowInDays": "ADD"}
    plugin.delete(Secret.token, imported)
    with pytest.raises(aws.exceptions.ResourceNotFoundException):
        aws.describe_secret(SecretId=name)


@pytest.mark.parametrize(("variable", "setting", "attempts"), [(None, None, 25), ("7", None, 7), ("7", 3, 3)])
def test_attempts(
    server: AwsServer, monkeypatch: pytest.MonkeyPatch, variable: str | None, setting: int | None, attempts: int
) -> None:
    """AWS is asked 25 times, unless the sandbox's environment or the setting maxRetries says otherwise."""
    monkeypatch.delenv(ATTEMPTS_VARIABLE, raising=False)
    if variable:
        monkeypatch.setenv(ATTEMPTS_VARIABLE, variable)
    cloud = AwsCloud(server.provider_settings() | ({"maxRetries": setting} if setting else {}))
    assert cloud.client("secretsmanager").meta.config.retries["total_max_attempts"] == attempts


def test_an_error_is_told_twice() -> None:
    """The engine's log has it with the bridge's and the plugin's names, and the call as one of a list."""
    assert as_diagnostic("creating X: no", "aws@7.51.1").endswith(
        "sdk.helper_schema: creating X: no: provider=aws@7.51.1"
    )
    assert as_error("creating X: no") == "1 error occurred:\n\t* creating X: no\n\n"


def test_a_marked_secret_shows_no_value(aws: Any, name: str) -> None:
    """AWS says of the value that the secret was marked for deletion, and of another deletion that it is marked."""
    aws.create_secret(Name=name, SecretString="x")
    aws.delete_secret(SecretId=name, RecoveryWindowInDays=7)
    with pytest.raises(aws.exceptions.InvalidRequestException, match="because it was marked for deletion"):
        aws.get_secret_value(SecretId=name)
    with pytest.raises(aws.exceptions.InvalidRequestException, match="that's currently marked deleted"):
        aws.delete_secret(SecretId=name, RecoveryWindowInDays=7)
    aws.delete_secret(SecretId=name, ForceDeleteWithoutRecovery=True)


def test_an_errors_words_are_its_message(server: AwsServer) -> None:
    """AWS's SDK for Go reads `Message`, and no other spelling."""
    headers = {"x-amz-target": "secretsmanager.GetSecretValue", "content-type": "application/x-amz-json-1.1"}
    headers["authorization"] = "AWS4-HMAC-SHA256 Credential=x/20270101/us-east-1/secretsmanager/aws4_request"
    answer = httpx.post(server.url, headers=headers, json={"SecretId": "acme/reality/nowhere"})
    assert answer.json() == {
        "__type": "ResourceNotFoundException",
        "Message": "Secrets Manager can't find the specified secret.",
    }
