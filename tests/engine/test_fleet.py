"""One environment in three small stacks: made, checked and taken down side by side."""

import json
import signal
from dataclasses import replace

import pytest
import yaml

from sandbox.lifecycle import Sandbox
from tests.background import Background
from tests.harness import Run, Stack, open_stack
from tests.soak import only_in_soak

NAMES = ("base", "eu", "us")
PREFIX = "acme/prod"
SHARED = {
    "namePrefix": PREFIX,
    "environment": "prod",
    "defaults": {"limit": 5, "recoveryWindowInDays": 0, "workspace": "payments"},
    "policy": {"monthlyBudget": 100},
    "workspaces": {"payments": {"stack": "base", "name": "Payments"}},
}


def of(stack: Stack, name: str) -> Stack:
    """Return another stack of the same project, environment and account."""
    return replace(stack, name=name)


def give(fleet: Stack, name: str, **services: object) -> None:
    """Write a stack's config: what the environment shares, and these services."""
    own = services or {f"shop-{name}": {}}
    of(fleet, name).configure(own, namePrefix=None, defaults=None, extends="environments/prod.yaml")


@pytest.fixture(scope="module")
def fleet(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Stack:
    """Three stacks of one environment with a service each, made by one command; two read a workspace of the first."""
    stack = open_stack(tmp_path_factory.mktemp("fleet") / "project", sandbox)
    (stack.folder / f"Pulumi.{stack.name}.yaml").unlink()
    stack.run("pulumi", "stack", "rm", "--yes", "--stack", stack.name)
    (stack.folder / "environments").mkdir()
    (stack.folder / "environments" / "prod.yaml").write_text(yaml.safe_dump(SHARED))
    for name in NAMES:
        give(stack, name)
        stack.run("pulumi", "stack", "init", name, "--no-select")
    run = fleet_run(stack, "up")
    assert run.code == 0, run
    assert "up of 3 stacks: 3 done" in run.output
    return stack


def fleet_run(stack: Stack, *arguments: str) -> Run:
    """Run a command for every stack of the project."""
    command, *more = arguments
    return stack.run("openrouter-keys", command, "--all", *more, check=False)


def test_up_of_all_makes_each_and_selects_none(fleet: Stack) -> None:
    """Every key is in the shared workspace, each output is kept, and the person's selection is as it was."""
    keys = fleet.control.keys()
    assert sorted(key["name"].rpartition("-")[0] for key in keys) == [f"{PREFIX}/shop-{name}" for name in NAMES]
    assert len({key["workspace_id"] for key in keys}) == 1
    assert [space["name"] for space in fleet.control.workspaces() if space["id"] == keys[0]["workspace_id"]] == [
        "Payments"
    ]
    kept = sorted(path.name for path in (fleet.folder / ".openrouter-keys" / "logs").glob("*.up.log"))
    assert kept == [f"{name}.up.log" for name in NAMES]
    listed = json.loads(fleet.run("pulumi", "stack", "ls", "--json").stdout)
    assert [found["name"] for found in listed if found["current"]] == []


def test_the_environment_s_name_is_its_tag(fleet: Stack) -> None:
    """The tag Environment is the setting, so that it stays when a service moves to another stack."""
    secret = fleet.aws().describe_secret(SecretId=f"{PREFIX}/shop-eu/openrouter")
    assert {tag["Key"]: tag["Value"] for tag in secret["Tags"]}["Environment"] == "prod"


@only_in_soak
def test_siblings_of_one_prefix_are_no_findings(fleet: Stack) -> None:
    """To a stack the others' keys are known, though their prefix is its own and stands in the shared file alone."""
    drifted = fleet.run("openrouter-keys", "drift", "--stack", "eu", "--format", "json", check=False)
    assert (drifted.code, json.loads(drifted.stdout)["stacks"][0]["findings"]) == (0, []), drifted
    orphan, _ = fleet.control.create_key(name=f"{PREFIX}/orphan-1234567", limit=1)
    left = fleet.run("openrouter-keys", "recover", "--stack", "us", check=False)
    fleet.control.delete_key(orphan["hash"])
    assert ("orphan" in "".join(left.output.split()), "shop-eu" in left.output) == (True, False), left


def test_reading_commands_take_several_stacks(fleet: Stack) -> None:
    """An object a stack in JSON, a row with its stack in a pipe; 1 where one is unreadable, the others shown."""
    for command in (("report", "--all", "--format", "json"), ("verify", "--all", "--json")):
        run = fleet.run("openrouter-keys", *command)
        found = {
            each["stack"]: [row["service"] for row in each["services"]] for each in json.loads(run.stdout)["stacks"]
        }
        assert found == {name: [f"shop-{name}"] for name in NAMES}
    run = fleet.run("openrouter-keys", "list", "-s", "eu", "-s", "nowhere", check=False)
    assert (run.code, "stack nowhere: " in run.stderr, "\neu\t" in run.stdout) == (1, True, True), run
    run = fleet.run("openrouter-keys", "doctor", "-s", "eu", "-s", "us", check=False)
    assert {line.split("\t")[0] for line in run.stdout.splitlines()} == {"stack", "eu", "us"}, run


def test_preview_says_by_its_exit_code_whether_anything_changes(fleet: Stack) -> None:
    """2 with the changed stack's output alone where one does; 0 where nothing does. What programs print is kept."""
    give(fleet, "eu", **{"shop-eu": {"limit": 6}})
    program = fleet.folder / "__main__.py"
    text = program.read_text()
    program.write_text(f"{text}\nimport multiprocessing as m\nprint('forked:', m.parent_process() is not None)\n")
    run = fleet_run(fleet, "preview")
    program.write_text(text)
    kept = [path.read_text() for path in (fleet.folder / ".openrouter-keys" / "logs").glob("*.preview.log")]
    assert ["forked: True" in each for each in kept] == [True] * len(NAMES)
    assert run.code == 2, run
    assert ("stack eu: done" in run.output, "stack us: done" in run.output) == (True, False)
    assert "preview of 3 stacks: 3 done" in run.output
    unchanged = fleet.run("openrouter-keys", "preview", "--stack", "us", check=False)
    assert unchanged.code == 0, unchanged


@only_in_soak
def test_a_failing_stack_stops_no_other(fleet: Stack) -> None:
    """Its own output is shown and exit code 1 says so; the other one is deployed."""
    of(fleet, "eu").configure({"shop-eu": {}}, namePrefix=None, extends="environments/none.yaml")
    give(fleet, "us", **{"shop-us": {"limit": 7}})
    run = fleet.run("openrouter-keys", "up", "-s", "eu", "-s", "us", check=False)
    assert run.code == 1, run
    assert "up of 2 stacks: 1 done, 1 failed" in run.output
    assert "extends: names no file: correct it, or take it out" in run.output
    assert of(fleet, "us").services()["shop-us"]["limit"] == 7
    give(fleet, "eu")


def test_stacks_are_listed_for_a_matrix(fleet: Stack) -> None:
    """The names of the stacks' files, as a JSON list of objects in one line or a name a line."""
    listed = fleet.run("openrouter-keys", "stacks", "--format", "json").stdout
    assert listed == '[{"name": "base"}, {"name": "eu"}, {"name": "us"}]\n'
    assert fleet.run("openrouter-keys", "stacks").stdout.split() == list(NAMES)


def test_destroy_asks(fleet: Stack) -> None:
    """Without a terminal to ask on and without --yes nothing is done."""
    run = fleet_run(fleet, "destroy")
    assert (run.code, "give --yes" in run.output, len(fleet.control.keys())) == (1, True, 3), run


@only_in_soak
def test_stopped_runs_record_what_they_made(fleet: Stack) -> None:
    """A signal to the command reaches its engine: what it made is recorded, no lock is left, the rest is not begun."""
    for name in NAMES:
        give(fleet, name, **{f"shop-{name}": {}, f"new-{name}": {}})
    before = len(fleet.control.keys())
    fleet.control.fault("create_key", "hang", after=True, count=3, seconds=3)
    with Background(fleet, "openrouter-keys", "up", "--all", "--stacks-at-once", "2") as running:
        assert running.until(lambda: len(fleet.control.keys()) == before + 1)
        running.signal(signal.SIGINT)
        run = running.finish()
    fleet.control.clear_faults()
    assert run.code == 1, run
    assert "1 cancelled, 2 not started" in run.output, run
    (made,) = [key for key in fleet.control.keys() if "/new-" in key["name"]]
    assert of(fleet, "base").resources("ApiKey")["new-base"]["outputs"]["hash"] == made["hash"]
    again = fleet.run("openrouter-keys", "up", "--stack", "base", check=False)
    assert again.code == 0, again
    assert len(fleet.control.keys()) == before + 1


@only_in_soak
def test_zz_destroy_of_all_leaves_nothing(fleet: Stack) -> None:
    """With --yes each stack's keys and secrets go."""
    run = fleet_run(fleet, "destroy", "--yes")
    assert run.code == 0, run
    assert fleet.control.keys() == []
