"""The stand-in plugin's Secret behaves as pulumi-aws's does."""

import itertools
import json
from collections.abc import Iterator
from typing import Any

import pytest

from sandbox.aws.server import AwsServer
from sandbox.aws_plugin.cloud import AwsCloud
from sandbox.aws_plugin.plugin import PLUGIN
from sandbox.aws_plugin.secret import Secret
from sandbox.plugins.driver import PluginDriver, PluginError

SECRET = Secret.token
POLICY = json.dumps({"Version": "2012-10-17", "Statement": []})
_numbers = itertools.count()


@pytest.fixture(scope="module")
def server() -> Iterator[AwsServer]:
    """Serve AWS in a thread."""
    with AwsServer() as served:
        yield served


@pytest.fixture
def settings(server: AwsServer) -> dict[str, Any]:
    """Configure the provider for the served AWS."""
    return server.provider_settings()


@pytest.fixture
def plugin(settings: dict[str, Any]) -> Iterator[PluginDriver]:
    """Serve the plugin."""
    with PluginDriver(PLUGIN, settings) as driver:
        yield driver


@pytest.fixture
def aws(server: AwsServer) -> Any:
    """Look at AWS beside the plugin."""
    return server.client()


@pytest.fixture
def name() -> str:
    """Choose a secret name that no other test has."""
    return f"acme/dev/service-{next(_numbers)}"


def test_id_is_the_arn(plugin: PluginDriver, name: str) -> None:
    """A secret's id is its ARN."""
    found = plugin.create(SECRET, {"name": name})
    assert found.id == found.state["arn"]
    assert found.id.startswith("arn:aws:secretsmanager:us-east-1:")


@pytest.mark.parametrize("stranger", ["nonsense", "tagsAll", "recovery_window_in_days", "arn"])
def test_unknown_property_is_an_error(plugin: PluginDriver, stranger: str) -> None:
    """A property that pulumi_aws's Secret doesn't take is a failure of that property."""
    assert stranger in plugin.check(SECRET, {stranger: "x"})[1]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("recoveryWindowInDays", 3),
        ("recoveryWindowInDays", 31),
        ("name", "with space"),
        ("policy", "no json"),
        ("replicas", [{"region": "eu-west-1"}]),
    ],
)
def test_bad_value_is_an_error(plugin: PluginDriver, field: str, value: object) -> None:
    """A value that AWS or the real provider would refuse is found before any call."""
    assert list(plugin.check(SECRET, {field: value})[1]) == [field]


@pytest.mark.parametrize("days", [0, 7, 30])
def test_recovery_window_bounds(plugin: PluginDriver, days: int) -> None:
    """A recovery window is 0 or from 7 to 30 days."""
    assert plugin.check(SECRET, {"recoveryWindowInDays": days})[1] == {}


def test_autonaming(plugin: PluginDriver) -> None:
    """A secret without a name gets its logical name and seven hex digits, and keeps them."""
    chosen, _ = plugin.check(SECRET, {})
    assert chosen["name"].startswith("logical-")
    assert len(chosen["name"]) == len("logical-") + 7
    kept, _ = plugin.check(SECRET, {}, previous=chosen | {"name": "logical-kept000"})
    assert kept["name"] == "logical-kept000"


def test_new_name_replaces(plugin: PluginDriver, name: str) -> None:
    """A changed name replaces the secret; the old one goes first where a program gave the name."""
    plan = plugin.plan(SECRET, plugin.create(SECRET, {"name": name}), {"name": f"{name}-new"})
    assert plan.replaces == ["name"]
    assert plan.kinds == {"name": "UPDATE_REPLACE"}
    assert plan.delete_first


def test_nothing_to_do(plugin: PluginDriver, name: str) -> None:
    """The same wishes show no difference after a create and after a refresh."""
    wanted = {"name": name, "policy": POLICY, "description": "d", "tags": {"A": "b"}}
    found = plugin.create(SECRET, wanted)
    assert plugin.plan(SECRET, found, wanted).kinds == {}
    refreshed = plugin.read(SECRET, found.id, found.state)
    assert refreshed is not None
    assert plugin.plan(SECRET, refreshed, wanted).kinds == {}


def test_update_in_place(plugin: PluginDriver, aws: Any, name: str) -> None:
    """Description, key, tags and policy change in place, and each removal shows."""
    before = {"name": name, "description": "d", "tags": {"A": "1", "B": "2"}}
    found = plugin.create(SECRET, before)
    after = {"name": name, "kmsKeyId": "alias/k", "tags": {"A": "3"}, "policy": POLICY}
    plan = plugin.plan(SECRET, found, after)
    assert plan.replaces == []
    assert plan.kinds["description"] == "DELETE"
    assert plan.kinds["kmsKeyId"] == "ADD"
    changed = plugin.update(SECRET, found, after)
    assert plugin.plan(SECRET, changed, after).kinds == {}
    described = aws.describe_secret(SecretId=name)
    assert described["Tags"] == [{"Key": "A", "Value": "3"}]
    assert described["KmsKeyId"] == "alias/k"
    assert json.loads(aws.get_resource_policy(SecretId=name)["ResourcePolicy"]) == json.loads(POLICY)


def test_equal_policies_in_other_words(plugin: PluginDriver, name: str) -> None:
    """A policy that only differs in spacing is the same policy."""
    found = plugin.create(SECRET, {"name": name, "policy": POLICY})
    spaced = json.dumps(json.loads(POLICY), indent=4)
    assert plugin.plan(SECRET, found, {"name": name, "policy": spaced}).kinds == {}


