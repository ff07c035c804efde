"""Services move between stacks of one project: no key, no secret and no preview changes, or nothing is moved."""

import json
import os
import shutil
from pathlib import Path

import pytest
import yaml

from openrouter_provider.config.sharing.moves import Move, begin, end
from tests.engine.moving import PREVIEW, Neighbour, fingerprints, key_hashes, move, neighbour_of, writes
from tests.engine.schedule import ROTATING, START, after
from tests.harness import PLAINTEXT, Stack
from tests.soak import only_in_soak

ROLE = "arn:aws:iam::123456789012:role/checkout"


def config_of(stack: Stack) -> str:
    """Return the text of a stack's config file."""
    return (stack.folder / f"Pulumi.{stack.name}.yaml").read_text()


def test_services_move_into_an_empty_stack_and_into_one_with_services(stack: Stack) -> None:
    """A rotated key, readers, an adopted key's value and several at once move, and both previews are empty."""
    stack.now = START
    adopted, secret = stack.control.create_key(name="by hand", limit=2)
    stack.configure(
        {
            "checkout": {**ROTATING, "readers": [ROLE]},
            "mail": {"limit": 2, "adopt": {"hash": adopted["hash"]}},
            "search": {"limit": 3},
        }
    )
    value = 'printf %s "$VALUE" | pulumi config set --secret --path openrouter-keys:services.mail.adopt.key'
    stack.run("sh", "-c", f"{value} --stack {stack.name}", VALUE=secret)
    stack.up()
    stack.now = after(91)
    stack.up()
    hashes, versions = key_hashes(stack), fingerprints(stack)
    assert len(hashes) == len(versions) + 1
    stack.control.clear_calls()

    other = neighbour_of(stack)
    move(stack, other, "checkout")
    for each in (stack, other):
        each.pulumi(*PREVIEW)
    move(stack, other, "mail", "search")
    for each in (stack, other):
        each.up("--expect-no-changes")
        assert not each.drifted()

    assert (sorted(stack.services()), sorted(other.services())) == ([], ["checkout", "mail", "search"])
    assert (key_hashes(stack), fingerprints(stack), writes(stack)) == (hashes, versions, [])
    assert all(stack.authenticates(service) for service in versions_of(stack))
    kept = "".join(path.read_text() for path in (stack.folder / ".pulumi-recover").rglob("*") if path.is_file())
    assert not PLAINTEXT.search(kept + config_of(other))
    assert '"ciphertext"' in kept


def versions_of(stack: Stack) -> list[str]:
    """Return the services that have a secret."""
    return [name.split("/")[-2] for name in stack.secret_names()]


@pytest.fixture
def pair(stack: Stack) -> tuple[Stack, Neighbour]:
    """A stack with services of several kinds, and another with one."""
    (stack.folder / "team.yaml").write_text("filed: {limit: 1}\n")
    services = {"bound": {"limit": 1, "guardrails": ["cheap"]}, "free": {"limit": 1}, "same": {"limit": 1}}
    guardrails = {"cheap": {"limit": 10, "limitReset": "daily"}}
    stack.configure(services, guardrails=guardrails, servicesFrom=["team.yaml"])
    stack.up()
    other = neighbour_of(stack)
    other.configure({"there": {"limit": 1}})
    other.up()
    return stack, other


def failing_import(stack: Stack, name: str) -> str:
    """Return a PATH whose pulumi refuses to import the state of one stack."""
    folder = stack.folder.parent / "bin"
    folder.mkdir()
    wrapper = folder / "pulumi"
    real = shutil.which("pulumi", path=stack.environment["PATH"])
    refuse = f'case "$*" in "stack import --stack {name}"*) echo "error: no room" >&2; exit 1;; esac'
    wrapper.write_text(f'#!/bin/sh\n{refuse}\nexec {real} "$@"\n')
    wrapper.chmod(0o755)
    return f"{folder}{os.pathsep}{stack.environment['PATH']}"


@only_in_soak
def test_what_can_not_move_is_refused_and_nothing_is_touched(pair: tuple[Stack, Neighbour]) -> None:
    """Each refusal names its reason; a move that fails between the two states is taken back."""
    stack, other = pair
    before = [(each.export()["deployment"], config_of(each)) for each in pair]

    bound = move(stack, other, "bound", "nothing", check=False)
    assert "bound: it needs Guardrail cheap, which stays" in bound.output
    assert "nothing: the state has no such service" in bound.output
    assert "team.yaml: services.filed stands in a file" in move(stack, other, "filed", check=False).output
    assert "give another one with --to" in move(stack, stack, "free", check=False).output
    assert "name the services" in move(stack, other, check=False).output

    unfinished = Move(stack.name, other.name, ("free",))
    begin(stack.folder, unfinished)
    for each in pair:
        refused = each.pulumi("preview", check=False)
        assert f"a move of free from {stack.name} to {other.name} is unfinished" in refused.output
    assert "is unfinished" in move(stack, other, "same", check=False).output
    end(stack.folder, unfinished)

    words = ("openrouter-keys", "move", "free", "--stack", stack.name, "--to", other.name, "--yes")
    failed = stack.run(*words, check=False, PATH=failing_import(stack, stack.name))
    assert failed.code == 1
    assert "no room; both stacks are as they were before the move" in failed.output
    assert [(_resources(each.export()["deployment"]), config_of(each)) for each in pair] == [
        (_resources(deployment), text) for deployment, text in before
    ]
    assert not list((stack.folder / ".pulumi-recover" / "moving").glob("*.json"))


def _resources(deployment: dict[str, object]) -> object:
    """Return a checkpoint's resources, without what is encrypted anew with each import."""
    return json.loads(json.dumps(deployment["resources"]), object_hook=lambda each: {**each, "ciphertext": ""})


@only_in_soak
def test_split_moves_the_newest_and_makes_the_stacks(stack: Stack) -> None:
    """The plan alone changes nothing; done, each stack has its services, and every preview is empty."""
    stack.configure({name: {"limit": 1} for name in ("a", "b")}, defaults={"limitReset": "daily"})
    stack.up()
    stack.configure({name: {"limit": 1} for name in ("a", "b", "c", "d")}, defaults={"limitReset": "daily"})
    stack.up()
    hashes, versions = key_hashes(stack), fingerprints(stack)
    stack.control.clear_calls()
    words = ("openrouter-keys", "split", "--stack", stack.name, "--size", "2")
    planned = stack.run(*words, check=False)
    assert f"{stack.name}-2 (a new stack): 2 more: c, d" in planned.output
    assert not Path(stack.folder / f"Pulumi.{stack.name}-2.yaml").exists()
    assert planned.code == 1

    stack.run(*words, "--yes")
    other = neighbour_of(stack, initialised=False)
    other.name = f"{stack.name}-2"
    assert yaml.safe_load(config_of(other))["config"]["openrouter-keys:defaults"] == {"limitReset": "daily"}
    for each in (stack, other):
        each.pulumi(*PREVIEW)
    assert [sorted(each.services()) for each in (stack, other)] == [["a", "b"], ["c", "d"]]
    assert (key_hashes(stack), fingerprints(stack), writes(stack)) == (hashes, versions, [])
    assert "2 services stay" in stack.run(*words).output
