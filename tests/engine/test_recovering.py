"""`openrouter-keys recover` and `drift` where the state is not the whole truth: it is older, or not the only one."""

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

from openrouter_provider.operations.drift.findings import ACCOUNT
from openrouter_provider.resources.creation_notes import FOLDER
from sandbox.aws.client import AwsControl
from tests.background import Background
from tests.harness import NO_AWS, Run, Stack
from tests.processes import PROVIDER, kill
from tests.soak import only_in_soak

START, DUE = "2027-01-01T00:00:00Z", "2027-04-05T00:00:00Z"
ROTATING: dict[str, Any] = {"limit": 5, "rotation": {"every": "90d", "overlap": "7d", "stagger": False}}
UP = ("up", "--yes", "--skip-preview")
HANG_SECONDS = 60


def recover(stack: Stack, **variables: str) -> Run:
    """Recover without a person."""
    return stack.run("openrouter-keys", "recover", "--stack", stack.name, "--yes", check=False, **variables)


def squeezed(run: Run) -> str:
    """Return what a run printed without the table's lines and line breaks."""
    return "".join(character for character in run.output if character.isalnum() or character in "/-`")


def account_findings(stack: Stack) -> dict[str, str]:
    """Return what drift says of the account: the severity of each finding."""
    run = stack.run("openrouter-keys", "drift", "--stack", stack.name, "--format", "json", check=False)
    (checked,) = json.loads(run.stdout)["stacks"]
    assert checked["error"] is None, run
    return {each["property"]: each["severity"] for each in checked["findings"] if each["service"] == ACCOUNT}


def state_file(stack: Stack) -> Path:
    """Return the file that holds a stack's state."""
    return stack.backend / ".pulumi" / "stacks" / "openrouter-keys" / f"{stack.name}.json"


def restore_first_state(stack: Stack) -> None:
    """Put the oldest state of the history in the place of today's, as docs/errors.md#broken-state has it."""
    oldest = sorted(stack.backend.glob(f".pulumi/history/*/{stack.name}/*.checkpoint.json"))[0]
    shutil.copy(oldest, state_file(stack))


def current_hash(stack: Stack, service: str) -> str:
    """Return the hash of the key that a service's secret holds."""
    label = json.loads(stack.secret_text(service))["OPENROUTER_API_KEY"][-4:]
    (found,) = [key["hash"] for key in stack.live(service) if key["label"].endswith(label)]
    return str(found)


def test_key_that_a_secret_holds_survives_the_recovery_of_an_older_state(stack: Stack) -> None:
    """What AWSCURRENT holds is left, with what to do; everything is while AWS is away, told once.

    A run stored one service's successor and failed on the other, and the state of before it was restored.
    """
    services = ("checkout", "search")
    stack.now = START
    stack.configure(dict.fromkeys(services, ROTATING))
    stack.up()
    first = {service: current_hash(stack, service) for service in services}
    aws = AwsControl(stack.environment["AWS_ENDPOINT_URL"])
    aws.fault("PutSecretValue", "AccessDeniedException", secret=stack.secret_name("search"), count=9)
    stack.now = DUE
    assert stack.up(check=False).code != 0
    aws.clear(stack.prefix)
    stored = current_hash(stack, "checkout")
    assert (stored != first["checkout"], current_hash(stack, "search")) == (True, first["search"])
    restore_first_state(stack)
    blind = recover(stack, **NO_AWS)
    assert (blind.code, blind.output.count("AWS could not be asked")) == (1, 1), blind
    assert [len(stack.live(service)) for service in services] == [2, 2]
    seen = recover(stack)
    assert seen.code == 2, seen
    assert "`pulumiup`takesitover" in squeezed(seen), seen
    assert {key["hash"] for key in stack.live("checkout")} == {first["checkout"], stored}
    assert [key["hash"] for key in stack.live("search")] == [first["search"]]
    assert all(stack.authenticates(service) for service in services)
    stack.up()
    assert stack.services()["checkout"]["keyHash"] == stored
    assert all(stack.authenticates(service) for service in services)
    assert [len(stack.live(service)) for service in services] == [2, 2]


@only_in_soak
def test_whatever_was_made_under_a_prefix_or_in_a_workspace_is_named(stack: Stack) -> None:
    """Drift and recover name the same keys; only the one whose creation was noted and never answered is deleted.

    One is of a killed provider, under the prefix of before; one in a workspace that no state names; one was used.
    """
    stack.configure({"checkout": {"limit": 5}})
    stack.control.fault("create_key", "hang", after=True, seconds=HANG_SECONDS)
    with Background.pulumi(stack, *UP) as failing:
        assert failing.until(lambda: len(stack.control.keys()) == 1)
        assert kill(stack.folder, [PROVIDER]) == 1
        assert failing.finish().code != 0
    stack.control.clear_faults()
    (lost,) = stack.control.keys()
    stack.configure({"checkout": {"limit": 5}}, namePrefix=f"{stack.prefix}-new")
    stack.up()
    elsewhere = stack.control.create_workspace(name="Elsewhere", slug="elsewhere")["id"]
    strange, _ = stack.control.create_key(name=f"{stack.prefix}/billing-0a1b2c3", workspace_id=elsewhere)
    used, _ = stack.control.create_key(name=f"{stack.prefix}-new/checkout-0a1b2c3", usage=1)
    orphans = (lost, strange, used)
    assert account_findings(stack) == {f"key {key['name']}": "critical" for key in orphans}
    shutil.move(stack.folder / FOLDER, stack.folder / "notes")
    left = recover(stack)
    assert (left.code, len(stack.control.keys())) == (2, 4), left
    assert all(key["name"] in squeezed(left) for key in orphans), left
    shutil.move(stack.folder / "notes", stack.folder / FOLDER)
    assert recover(stack).code == 2
    assert {key["hash"] for key in (strange, used)} == {key["hash"] for key in stack.control.keys()} - {
        stack.services()["checkout"]["keyHash"]
    }


@only_in_soak
def test_key_of_a_stack_that_shares_the_prefix_is_its_own(stack: Stack) -> None:
    """A sibling's key is neither unmanaged nor deleted; once its state can't be read, that is said, and it is left."""
    sibling = replace(stack, name=f"{stack.name}-eu")
    stack.run("pulumi", "stack", "init", sibling.name, "--no-select")
    stack.configure({"checkout": {"limit": 5}})
    stack.up()
    stack.control.fault("create_key", "status_before", status=402, count=9)
    stack.configure({"checkout": {"limit": 5}, "search": {"limit": 5}})
    assert stack.up(check=False).code != 0
    stack.control.clear_faults()
    theirs = {"checkout": {"limit": 5, "secretName": f"{stack.prefix}/eu/openrouter"}}
    sibling.configure(theirs, namePrefix=stack.prefix)
    sibling.up()
    name = sibling.services()["checkout"]["keyName"]
    assert account_findings(stack) == {}
    seen = recover(stack)
    assert (seen.code, "nothing to recover" in seen.output) == (0, True), seen
    state_file(sibling).write_text('{"version": 3,')
    assert account_findings(stack) == {f"key {name}": "critical", f"stack {sibling.name}": "notice"}
    left = recover(stack)
    assert (left.code, f"stack{sibling.name}couldnotberead" in squeezed(left)) == (2, True), left
    assert len(stack.control.keys()) == 2