def test_drift_is_read(plugin: PluginDriver, aws: Any, name: str) -> None:
    """A description changed by hand shows as a difference after a read."""
    found = plugin.create(SECRET, {"name": name, "description": "d"})
    aws.update_secret(SecretId=name, Description="by hand")
    read = plugin.read(SECRET, found.id, found.state)
    assert read is not None
    assert plugin.plan(SECRET, read, {"name": name, "description": "d"}).kinds == {"description": "UPDATE"}


def test_default_tags(settings: dict[str, Any], name: str, aws: Any) -> None:
    """The provider's default tags reach AWS and tagsAll, but not tags."""
    settings["defaultTags"] = json.dumps({"tags": {"Team": "x"}})
    with PluginDriver(PLUGIN, settings) as plugin:
        found = plugin.create(SECRET, {"name": name, "tags": {"A": "b"}})
        assert found.state["tags"] == {"A": "b"}
        assert found.state["tagsAll"] == {"A": "b", "Team": "x"}
        assert {tag["Key"] for tag in aws.describe_secret(SecretId=name)["Tags"]} == {"A", "Team"}
        assert plugin.plan(SECRET, found, {"name": name, "tags": {"A": "b"}}).kinds == {}


def test_import(plugin: PluginDriver, aws: Any, name: str) -> None:
    """A secret made elsewhere is read by its ARN alone."""
    arn = aws.create_secret(Name=name, Description="made by hand")["ARN"]
    found = plugin.read(SECRET, arn)
    assert found is not None
    assert (found.state["name"], found.state["description"]) == (name, "made by hand")


def test_marked_for_deletion_reads_as_gone(plugin: PluginDriver, aws: Any, name: str) -> None:
    """A secret within its recovery window is gone for the program, and cannot be deleted once more."""
    found = plugin.create(SECRET, {"name": name})
    plugin.delete(SECRET, found)
    assert "DeletedDate" in aws.describe_secret(SecretId=name)
    assert plugin.read(SECRET, found.id, found.state) is None
    with pytest.raises(PluginError, match="currently marked deleted"):
        plugin.delete(SECRET, found)


def test_window_of_zero_forces(plugin: PluginDriver, aws: Any, name: str) -> None:
    """A recovery window of 0 removes the secret at once."""
    plugin.delete(SECRET, plugin.create(SECRET, {"name": name, "recoveryWindowInDays": 0}))
    with pytest.raises(aws.exceptions.ResourceNotFoundException):
        aws.describe_secret(SecretId=name)


def test_taken_name_is_never_overwritten(plugin: PluginDriver, aws: Any, name: str) -> None:
    """The name of a live secret fails with operation, name and AWS's code, on the line after the count."""
    aws.create_secret(Name=name, SecretString="theirs")
    with pytest.raises(
        PluginError, match=rf"\* creating Secrets Manager Secret \({name}\): .*, ResourceExistsException: "
    ) as caught:
        plugin.create(SECRET, {"name": name})
    assert str(caught.value).splitlines()[0] == "1 error occurred:"
    assert aws.get_secret_value(SecretId=name)["SecretString"] == "theirs"


def test_scheduled_name_is_retried_then_fails(settings: dict[str, Any], aws: Any, name: str) -> None:
    """A name that is scheduled for deletion is tried until the time is up, then fails saying so."""
    clock = itertools.count(step=30)
    waits: list[float] = []

    def remember(seconds: float) -> bool:
        waits.append(seconds)
        return False

    cloud = AwsCloud(retry_seconds=120, wait=remember, monotonic=lambda: next(clock))
    aws.create_secret(Name=name)
    aws.delete_secret(SecretId=name)
    with (
        PluginDriver(PLUGIN, settings, cloud) as plugin,
        pytest.raises(PluginError, match="already scheduled for deletion"),
    ):
        plugin.create(SECRET, {"name": name})
    assert len(waits) == 3


def test_scheduled_name_succeeds_once_free(settings: dict[str, Any], aws: Any, name: str) -> None:
    """A name that becomes free while it is retried is taken."""

    def free_it(_seconds: float) -> bool:
        aws.delete_secret(SecretId=name, ForceDeleteWithoutRecovery=True)
        return False

    aws.create_secret(Name=name)
    aws.delete_secret(SecretId=name)
    with PluginDriver(PLUGIN, settings, AwsCloud(wait=free_it)) as plugin:
        assert plugin.create(SECRET, {"name": name}).state["name"] == name


def test_cancelled_wait(settings: dict[str, Any], aws: Any, name: str) -> None:
    """A cancelled deployment doesn't wait for the name."""
    aws.create_secret(Name=name)
    aws.delete_secret(SecretId=name)
    with PluginDriver(PLUGIN, settings) as plugin:
        plugin.cancel()
        with pytest.raises(PluginError, match="cancelled"):
            plugin.create(SECRET, {"name": name})


def test_preview_creates_nothing(plugin: PluginDriver, aws: Any, name: str) -> None:
    """A create in a preview leaves AWS alone and says that the ARN isn't known."""
    found = plugin.create(SECRET, {"name": name}, preview=True)
    assert found.id == ""
    assert repr(found.state["arn"]) == "<unknown>"
    with pytest.raises(aws.exceptions.ResourceNotFoundException):
        aws.describe_secret(SecretId=name)
