"""The stand-in plugin's SecretVersion and SecretPolicy behave as pulumi-aws's do."""

import itertools
import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from sandbox.aws.server import AwsServer
from sandbox.aws_plugin.plugin import PLUGIN
from sandbox.aws_plugin.secret_policy import SecretPolicy
from sandbox.aws_plugin.secret_version import SecretVersion
from sandbox.plugins.driver import PluginDriver, PluginError

VERSION = SecretVersion.token
POLICY = SecretPolicy.token
CURRENT = ["AWSCURRENT"]
_numbers = itertools.count()


@pytest.fixture(scope="module")
def server() -> Iterator[AwsServer]:
    """Serve AWS in a thread."""
    with AwsServer() as served:
        yield served


@pytest.fixture
def plugin(server: AwsServer) -> Iterator[PluginDriver]:
    """Serve the plugin."""
    with PluginDriver(PLUGIN, server.provider_settings()) as driver:
        yield driver


@pytest.fixture
def aws(server: AwsServer) -> Any:
    """Look at AWS beside the plugin."""
    return server.client()


@pytest.fixture
def secret(aws: Any) -> str:
    """Make a secret without a value."""
    return str(aws.create_secret(Name=f"acme/dev/version-{next(_numbers)}")["ARN"])


def stages(aws: Any, secret: str) -> dict[str, list[str]]:
    """Return each version's labels."""
    described = aws.describe_secret(SecretId=secret)
    return {version: sorted(labels) for version, labels in described["VersionIdsToStages"].items()}


def test_id_names_secret_and_version(plugin: PluginDriver, secret: str) -> None:
    """A version's id is the secret's ARN and its own id, and it becomes the current one."""
    found = plugin.create(VERSION, {"secretId": secret, "secretString": "one"})
    assert found.id == f"{secret}|{found.state['versionId']}"
    assert found.state["versionStages"] == CURRENT


def test_secret_id_is_needed(plugin: PluginDriver) -> None:
    """A version of no secret is a failure of secretId; an unknown property one of that property."""
    assert set(plugin.check(VERSION, {"secretString": "one", "value": "x"})[1]) == {"secretId", "value"}


def test_changed_value_replaces(plugin: PluginDriver, secret: str) -> None:
    """A changed secretString makes a new version first; an equal one changes nothing."""
    wanted = {"secretId": secret, "secretString": "one"}
    found = plugin.create(VERSION, wanted)
    assert plugin.plan(VERSION, found, wanted).kinds == {}
    plan = plugin.plan(VERSION, found, wanted | {"secretString": "two"})
    assert plan.kinds == {"secretString": "UPDATE_REPLACE"}
    assert not plan.delete_first


def test_replacement_keeps_the_new_value(plugin: PluginDriver, aws: Any, secret: str) -> None:
    """Deleting the superseded version leaves the new value current."""
    old = plugin.create(VERSION, {"secretId": secret, "secretString": "one"})
    plugin.create(VERSION, {"secretId": secret, "secretString": "two"})
    plugin.delete(VERSION, old)
    assert aws.get_secret_value(SecretId=secret)["SecretString"] == "two"


def test_delete_never_takes_awscurrent(plugin: PluginDriver, aws: Any, secret: str) -> None:
    """Deleting the current version strips its other labels and leaves it current."""
    wanted = {"secretId": secret, "secretString": "one", "versionStages": ["AWSCURRENT", "blue"]}
    plugin.delete(VERSION, plugin.create(VERSION, wanted))
    assert list(stages(aws, secret).values()) == [CURRENT]
    assert aws.get_secret_value(SecretId=secret)["SecretString"] == "one"


def test_hand_edit_is_invisible_without_stages(plugin: PluginDriver, aws: Any, secret: str) -> None:
    """A value put by hand is no difference while versionStages isn't declared."""
    wanted = {"secretId": secret, "secretString": "one"}
    found = plugin.create(VERSION, wanted)
    aws.put_secret_value(SecretId=secret, SecretString="by hand")
    read = plugin.read(VERSION, found.id, found.state)
    assert read is not None
    assert read.state["secretString"] == "one"
    assert plugin.plan(VERSION, read, wanted).kinds == {}


def test_declared_stage_heals_a_hand_edit(plugin: PluginDriver, aws: Any, secret: str) -> None:
    """A declared AWSCURRENT that was lost shows as drift, and the update moves it back."""
    wanted = {"secretId": secret, "secretString": "one", "versionStages": CURRENT}
    found = plugin.create(VERSION, wanted)
    aws.put_secret_value(SecretId=secret, SecretString="by hand")
    read = plugin.read(VERSION, found.id, found.state)
    assert read is not None
    plan = plugin.plan(VERSION, read, wanted)
    assert (plan.kinds, plan.replaces) == ({"versionStages": "UPDATE"}, [])
    healed = plugin.update(VERSION, read, wanted)
    assert healed.state["versionStages"] == CURRENT
    assert aws.get_secret_value(SecretId=secret)["SecretString"] == "one"
    aws.put_secret_value(SecretId=secret, SecretString="next")
    assert sorted(itertools.chain(*stages(aws, secret).values())) == ["AWSCURRENT", "AWSPREVIOUS"]


