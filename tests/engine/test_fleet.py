"""One environment in three small stacks: made, checked and taken down side by side."""

import json
import signal
from dataclasses import replace

import pytest

from sandbox.lifecycle import Sandbox
from tests.background import Background
from tests.harness import Run, Stack, open_stack

NAMES = ("eu-1", "eu-2", "us-1")


def of(stack: Stack, name: str) -> Stack:
    """Return another stack of the same project, environment and account."""
    return replace(stack, name=name)


@pytest.fixture(scope="module")
def fleet(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Stack:
    """Three stacks with a service each, under one prefix, made by one command."""
    stack = open_stack(tmp_path_factory.mktemp("fleet") / "project", sandbox)
    (stack.folder / f"Pulumi.{stack.name}.yaml").unlink()
    stack.run("pulumi", "stack", "rm", "--yes", "--stack", stack.name)
    for name in NAMES:
        of(stack, name).configure({f"shop-{name}": {"limit": 5}}, namePrefix="acme/prod")
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
    """Every stack's keys are there, each output is kept, and the person's selection is as it was."""
    assert sorted(key["name"].rpartition("-")[0] for key in fleet.control.keys()) == [
        f"acme/prod/shop-{name}" for name in NAMES
    ]
    kept = sorted(path.name for path in (fleet.folder / ".openrouter-keys" / "logs").glob("*.up.log"))
    assert kept == [f"{name}.up.log" for name in NAMES]
    listed = json.loads(fleet.run("pulumi", "stack", "ls", "--json").stdout)
    assert [found["name"] for found in listed if found["current"]] == []


def test_preview_says_by_its_exit_code_whether_anything_changes(fleet: Stack) -> None:
    """0 where nothing does; 2 with the changed stack's output alone where one does; back to 0 after its up."""
    assert fleet_run(fleet, "preview").code == 0
    changed = of(fleet, "eu-2")
    changed.configure({"shop-eu-2": {"limit": 6}}, namePrefix="acme/prod")
    run = fleet_run(fleet, "preview")
    assert run.code == 2, run
    assert ("stack eu-2: done" in run.output, "stack eu-1: done" in run.output) == (True, False)
    assert fleet_run(fleet, "up").code == 0
    assert fleet_run(fleet, "preview").code == 0


def test_a_failing_stack_stops_no_other(fleet: Stack) -> None:
    """Its own output is shown and exit code 1 says so; the others are deployed."""
    of(fleet, "eu-1").configure({"shop-eu-1": {"limit": -1}}, namePrefix="acme/prod")
    of(fleet, "us-1").configure({"shop-us-1": {"limit": 7}}, namePrefix="acme/prod")
    run = fleet_run(fleet, "up", "--stacks-at-once", "1")
    assert run.code == 1, run
    assert "up of 3 stacks: 2 done, 1 failed" in run.output
    assert "services.shop-eu-1.limit" in run.output
    assert of(fleet, "us-1").services()["shop-us-1"]["limit"] == 7
    of(fleet, "eu-1").configure({"shop-eu-1": {"limit": 5}}, namePrefix="acme/prod")


def test_stacks_are_listed_for_a_matrix(fleet: Stack) -> None:
    """The names of the stacks' files, as a JSON list in one line or a name a line."""
    assert fleet.run("openrouter-keys", "stacks", "--format", "json").stdout == '["eu-1", "eu-2", "us-1"]\n'
    assert fleet.run("openrouter-keys", "stacks").stdout.split() == list(NAMES)


def test_destroy_asks(fleet: Stack) -> None:
    """Without a terminal to ask on and without --yes nothing is done."""
    run = fleet_run(fleet, "destroy")
    assert (run.code, "give --yes" in run.output, len(fleet.control.keys())) == (1, True, 3), run


def test_stopped_runs_record_what_they_made(fleet: Stack) -> None:
    """A signal to the command reaches every engine: what they made is recorded, no lock is left, the rest waits."""
    for name in NAMES:
        services = {f"shop-{name}": {"limit": 5}, f"new-{name}": {"limit": 5}}
        of(fleet, name).configure(services, namePrefix="acme/prod")
    before = len(fleet.control.keys())
    fleet.control.fault("create_key", "hang", after=True, count=3, seconds=3)
    with Background(fleet, "openrouter-keys", "up", "--all", "--stacks-at-once", "2") as running:
        assert running.until(lambda: len(fleet.control.keys()) == before + 2)
        running.signal(signal.SIGINT)
        run = running.finish()
    fleet.control.clear_faults()
    assert run.code == 1, run
    assert "2 cancelled, 1 not started" in run.output, run
    made = {key["hash"] for key in fleet.control.keys()}
    recorded = {key["outputs"]["hash"] for name in NAMES for key in of(fleet, name).resources("ApiKey").values()}
    assert recorded == made
    again = fleet_run(fleet, "up")
    assert again.code == 0, again
    assert len(fleet.control.keys()) == before + len(NAMES)


def test_zz_destroy_of_all_leaves_nothing(fleet: Stack) -> None:
    """With --yes each stack's keys and secrets go."""
    run = fleet_run(fleet, "destroy", "--yes")
    assert run.code == 0, run
    assert fleet.control.keys() == []
