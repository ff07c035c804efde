"""One process of an up is killed and the others live on."""

from sandbox.aws.client import AwsControl
from tests.background import Background, eventually
from tests.harness import Stack
from tests.processes import AWS_PLUGIN, COMMAND_LINE, PROVIDER, kill, running
from tests.soak import only_in_soak

SERVICES = {"checkout": {"limit": 5}, "search": {"limit": 5}}
HANG_SECONDS = 60
UP = ("up", "--yes", "--skip-preview")


def test_keys_that_a_dead_provider_made_are_found_though_pulumi_forgot_them(stack: Stack) -> None:
    """Pulumi drops a creation that failed with its provider; recover finds the keys by name and time, and deletes."""
    stack.configure(SERVICES)
    stack.control.fault("create_key", "hang", after=True, count=len(SERVICES), seconds=HANG_SECONDS)
    with Background.pulumi(stack, *UP) as failing:
        assert failing.until(lambda: len(stack.control.keys()) == len(SERVICES))
        assert kill(stack.folder, [PROVIDER]) == 1
        assert failing.finish().code != 0
    stack.control.clear_faults()
    assert not stack.export()["deployment"].get("pending_operations")
    assert len(stack.control.keys()) == len(SERVICES)
    _, theirs = stack.control.create_key(name=f"{stack.prefix}/elsewhere-0a1b2c3", limit=1)
    recovered = stack.run("openrouter-keys", "recover", "--stack", stack.name, "--yes", check=False)
    assert "what no state knows" in recovered.output, recovered
    # The key of a service that this stack does not have is shown and left, which is a finding.
    assert recovered.code == 2
    assert [key["name"] for key in stack.control.keys()] == [f"{stack.prefix}/elsewhere-0a1b2c3"]
    assert theirs not in recovered.output


@only_in_soak
def test_guardrail_that_a_dead_provider_made_is_found_though_pulumi_forgot_it(stack: Stack) -> None:
    """Recover finds it by name and time, and deletes it; the next up makes the only one."""
    stack.configure(
        {"checkout": {"limit": 5, "guardrails": ["cheap"]}}, guardrails={"cheap": {"limit": 1, "limitReset": "daily"}}
    )
    stack.control.fault("create_guardrail", "hang", after=True, seconds=HANG_SECONDS)
    with Background.pulumi(stack, *UP) as failing:
        assert failing.until(lambda: len(stack.control.guardrails()) == 1)
        assert kill(stack.folder, [PROVIDER]) == 1
        assert failing.finish().code != 0
    stack.control.clear_faults()
    (lost,) = stack.control.guardrails()
    stack.run("openrouter-keys", "recover", "--stack", stack.name, "--yes")
    assert stack.control.guardrails() == []
    stack.up()
    (made,) = stack.control.guardrails()
    assert made["id"] != lost["id"]
    assert [each["guardrail_id"] for each in stack.control.key_assignments()] == [made["id"]]


def test_provider_does_not_outlive_the_command_line(stack: Stack) -> None:
    """A provider whose engine was killed ends, and makes none of the creates that waited for the rate limit in it."""
    stack.configure(SERVICES)
    wait = {"status": 429, "retry_after": str(HANG_SECONDS)}
    stack.control.fault("create_key", "status_before", count=len(SERVICES), **wait)
    with Background.pulumi(stack, *UP) as killed:
        assert killed.until(lambda: bool(stack.control.calls("create_key")))
        assert running(stack.folder, PROVIDER)
        assert kill(stack.folder, [COMMAND_LINE]) == 1
        eventually(lambda: not running(stack.folder, PROVIDER))
        killed.finish()
    kill(stack.folder)
    assert stack.control.keys() == []


@only_in_soak
def test_secret_that_a_dead_aws_plugin_made_does_not_stand_in_the_way(stack: Stack) -> None:
    """Pulumi forgets the creation while the name is taken; recover deletes the empty secret, and up ends well."""
    stack.configure({"checkout": {"limit": 5}})
    aws = AwsControl(stack.environment["AWS_ENDPOINT_URL"])
    aws.fault("CreateSecret", "InternalServiceError", secret=stack.prefix, after=True, seconds=HANG_SECONDS)
    with Background.pulumi(stack, *UP) as failing:
        assert failing.until(lambda: len(stack.secret_names()) == 1)
        assert kill(stack.folder, [AWS_PLUGIN])
        assert failing.finish().code != 0
    aws.clear(stack.prefix)
    stack.run("openrouter-keys", "recover", "--stack", stack.name, "--yes")
    assert stack.secret_names() == []
    stack.up()
    assert stack.authenticates("checkout")
    assert len(stack.control.keys()) == 1