def test_order_of_stages_means_nothing(plugin: PluginDriver, secret: str) -> None:
    """Labels in another order are the same labels."""
    wanted = {"secretId": secret, "secretString": "one", "versionStages": ["blue", "AWSCURRENT"]}
    found = plugin.create(VERSION, wanted)
    assert plugin.plan(VERSION, found, wanted).kinds == {}


def test_collected_version_reads_as_gone(plugin: PluginDriver, secret: str) -> None:
    """A version that AWS dropped is gone."""
    found = plugin.create(VERSION, {"secretId": secret, "secretString": "one"})
    assert plugin.read(VERSION, f"{secret}|00000000-0000-4000-8000-000000000000", found.state) is None


def test_version_of_a_marked_secret(plugin: PluginDriver, aws: Any, secret: str) -> None:
    """A secret marked for deletion has no versions for the program, takes none, and their delete is no error."""
    wanted = {"secretId": secret, "secretString": "one", "versionStages": ["AWSCURRENT", "blue"]}
    found = plugin.create(VERSION, wanted)
    aws.delete_secret(SecretId=secret)
    assert plugin.read(VERSION, found.id, found.state) is None
    plugin.delete(VERSION, found)
    with pytest.raises(PluginError, match=r"InvalidRequestException: .* marked for deletion"):
        plugin.create(VERSION, wanted)


def test_errors_hide_the_value(plugin: PluginDriver) -> None:
    """An error on putting a value doesn't repeat the value."""
    with pytest.raises(PluginError, match="ResourceNotFoundException") as caught:
        plugin.create(VERSION, {"secretId": "nowhere", "secretString": "canary"})
    assert "canary" not in str(caught.value)


def test_binary_value(plugin: PluginDriver, aws: Any, secret: str) -> None:
    """A binary value goes in and comes back as base64."""
    found = plugin.create(VERSION, {"secretId": secret, "secretBinary": "AAEC"})
    assert found.state["secretBinary"] == "AAEC"
    assert aws.get_secret_value(SecretId=secret)["SecretBinary"] == b"\0\1\2"


def test_policy_life(plugin: PluginDriver, aws: Any, secret: str) -> None:
    """A policy's id is the ARN; it is put, read, changed in place and taken off."""
    first = json.dumps({"Version": "2012-10-17", "Statement": []})
    second = json.dumps({"Version": "2008-10-17", "Statement": []})
    found = plugin.create(POLICY, {"secretArn": secret, "policy": first, "blockPublicPolicy": True})
    assert found.id == secret
    plan = plugin.plan(POLICY, found, {"secretArn": secret, "policy": second, "blockPublicPolicy": True})
    assert (plan.kinds, plan.replaces) == ({"policy": "UPDATE"}, [])
    changed = plugin.update(POLICY, found, {"secretArn": secret, "policy": second})
    assert aws.get_resource_policy(SecretId=secret)["ResourcePolicy"] == second
    plugin.delete(POLICY, changed)
    assert "ResourcePolicy" not in aws.get_resource_policy(SecretId=secret)
    emptied = plugin.read(POLICY, secret, changed.state)
    assert emptied is not None
    assert plugin.plan(POLICY, emptied, {"secretArn": secret, "policy": second}).kinds == {"policy": "ADD"}


def test_policy_of_another_secret_replaces(plugin: PluginDriver, secret: str) -> None:
    """A changed secretArn needs a new policy."""
    found = plugin.create(POLICY, {"secretArn": secret, "policy": "{}"})
    moved = replace(found, state=found.state | {"secretArn": f"{secret}x"})
    assert plugin.plan(POLICY, moved, {"secretArn": secret, "policy": "{}"}).replaces == ["secretArn"]


def test_policy_of_a_gone_secret(plugin: PluginDriver, aws: Any, secret: str) -> None:
    """A policy is gone with its secret, marked or removed, and its delete is no error."""
    found = plugin.create(POLICY, {"secretArn": secret, "policy": "{}"})
    aws.delete_secret(SecretId=secret)
    assert plugin.read(POLICY, secret, found.state) is None
    aws.delete_secret(SecretId=secret, ForceDeleteWithoutRecovery=True)
    assert plugin.read(POLICY, secret, found.state) is None
    plugin.delete(POLICY, found)
