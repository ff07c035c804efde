"""What docs/changing-services.md says of names and of update plans: no key is made anew, and no secret is emptied."""

from typing import Any

from tests.engine.schedule import ROTATING, START, after
from tests.harness import PLAINTEXT, Run, Stack
from tests.soak import only_in_soak

SERVICES: dict[str, Any] = {"checkout": ROTATING, "search": {"limit": 5}}
WINDOW: dict[str, Any] = {"defaults": {"recoveryWindowInDays": 7}}


def hashes(stack: Stack) -> set[str]:
    """Return the account's keys."""
    return {key["hash"] for key in stack.control.keys()}


def up_as_planned(stack: Stack) -> Run:
    """Preview into a plan, which holds no key in the clear, and deploy exactly that."""
    plan = stack.folder / "plan.json"
    stack.pulumi("preview", "--save-plan", str(plan))
    text = plan.read_text()
    assert not PLAINTEXT.search(text)
    assert not any(secret in text for secret in stack.control.all_secrets())
    return stack.up("--plan", str(plan), check=False)


def test_an_update_plan_is_carried_out_as_it_was_reviewed(stack: Stack) -> None:
    """New keys get the names that were planned, a rotation goes through, and what is not planned ends the run."""
    stack.now = START
    stack.configure(SERVICES)
    assert up_as_planned(stack).code == 0
    stack.now = after(91)
    assert up_as_planned(stack).code == 0
    assert (len(stack.live("checkout")), stack.authenticates("checkout")) == (2, True)
    before = hashes(stack)
    stack.pulumi("preview", "--save-plan", str(stack.folder / "plan.json"))
    stack.configure({**SERVICES, "bot": {"limit": 1}})
    late = stack.up("--plan", str(stack.folder / "plan.json"), check=False)
    assert (late.code != 0, hashes(stack)) == (True, before), late
    assert all(stack.authenticates(service) for service in SERVICES)


@only_in_soak
def test_names_change_and_change_back_with_the_same_keys(stack: Stack) -> None:
    """A namePrefix and back within the recovery window, and a renamed stack: each key stays, and each secret works."""
    stack.configure(SERVICES, **WINDOW)
    stack.up()
    keys = hashes(stack)
    stack.configure(SERVICES, namePrefix=f"{stack.prefix}-new", **WINDOW)
    assert up_as_planned(stack).code == 0
    stack.configure(SERVICES, **WINDOW)
    refused = stack.up(check=False)
    assert refused.code != 0
    for service in SERVICES:
        name = stack.secret_name(service)
        free = f"aws secretsmanager delete-secret --force-delete-without-recovery --secret-id {name} --region us-east-1"
        assert free in refused.output
        kept = stack.aws().get_secret_value(SecretId=name.replace(stack.prefix, f"{stack.prefix}-new", 1))
        assert stack.accepted(kept["SecretString"])
        stack.aws().delete_secret(SecretId=name, ForceDeleteWithoutRecovery=True)
    stack.up()
    assert (hashes(stack), all(stack.authenticates(service) for service in SERVICES)) == (keys, True)

    old = stack.name
    stack.configure(SERVICES, namePrefix=stack.prefix, environment=old, **WINDOW)
    stack.up("--expect-no-changes")
    stack.pulumi("stack", "rename", f"{old}-renamed")
    stack.name = f"{old}-renamed"
    stack.pulumi("preview", "--expect-no-changes", "--diff")
    assert not stack.drifted()
    for command in ("recover", "drift", "verify"):
        assert stack.run("openrouter-keys", command, "--stack", stack.name).code == 0
    assert hashes(stack) == keys


def test_protecting_in_the_state_lasts_until_the_next_up(stack: Stack) -> None:
    """What `pulumi state protect` says of a key and of a version is the state's alone: the next rotation goes on."""
    stack.now = START
    stack.configure({"checkout": ROTATING})
    stack.up()
    for kind in ("ApiKey", "SecretVersion"):
        stack.pulumi("state", "protect", stack.resources(kind)["checkout"]["urn"], "--yes")
    assert "because it is protected" in stack.pulumi("destroy", "--yes", check=False).output
    stack.now = after(1)
    stack.up()
    assert not any(each["checkout"].get("protect") for each in map(stack.resources, ("ApiKey", "SecretVersion")))
    stack.now = after(91)
    stack.up()
    assert (len(stack.live("checkout")), stack.authenticates("checkout")) == (2, True)
